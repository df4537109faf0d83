// Moves of AVX and AVX2.

using static Anneal.Assembler.VectorLength;

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    // ---- Whole registers ----

    public void Vmovaps(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, M0F | 0x28, dst, src); // VEX.0F 28 /r
    public void Vmovaps(VectorLength length, Mem dst, Xmm src) => AvxStore(length, M0F | 0x29, dst, src); // VEX.0F 29 /r
    public void Vmovapd(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, P66 | M0F | 0x28, dst, src); // VEX.66.0F 28 /r
    public void Vmovapd(VectorLength length, Mem dst, Xmm src) => AvxStore(length, P66 | M0F | 0x29, dst, src); // VEX.66.0F 29 /r
    public void Vmovups(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, M0F | 0x10, dst, src); // VEX.0F 10 /r
    public void Vmovups(VectorLength length, Mem dst, Xmm src) => AvxStore(length, M0F | 0x11, dst, src); // VEX.0F 11 /r
    public void Vmovupd(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, P66 | M0F | 0x10, dst, src); // VEX.66.0F 10 /r
    public void Vmovupd(VectorLength length, Mem dst, Xmm src) => AvxStore(length, P66 | M0F | 0x11, dst, src); // VEX.66.0F 11 /r
    public void Vmovdqa(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, P66 | M0F | 0x6F, dst, src); // VEX.66.0F 6F /r
    public void Vmovdqa(VectorLength length, Mem dst, Xmm src) => AvxStore(length, P66 | M0F | 0x7F, dst, src); // VEX.66.0F 7F /r
    public void Vmovdqu(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, PF3 | M0F | 0x6F, dst, src); // VEX.F3.0F 6F /r
    public void Vmovdqu(VectorLength length, Mem dst, Xmm src) => AvxStore(length, PF3 | M0F | 0x7F, dst, src); // VEX.F3.0F 7F /r

    // ---- Scalars ----

    public void Vmovss(Xmm dst, Xmm upper, Xmm low) => Avx3(V128, PF3 | M0F | 0x10, dst, upper, low); // VEX.LIG.F3.0F 10 /r
    public void Vmovss(Xmm dst, Mem src) => Avx2(V128, PF3 | M0F | 0x10, dst, src); // VEX.LIG.F3.0F 10 /r
    public void Vmovss(Mem dst, Xmm src) => AvxStore(V128, PF3 | M0F | 0x11, dst, src); // VEX.LIG.F3.0F 11 /r
    public void Vmovsd(Xmm dst, Xmm upper, Xmm low) => Avx3(V128, PF2 | M0F | 0x10, dst, upper, low); // VEX.LIG.F2.0F 10 /r
    public void Vmovsd(Xmm dst, Mem src) => Avx2(V128, PF2 | M0F | 0x10, dst, src); // VEX.LIG.F2.0F 10 /r
    public void Vmovsd(Mem dst, Xmm src) => AvxStore(V128, PF2 | M0F | 0x11, dst, src); // VEX.LIG.F2.0F 11 /r
    public void Vmovd(Xmm dst, RegMem src) => EmitVex(V128, P66 | M0F | 0x6E, (uint)dst, 0, src.Packed); // VEX.128.66.0F.W0 6E /r
    public void Vmovd(RegMem dst, Xmm src) => EmitVex(V128, P66 | M0F | 0x7E, (uint)src, 0, dst.Packed); // VEX.128.66.0F.W0 7E /r
    public void Vmovq(Xmm dst, Gpr src) => // VEX.128.66.0F.W1 6E /r
        EmitVex(V128, P66 | M0F | W1 | 0x6E, (uint)dst, 0, Operand.OfRegister((uint)src));
    public void Vmovq(Gpr dst, Xmm src) => // VEX.128.66.0F.W1 7E /r
        EmitVex(V128, P66 | M0F | W1 | 0x7E, (uint)src, 0, Operand.OfRegister((uint)dst));
    public void Vmovq(Xmm dst, XmmMem src) => Avx2(V128, PF3 | M0F | 0x7E, dst, src); // VEX.128.F3.0F 7E /r
    public void Vmovq(Mem dst, Xmm src) => AvxStore(V128, P66 | M0F | 0xD6, dst, src); // VEX.128.66.0F D6 /r

    // ---- Halves ----

    public void Vmovlps(Xmm dst, Xmm a, Mem src) => Avx3(V128, M0F | 0x12, dst, a, src); // VEX.128.0F 12 /r
    public void Vmovlps(Mem dst, Xmm src) => AvxStore(V128, M0F | 0x13, dst, src); // VEX.128.0F 13 /r
    public void Vmovlpd(Xmm dst, Xmm a, Mem src) => Avx3(V128, P66 | M0F | 0x12, dst, a, src); // VEX.128.66.0F 12 /r
    public void Vmovlpd(Mem dst, Xmm src) => AvxStore(V128, P66 | M0F | 0x13, dst, src); // VEX.128.66.0F 13 /r
    public void Vmovhps(Xmm dst, Xmm a, Mem src) => Avx3(V128, M0F | 0x16, dst, a, src); // VEX.128.0F 16 /r
    public void Vmovhps(Mem dst, Xmm src) => AvxStore(V128, M0F | 0x17, dst, src); // VEX.128.0F 17 /r
    public void Vmovhpd(Xmm dst, Xmm a, Mem src) => Avx3(V128, P66 | M0F | 0x16, dst, a, src); // VEX.128.66.0F 16 /r
    public void Vmovhpd(Mem dst, Xmm src) => AvxStore(V128, P66 | M0F | 0x17, dst, src); // VEX.128.66.0F 17 /r
    public void Vmovhlps(Xmm dst, Xmm a, Xmm b) => Avx3(V128, M0F | 0x12, dst, a, b); // VEX.128.0F 12 /r
    public void Vmovlhps(Xmm dst, Xmm a, Xmm b) => Avx3(V128, M0F | 0x16, dst, a, b); // VEX.128.0F 16 /r
    public void Vmovddup(Xmm dst, XmmMem src) => Avx2(V128, PF2 | M0F | 0x12, dst, src); // VEX.128.F2.0F 12 /r

    // ---- Masks and elements ----

    public void Vmovmskps(VectorLength length, Gpr dst, Xmm src) => // VEX.0F 50 /r
        EmitVex(length, M0F | 0x50, (uint)dst, 0, Operand.OfRegister((uint)src));
    public void Vmovmskpd(VectorLength length, Gpr dst, Xmm src) => // VEX.66.0F 50 /r
        EmitVex(length, P66 | M0F | 0x50, (uint)dst, 0, Operand.OfRegister((uint)src));
    public void Vpmovmskb(VectorLength length, Gpr dst, Xmm src) => // VEX.66.0F D7 /r
        EmitVex(length, P66 | M0F | 0xD7, (uint)dst, 0, Operand.OfRegister((uint)src));
    public void Vpinsrb(Xmm dst, Xmm a, RegMem src, byte index) => // VEX.128.66.0F3A.W0 20 /r ib
        EmitVexImm8(V128, P66 | M3A | 0x20, (uint)dst, (uint)a, src.Packed, index);
    public void Vpinsrw(Xmm dst, Xmm a, RegMem src, byte index) => // VEX.128.66.0F.W0 C4 /r ib
        EmitVexImm8(V128, P66 | M0F | 0xC4, (uint)dst, (uint)a, src.Packed, index);
    public void Vpinsrd(Xmm dst, Xmm a, RegMem src, byte index) => // VEX.128.66.0F3A.W0 22 /r ib
        EmitVexImm8(V128, P66 | M3A | 0x22, (uint)dst, (uint)a, src.Packed, index);
    public void Vpinsrq(Xmm dst, Xmm a, RegMem src, byte index) => // VEX.128.66.0F3A.W1 22 /r ib
        EmitVexImm8(V128, P66 | M3A | W1 | 0x22, (uint)dst, (uint)a, src.Packed, index);
    public void Vpextrb(RegMem dst, Xmm src, byte index) => // VEX.128.66.0F3A.W0 14 /r ib
        EmitVexImm8(V128, P66 | M3A | 0x14, (uint)src, 0, dst.Packed, index);
    public void Vpextrd(RegMem dst, Xmm src, byte index) => // VEX.128.66.0F3A.W0 16 /r ib
        EmitVexImm8(V128, P66 | M3A | 0x16, (uint)src, 0, dst.Packed, index);
    public void Vpextrq(RegMem dst, Xmm src, byte index) => // VEX.128.66.0F3A.W1 16 /r ib
        EmitVexImm8(V128, P66 | M3A | W1 | 0x16, (uint)src, 0, dst.Packed, index);
    public void Vextractps(RegMem dst, Xmm src, byte index) => // VEX.128.66.0F3A.W0 17 /r ib
        EmitVexImm8(V128, P66 | M3A | 0x17, (uint)src, 0, dst.Packed, index);
    public void Vpextrw(Gpr dst, Xmm src, byte index) => // VEX.128.66.0F.W0 C5 /r ib
        EmitVexImm8(V128, P66 | M0F | 0xC5, (uint)dst, 0, Operand.OfRegister((uint)src), index);
    public void Vpextrw(Mem dst, Xmm src, byte index) => // VEX.128.66.0F3A.W0 15 /r ib
        EmitVexImm8(V128, P66 | M3A | 0x15, (uint)src, 0, dst.Packed, index);

    // ---- Broadcasts (from a register: AVX2) and 128-bit lanes ----

    public void Vbroadcastss(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38.W0 18 /r
        Avx2(length, P66 | M38 | 0x18, dst, src);
    public void Vpbroadcastb(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38.W0 78 /r
        Avx2(length, P66 | M38 | 0x78, dst, src);
    public void Vpbroadcastw(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38.W0 79 /r
        Avx2(length, P66 | M38 | 0x79, dst, src);
    public void Vpbroadcastd(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38.W0 58 /r
        Avx2(length, P66 | M38 | 0x58, dst, src);
    public void Vpbroadcastq(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38.W0 59 /r
        Avx2(length, P66 | M38 | 0x59, dst, src);
    public void Vbroadcastsd(Xmm dst, XmmMem src) => Avx2(V256, P66 | M38 | 0x19, dst, src); // VEX.256.66.0F38.W0 19 /r
    public void Vinsertf128(Xmm dst, Xmm a, XmmMem b, byte lane) => // VEX.256.66.0F3A.W0 18 /r ib
        Avx3Imm8(V256, P66 | M3A | 0x18, dst, a, b, lane);
    public void Vinserti128(Xmm dst, Xmm a, XmmMem b, byte lane) => // VEX.256.66.0F3A.W0 38 /r ib
        Avx3Imm8(V256, P66 | M3A | 0x38, dst, a, b, lane);
    public void Vextractf128(XmmMem dst, Xmm src, byte lane) => // VEX.256.66.0F3A.W0 19 /r ib
        EmitVexImm8(V256, P66 | M3A | 0x19, (uint)src, 0, dst.Packed, lane);
    public void Vextracti128(XmmMem dst, Xmm src, byte lane) => // VEX.256.66.0F3A.W0 39 /r ib
        EmitVexImm8(V256, P66 | M3A | 0x39, (uint)src, 0, dst.Packed, lane);
    public void Vperm2f128(Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.256.66.0F3A.W0 06 /r ib
        Avx3Imm8(V256, P66 | M3A | 0x06, dst, a, b, imm);
    public void Vperm2i128(Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.256.66.0F3A.W0 46 /r ib
        Avx3Imm8(V256, P66 | M3A | 0x46, dst, a, b, imm);
    public void Vpermq(Xmm dst, XmmMem src, byte imm) => // VEX.256.66.0F3A.W1 00 /r ib
        Avx2Imm8(V256, P66 | M3A | W1 | 0x00, dst, src, imm);
    public void Vpermpd(Xmm dst, XmmMem src, byte imm) => // VEX.256.66.0F3A.W1 01 /r ib
        Avx2Imm8(V256, P66 | M3A | W1 | 0x01, dst, src, imm);
    public void Vzeroupper() => EmitFixed(0x77F8C5, 3); // VEX.128.0F 77
}
