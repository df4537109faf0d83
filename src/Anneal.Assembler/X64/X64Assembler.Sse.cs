// Floating point of SSE to SSE4.1, scalar and packed: arithmetic, comparison, rounding, logic, conversions. The manual's
// comparison predicates and rounding modes are the immediates.

using System.Runtime.CompilerServices;

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    public void Addss(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x58, dst, src); // F3 0F 58 /r
    public void Mulss(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x59, dst, src); // F3 0F 59 /r
    public void Subss(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x5C, dst, src); // F3 0F 5C /r
    public void Minss(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x5D, dst, src); // F3 0F 5D /r
    public void Divss(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x5E, dst, src); // F3 0F 5E /r
    public void Maxss(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x5F, dst, src); // F3 0F 5F /r
    public void Sqrtss(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x51, dst, src); // F3 0F 51 /r
    public void Cmpss(Xmm dst, XmmMem src, byte imm) => SseImm8(PF3 | M0F | 0xC2, dst, src, imm); // F3 0F C2 /r ib

    public void Addsd(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x58, dst, src); // F2 0F 58 /r
    public void Mulsd(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x59, dst, src); // F2 0F 59 /r
    public void Subsd(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x5C, dst, src); // F2 0F 5C /r
    public void Minsd(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x5D, dst, src); // F2 0F 5D /r
    public void Divsd(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x5E, dst, src); // F2 0F 5E /r
    public void Maxsd(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x5F, dst, src); // F2 0F 5F /r
    public void Sqrtsd(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x51, dst, src); // F2 0F 51 /r
    public void Cmpsd(Xmm dst, XmmMem src, byte imm) => SseImm8(PF2 | M0F | 0xC2, dst, src, imm); // F2 0F C2 /r ib

    public void Addps(Xmm dst, XmmMem src) => Sse(M0F | 0x58, dst, src); // 0F 58 /r
    public void Mulps(Xmm dst, XmmMem src) => Sse(M0F | 0x59, dst, src); // 0F 59 /r
    public void Subps(Xmm dst, XmmMem src) => Sse(M0F | 0x5C, dst, src); // 0F 5C /r
    public void Minps(Xmm dst, XmmMem src) => Sse(M0F | 0x5D, dst, src); // 0F 5D /r
    public void Divps(Xmm dst, XmmMem src) => Sse(M0F | 0x5E, dst, src); // 0F 5E /r
    public void Maxps(Xmm dst, XmmMem src) => Sse(M0F | 0x5F, dst, src); // 0F 5F /r
    public void Sqrtps(Xmm dst, XmmMem src) => Sse(M0F | 0x51, dst, src); // 0F 51 /r
    public void Cmpps(Xmm dst, XmmMem src, byte imm) => SseImm8(M0F | 0xC2, dst, src, imm); // 0F C2 /r ib

    public void Addpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x58, dst, src); // 66 0F 58 /r
    public void Mulpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x59, dst, src); // 66 0F 59 /r
    public void Subpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x5C, dst, src); // 66 0F 5C /r
    public void Minpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x5D, dst, src); // 66 0F 5D /r
    public void Divpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x5E, dst, src); // 66 0F 5E /r
    public void Maxpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x5F, dst, src); // 66 0F 5F /r
    public void Sqrtpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x51, dst, src); // 66 0F 51 /r
    public void Cmppd(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M0F | 0xC2, dst, src, imm); // 66 0F C2 /r ib

    public void Roundss(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M3A | 0x0A, dst, src, imm); // 66 0F 3A 0A /r ib
    public void Roundsd(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M3A | 0x0B, dst, src, imm); // 66 0F 3A 0B /r ib
    public void Roundps(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M3A | 0x08, dst, src, imm); // 66 0F 3A 08 /r ib
    public void Roundpd(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M3A | 0x09, dst, src, imm); // 66 0F 3A 09 /r ib
    public void Ucomiss(Xmm dst, XmmMem src) => Sse(M0F | 0x2E, dst, src); // 0F 2E /r
    public void Comiss(Xmm dst, XmmMem src) => Sse(M0F | 0x2F, dst, src); // 0F 2F /r
    public void Ucomisd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x2E, dst, src); // 66 0F 2E /r
    public void Comisd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x2F, dst, src); // 66 0F 2F /r

    // ---- Logic and shuffles of floats ----

    public void Andps(Xmm dst, XmmMem src) => Sse(M0F | 0x54, dst, src); // 0F 54 /r
    public void Andnps(Xmm dst, XmmMem src) => Sse(M0F | 0x55, dst, src); // 0F 55 /r
    public void Orps(Xmm dst, XmmMem src) => Sse(M0F | 0x56, dst, src); // 0F 56 /r
    public void Xorps(Xmm dst, XmmMem src) => Sse(M0F | 0x57, dst, src); // 0F 57 /r
    public void Unpcklps(Xmm dst, XmmMem src) => Sse(M0F | 0x14, dst, src); // 0F 14 /r
    public void Unpckhps(Xmm dst, XmmMem src) => Sse(M0F | 0x15, dst, src); // 0F 15 /r
    public void Shufps(Xmm dst, XmmMem src, byte imm) => SseImm8(M0F | 0xC6, dst, src, imm); // 0F C6 /r ib
    public void Blendps(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M3A | 0x0C, dst, src, imm); // 66 0F 3A 0C /r ib
    public void Blendvps(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x14, dst, src); // 66 0F 38 14 /r, mask in xmm0
    public void Andpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x54, dst, src); // 66 0F 54 /r
    public void Andnpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x55, dst, src); // 66 0F 55 /r
    public void Orpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x56, dst, src); // 66 0F 56 /r
    public void Xorpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x57, dst, src); // 66 0F 57 /r
    public void Unpcklpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x14, dst, src); // 66 0F 14 /r
    public void Unpckhpd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x15, dst, src); // 66 0F 15 /r
    public void Shufpd(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M0F | 0xC6, dst, src, imm); // 66 0F C6 /r ib
    public void Blendpd(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M3A | 0x0D, dst, src, imm); // 66 0F 3A 0D /r ib
    public void Blendvpd(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x15, dst, src); // 66 0F 38 15 /r, mask in xmm0
    public void Insertps(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M3A | 0x21, dst, src, imm); // 66 0F 3A 21 /r ib

    // ---- Conversions ----

    public void Cvtss2sd(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x5A, dst, src); // F3 0F 5A /r
    public void Cvtsd2ss(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x5A, dst, src); // F2 0F 5A /r
    public void Cvtps2pd(Xmm dst, XmmMem src) => Sse(M0F | 0x5A, dst, src); // 0F 5A /r
    public void Cvtpd2ps(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x5A, dst, src); // 66 0F 5A /r
    public void Cvtdq2ps(Xmm dst, XmmMem src) => Sse(M0F | 0x5B, dst, src); // 0F 5B /r
    public void Cvtps2dq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x5B, dst, src); // 66 0F 5B /r
    public void Cvttps2dq(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x5B, dst, src); // F3 0F 5B /r
    public void Cvtdq2pd(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0xE6, dst, src); // F3 0F E6 /r
    public void Cvtpd2dq(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0xE6, dst, src); // F2 0F E6 /r
    public void Cvttpd2dq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xE6, dst, src); // 66 0F E6 /r
    public void Cvtsi2ss(Size from, Xmm dst, RegMem src) => // F3 [REX.W] 0F 2A /r
        SseWide(from, PF3 | M0F | 0x2A, (uint)dst, src.Packed);
    public void Cvttss2si(Size to, Gpr dst, XmmMem src) => // F3 [REX.W] 0F 2C /r
        SseWide(to, PF3 | M0F | 0x2C, (uint)dst, src.Packed);
    public void Cvtss2si(Size to, Gpr dst, XmmMem src) => // F3 [REX.W] 0F 2D /r
        SseWide(to, PF3 | M0F | 0x2D, (uint)dst, src.Packed);
    public void Cvtsi2sd(Size from, Xmm dst, RegMem src) => // F2 [REX.W] 0F 2A /r
        SseWide(from, PF2 | M0F | 0x2A, (uint)dst, src.Packed);
    public void Cvttsd2si(Size to, Gpr dst, XmmMem src) => // F2 [REX.W] 0F 2C /r
        SseWide(to, PF2 | M0F | 0x2C, (uint)dst, src.Packed);
    public void Cvtsd2si(Size to, Gpr dst, XmmMem src) => // F2 [REX.W] 0F 2D /r
        SseWide(to, PF2 | M0F | 0x2D, (uint)dst, src.Packed);

    // ---- Shared shapes ----

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Sse(uint op, Xmm dst, XmmMem src) => EmitEscaped(Size.Dword, op, (uint)dst, src.Packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SseStore(uint op, Mem dst, Xmm src) => EmitEscaped(Size.Dword, op, (uint)src, dst.Packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SseImm8(uint op, Xmm dst, XmmMem src, byte imm) => EmitEscapedImm8(Size.Dword, op, (uint)dst, src.Packed, imm);

    private void SseShift(uint opcode, uint digit, Xmm dst, byte count) =>
        EmitEscapedImm8(Size.Dword, P66 | M0F | opcode, Digit | digit, Operand.OfRegister((uint)dst), count);

    private void SseWide(Size size, uint op, uint reg, ulong rm)
    {
        _ = WideOnly(size);
        EmitEscaped(size, op, reg, rm);
    }
}
