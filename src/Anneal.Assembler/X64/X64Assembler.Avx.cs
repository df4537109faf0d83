// Floating point of AVX: the VEX forms of .Sse.cs, with a separate destination and without the penalty that mixing has.

using System.Runtime.CompilerServices;
using static Anneal.Assembler.VectorLength;

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    public void Vaddss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF3 | M0F | 0x58, dst, a, b); // VEX.LIG.F3.0F 58 /r
    public void Vmulss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF3 | M0F | 0x59, dst, a, b); // VEX.LIG.F3.0F 59 /r
    public void Vsubss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF3 | M0F | 0x5C, dst, a, b); // VEX.LIG.F3.0F 5C /r
    public void Vminss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF3 | M0F | 0x5D, dst, a, b); // VEX.LIG.F3.0F 5D /r
    public void Vdivss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF3 | M0F | 0x5E, dst, a, b); // VEX.LIG.F3.0F 5E /r
    public void Vmaxss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF3 | M0F | 0x5F, dst, a, b); // VEX.LIG.F3.0F 5F /r
    public void Vsqrtss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF3 | M0F | 0x51, dst, a, b); // VEX.LIG.F3.0F 51 /r
    public void Vcmpss(Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.LIG.F3.0F C2 /r ib
        Avx3Imm8(V128, PF3 | M0F | 0xC2, dst, a, b, imm);

    public void Vaddsd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF2 | M0F | 0x58, dst, a, b); // VEX.LIG.F2.0F 58 /r
    public void Vmulsd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF2 | M0F | 0x59, dst, a, b); // VEX.LIG.F2.0F 59 /r
    public void Vsubsd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF2 | M0F | 0x5C, dst, a, b); // VEX.LIG.F2.0F 5C /r
    public void Vminsd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF2 | M0F | 0x5D, dst, a, b); // VEX.LIG.F2.0F 5D /r
    public void Vdivsd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF2 | M0F | 0x5E, dst, a, b); // VEX.LIG.F2.0F 5E /r
    public void Vmaxsd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF2 | M0F | 0x5F, dst, a, b); // VEX.LIG.F2.0F 5F /r
    public void Vsqrtsd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF2 | M0F | 0x51, dst, a, b); // VEX.LIG.F2.0F 51 /r
    public void Vcmpsd(Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.LIG.F2.0F C2 /r ib
        Avx3Imm8(V128, PF2 | M0F | 0xC2, dst, a, b, imm);

    public void Vaddps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x58, dst, a, b); // VEX.0F 58 /r
    public void Vmulps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x59, dst, a, b); // VEX.0F 59 /r
    public void Vsubps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x5C, dst, a, b); // VEX.0F 5C /r
    public void Vminps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x5D, dst, a, b); // VEX.0F 5D /r
    public void Vdivps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x5E, dst, a, b); // VEX.0F 5E /r
    public void Vmaxps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x5F, dst, a, b); // VEX.0F 5F /r
    public void Vsqrtps(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, M0F | 0x51, dst, src); // VEX.0F 51 /r
    public void Vcmpps(VectorLength length, Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.0F C2 /r ib
        Avx3Imm8(length, M0F | 0xC2, dst, a, b, imm);

    public void Vaddpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 58 /r
        Avx3(length, P66 | M0F | 0x58, dst, a, b);
    public void Vmulpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 59 /r
        Avx3(length, P66 | M0F | 0x59, dst, a, b);
    public void Vsubpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 5C /r
        Avx3(length, P66 | M0F | 0x5C, dst, a, b);
    public void Vminpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 5D /r
        Avx3(length, P66 | M0F | 0x5D, dst, a, b);
    public void Vdivpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 5E /r
        Avx3(length, P66 | M0F | 0x5E, dst, a, b);
    public void Vmaxpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 5F /r
        Avx3(length, P66 | M0F | 0x5F, dst, a, b);
    public void Vsqrtpd(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, P66 | M0F | 0x51, dst, src); // VEX.66.0F 51 /r
    public void Vcmppd(VectorLength length, Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.66.0F C2 /r ib
        Avx3Imm8(length, P66 | M0F | 0xC2, dst, a, b, imm);

    public void Vroundss(Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.LIG.66.0F3A 0A /r ib
        Avx3Imm8(V128, P66 | M3A | 0x0A, dst, a, b, imm);
    public void Vroundsd(Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.LIG.66.0F3A 0B /r ib
        Avx3Imm8(V128, P66 | M3A | 0x0B, dst, a, b, imm);
    public void Vroundps(VectorLength length, Xmm dst, XmmMem src, byte imm) => // VEX.66.0F3A 08 /r ib
        Avx2Imm8(length, P66 | M3A | 0x08, dst, src, imm);
    public void Vroundpd(VectorLength length, Xmm dst, XmmMem src, byte imm) => // VEX.66.0F3A 09 /r ib
        Avx2Imm8(length, P66 | M3A | 0x09, dst, src, imm);
    public void Vucomiss(Xmm dst, XmmMem src) => Avx2(V128, M0F | 0x2E, dst, src); // VEX.LIG.0F 2E /r
    public void Vcomiss(Xmm dst, XmmMem src) => Avx2(V128, M0F | 0x2F, dst, src); // VEX.LIG.0F 2F /r
    public void Vucomisd(Xmm dst, XmmMem src) => Avx2(V128, P66 | M0F | 0x2E, dst, src); // VEX.LIG.66.0F 2E /r
    public void Vcomisd(Xmm dst, XmmMem src) => Avx2(V128, P66 | M0F | 0x2F, dst, src); // VEX.LIG.66.0F 2F /r

    // ---- Logic and shuffles of floats ----

    public void Vandps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x54, dst, a, b); // VEX.0F 54 /r
    public void Vandnps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x55, dst, a, b); // VEX.0F 55 /r
    public void Vorps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x56, dst, a, b); // VEX.0F 56 /r
    public void Vxorps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x57, dst, a, b); // VEX.0F 57 /r
    public void Vunpcklps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x14, dst, a, b); // VEX.0F 14 /r
    public void Vunpckhps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => Avx3(length, M0F | 0x15, dst, a, b); // VEX.0F 15 /r
    public void Vshufps(VectorLength length, Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.0F C6 /r ib
        Avx3Imm8(length, M0F | 0xC6, dst, a, b, imm);
    public void Vblendps(VectorLength length, Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.66.0F3A 0C /r ib
        Avx3Imm8(length, P66 | M3A | 0x0C, dst, a, b, imm);
    public void Vblendvps(VectorLength length, Xmm dst, Xmm a, XmmMem b, Xmm mask) => // VEX.66.0F3A.W0 4A /r is4
        Avx4(length, P66 | M3A | 0x4A, dst, a, b, mask);
    public void Vandpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 54 /r
        Avx3(length, P66 | M0F | 0x54, dst, a, b);
    public void Vandnpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 55 /r
        Avx3(length, P66 | M0F | 0x55, dst, a, b);
    public void Vorpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 56 /r
        Avx3(length, P66 | M0F | 0x56, dst, a, b);
    public void Vxorpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 57 /r
        Avx3(length, P66 | M0F | 0x57, dst, a, b);
    public void Vunpcklpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 14 /r
        Avx3(length, P66 | M0F | 0x14, dst, a, b);
    public void Vunpckhpd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 15 /r
        Avx3(length, P66 | M0F | 0x15, dst, a, b);
    public void Vshufpd(VectorLength length, Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.66.0F C6 /r ib
        Avx3Imm8(length, P66 | M0F | 0xC6, dst, a, b, imm);
    public void Vblendpd(VectorLength length, Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.66.0F3A 0D /r ib
        Avx3Imm8(length, P66 | M3A | 0x0D, dst, a, b, imm);
    public void Vblendvpd(VectorLength length, Xmm dst, Xmm a, XmmMem b, Xmm mask) => // VEX.66.0F3A.W0 4B /r is4
        Avx4(length, P66 | M3A | 0x4B, dst, a, b, mask);
    public void Vinsertps(Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.LIG.66.0F3A 21 /r ib
        Avx3Imm8(V128, P66 | M3A | 0x21, dst, a, b, imm);

    // ---- Conversions ----

    public void Vcvtss2sd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF3 | M0F | 0x5A, dst, a, b); // VEX.LIG.F3.0F 5A /r
    public void Vcvtsd2ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, PF2 | M0F | 0x5A, dst, a, b); // VEX.LIG.F2.0F 5A /r
    public void Vcvtps2pd(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, M0F | 0x5A, dst, src); // VEX.0F 5A /r
    public void Vcvtpd2ps(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F 5A /r
        Avx2(length, P66 | M0F | 0x5A, dst, src);
    public void Vcvtdq2ps(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, M0F | 0x5B, dst, src); // VEX.0F 5B /r
    public void Vcvtps2dq(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F 5B /r
        Avx2(length, P66 | M0F | 0x5B, dst, src);
    public void Vcvttps2dq(VectorLength length, Xmm dst, XmmMem src) => // VEX.F3.0F 5B /r
        Avx2(length, PF3 | M0F | 0x5B, dst, src);
    public void Vcvtdq2pd(VectorLength length, Xmm dst, XmmMem src) => // VEX.F3.0F E6 /r
        Avx2(length, PF3 | M0F | 0xE6, dst, src);
    public void Vcvtpd2dq(VectorLength length, Xmm dst, XmmMem src) => // VEX.F2.0F E6 /r
        Avx2(length, PF2 | M0F | 0xE6, dst, src);
    public void Vcvttpd2dq(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F E6 /r
        Avx2(length, P66 | M0F | 0xE6, dst, src);
    public void Vcvtsi2ss(Size from, Xmm dst, Xmm a, RegMem src) => // VEX.LIG.F3.0F.W 2A /r
        EmitVex(V128, PF3 | M0F | 0x2A | WideOnly(from), (uint)dst, (uint)a, src.Packed);
    public void Vcvttss2si(Size to, Gpr dst, XmmMem src) => // VEX.LIG.F3.0F.W 2C /r
        EmitVex(V128, PF3 | M0F | 0x2C | WideOnly(to), (uint)dst, 0, src.Packed);
    public void Vcvtss2si(Size to, Gpr dst, XmmMem src) => // VEX.LIG.F3.0F.W 2D /r
        EmitVex(V128, PF3 | M0F | 0x2D | WideOnly(to), (uint)dst, 0, src.Packed);
    public void Vcvtsi2sd(Size from, Xmm dst, Xmm a, RegMem src) => // VEX.LIG.F2.0F.W 2A /r
        EmitVex(V128, PF2 | M0F | 0x2A | WideOnly(from), (uint)dst, (uint)a, src.Packed);
    public void Vcvttsd2si(Size to, Gpr dst, XmmMem src) => // VEX.LIG.F2.0F.W 2C /r
        EmitVex(V128, PF2 | M0F | 0x2C | WideOnly(to), (uint)dst, 0, src.Packed);
    public void Vcvtsd2si(Size to, Gpr dst, XmmMem src) => // VEX.LIG.F2.0F.W 2D /r
        EmitVex(V128, PF2 | M0F | 0x2D | WideOnly(to), (uint)dst, 0, src.Packed);

    // ---- Shared shapes ----

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Avx2(VectorLength length, uint op, Xmm dst, XmmMem src) => EmitVex(length, op, (uint)dst, 0, src.Packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Avx2Imm8(VectorLength length, uint op, Xmm dst, XmmMem src, byte imm) =>
        EmitVexImm8(length, op, (uint)dst, 0, src.Packed, imm);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Avx3(VectorLength length, uint op, Xmm dst, Xmm a, XmmMem b) =>
        EmitVex(length, op, (uint)dst, (uint)a, b.Packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Avx3Imm8(VectorLength length, uint op, Xmm dst, Xmm a, XmmMem b, byte imm) =>
        EmitVexImm8(length, op, (uint)dst, (uint)a, b.Packed, imm);

    /// <summary>The fourth register is the upper half of an immediate.</summary>
    private void Avx4(VectorLength length, uint op, Xmm dst, Xmm a, XmmMem b, Xmm c) =>
        EmitVexImm8(length, op, (uint)dst, (uint)a, b.Packed, (byte)((uint)c << 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AvxStore(VectorLength length, uint op, Mem dst, Xmm src) => EmitVex(length, op, (uint)src, 0, dst.Packed);

    private void AvxShift(VectorLength length, uint opcode, uint digit, Xmm dst, Xmm src, byte count) =>
        EmitVexImm8(length, P66 | M0F | opcode, Digit | digit, (uint)dst, Operand.OfRegister((uint)src), count);
}
