// Packed integers of AVX (128 bits) and AVX2 (256 bits).

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    // ---- Add and subtract ----

    public void Vpaddb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F FC /r
        Avx3(length, P66 | M0F | 0xFC, dst, a, b);
    public void Vpaddw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F FD /r
        Avx3(length, P66 | M0F | 0xFD, dst, a, b);
    public void Vpaddd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F FE /r
        Avx3(length, P66 | M0F | 0xFE, dst, a, b);
    public void Vpaddq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F D4 /r
        Avx3(length, P66 | M0F | 0xD4, dst, a, b);
    public void Vpsubb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F F8 /r
        Avx3(length, P66 | M0F | 0xF8, dst, a, b);
    public void Vpsubw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F F9 /r
        Avx3(length, P66 | M0F | 0xF9, dst, a, b);
    public void Vpsubd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F FA /r
        Avx3(length, P66 | M0F | 0xFA, dst, a, b);
    public void Vpsubq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F FB /r
        Avx3(length, P66 | M0F | 0xFB, dst, a, b);
    public void Vpaddsb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F EC /r
        Avx3(length, P66 | M0F | 0xEC, dst, a, b);
    public void Vpaddsw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F ED /r
        Avx3(length, P66 | M0F | 0xED, dst, a, b);
    public void Vpaddusb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F DC /r
        Avx3(length, P66 | M0F | 0xDC, dst, a, b);
    public void Vpaddusw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F DD /r
        Avx3(length, P66 | M0F | 0xDD, dst, a, b);
    public void Vpsubsb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F E8 /r
        Avx3(length, P66 | M0F | 0xE8, dst, a, b);
    public void Vpsubsw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F E9 /r
        Avx3(length, P66 | M0F | 0xE9, dst, a, b);
    public void Vpsubusb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F D8 /r
        Avx3(length, P66 | M0F | 0xD8, dst, a, b);
    public void Vpsubusw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F D9 /r
        Avx3(length, P66 | M0F | 0xD9, dst, a, b);

    // ---- Multiply and average ----

    public void Vpmullw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F D5 /r
        Avx3(length, P66 | M0F | 0xD5, dst, a, b);
    public void Vpmulhw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F E5 /r
        Avx3(length, P66 | M0F | 0xE5, dst, a, b);
    public void Vpmulhuw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F E4 /r
        Avx3(length, P66 | M0F | 0xE4, dst, a, b);
    public void Vpmuludq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F F4 /r
        Avx3(length, P66 | M0F | 0xF4, dst, a, b);
    public void Vpmaddwd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F F5 /r
        Avx3(length, P66 | M0F | 0xF5, dst, a, b);
    public void Vpavgb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F E0 /r
        Avx3(length, P66 | M0F | 0xE0, dst, a, b);
    public void Vpavgw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F E3 /r
        Avx3(length, P66 | M0F | 0xE3, dst, a, b);
    public void Vpsadbw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F F6 /r
        Avx3(length, P66 | M0F | 0xF6, dst, a, b);
    public void Vpmulld(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 40 /r
        Avx3(length, P66 | M38 | 0x40, dst, a, b);
    public void Vpmuldq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 28 /r
        Avx3(length, P66 | M38 | 0x28, dst, a, b);
    public void Vpmaddubsw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 04 /r
        Avx3(length, P66 | M38 | 0x04, dst, a, b);
    public void Vpmulhrsw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 0B /r
        Avx3(length, P66 | M38 | 0x0B, dst, a, b);
    public void Vphaddw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 01 /r
        Avx3(length, P66 | M38 | 0x01, dst, a, b);
    public void Vphaddd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 02 /r
        Avx3(length, P66 | M38 | 0x02, dst, a, b);

    // ---- Minimum and maximum ----

    public void Vpminub(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F DA /r
        Avx3(length, P66 | M0F | 0xDA, dst, a, b);
    public void Vpmaxub(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F DE /r
        Avx3(length, P66 | M0F | 0xDE, dst, a, b);
    public void Vpminsw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F EA /r
        Avx3(length, P66 | M0F | 0xEA, dst, a, b);
    public void Vpmaxsw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F EE /r
        Avx3(length, P66 | M0F | 0xEE, dst, a, b);
    public void Vpminsb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 38 /r
        Avx3(length, P66 | M38 | 0x38, dst, a, b);
    public void Vpminsd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 39 /r
        Avx3(length, P66 | M38 | 0x39, dst, a, b);
    public void Vpminuw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 3A /r
        Avx3(length, P66 | M38 | 0x3A, dst, a, b);
    public void Vpminud(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 3B /r
        Avx3(length, P66 | M38 | 0x3B, dst, a, b);
    public void Vpmaxsb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 3C /r
        Avx3(length, P66 | M38 | 0x3C, dst, a, b);
    public void Vpmaxsd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 3D /r
        Avx3(length, P66 | M38 | 0x3D, dst, a, b);
    public void Vpmaxuw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 3E /r
        Avx3(length, P66 | M38 | 0x3E, dst, a, b);
    public void Vpmaxud(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 3F /r
        Avx3(length, P66 | M38 | 0x3F, dst, a, b);

    // ---- Compare ----

    public void Vpcmpeqb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 74 /r
        Avx3(length, P66 | M0F | 0x74, dst, a, b);
    public void Vpcmpeqw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 75 /r
        Avx3(length, P66 | M0F | 0x75, dst, a, b);
    public void Vpcmpeqd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 76 /r
        Avx3(length, P66 | M0F | 0x76, dst, a, b);
    public void Vpcmpgtb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 64 /r
        Avx3(length, P66 | M0F | 0x64, dst, a, b);
    public void Vpcmpgtw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 65 /r
        Avx3(length, P66 | M0F | 0x65, dst, a, b);
    public void Vpcmpgtd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 66 /r
        Avx3(length, P66 | M0F | 0x66, dst, a, b);
    public void Vpcmpeqq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 29 /r
        Avx3(length, P66 | M38 | 0x29, dst, a, b);
    public void Vpcmpgtq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 37 /r
        Avx3(length, P66 | M38 | 0x37, dst, a, b);

    // ---- Logic ----

    public void Vpand(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F DB /r
        Avx3(length, P66 | M0F | 0xDB, dst, a, b);
    public void Vpandn(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F DF /r
        Avx3(length, P66 | M0F | 0xDF, dst, a, b);
    public void Vpor(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F EB /r
        Avx3(length, P66 | M0F | 0xEB, dst, a, b);
    public void Vpxor(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F EF /r
        Avx3(length, P66 | M0F | 0xEF, dst, a, b);

    // ---- Pack, unpack, shuffle ----

    public void Vpacksswb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 63 /r
        Avx3(length, P66 | M0F | 0x63, dst, a, b);
    public void Vpackssdw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 6B /r
        Avx3(length, P66 | M0F | 0x6B, dst, a, b);
    public void Vpackuswb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 67 /r
        Avx3(length, P66 | M0F | 0x67, dst, a, b);
    public void Vpunpcklbw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 60 /r
        Avx3(length, P66 | M0F | 0x60, dst, a, b);
    public void Vpunpcklwd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 61 /r
        Avx3(length, P66 | M0F | 0x61, dst, a, b);
    public void Vpunpckldq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 62 /r
        Avx3(length, P66 | M0F | 0x62, dst, a, b);
    public void Vpunpcklqdq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 6C /r
        Avx3(length, P66 | M0F | 0x6C, dst, a, b);
    public void Vpunpckhbw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 68 /r
        Avx3(length, P66 | M0F | 0x68, dst, a, b);
    public void Vpunpckhwd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 69 /r
        Avx3(length, P66 | M0F | 0x69, dst, a, b);
    public void Vpunpckhdq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 6A /r
        Avx3(length, P66 | M0F | 0x6A, dst, a, b);
    public void Vpunpckhqdq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F 6D /r
        Avx3(length, P66 | M0F | 0x6D, dst, a, b);
    public void Vpackusdw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 2B /r
        Avx3(length, P66 | M38 | 0x2B, dst, a, b);
    public void Vpshufb(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38 00 /r
        Avx3(length, P66 | M38 | 0x00, dst, a, b);
    public void Vpalignr(VectorLength length, Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.66.0F3A 0F /r ib
        Avx3Imm8(length, P66 | M3A | 0x0F, dst, a, b, imm);
    public void Vpblendw(VectorLength length, Xmm dst, Xmm a, XmmMem b, byte imm) => // VEX.66.0F3A 0E /r ib
        Avx3Imm8(length, P66 | M3A | 0x0E, dst, a, b, imm);
    public void Vpshufd(VectorLength length, Xmm dst, XmmMem src, byte imm) => // VEX.66.0F 70 /r ib
        Avx2Imm8(length, P66 | M0F | 0x70, dst, src, imm);
    public void Vpshufhw(VectorLength length, Xmm dst, XmmMem src, byte imm) => // VEX.F3.0F 70 /r ib
        Avx2Imm8(length, PF3 | M0F | 0x70, dst, src, imm);
    public void Vpshuflw(VectorLength length, Xmm dst, XmmMem src, byte imm) => // VEX.F2.0F 70 /r ib
        Avx2Imm8(length, PF2 | M0F | 0x70, dst, src, imm);
    public void Vpblendvb(VectorLength length, Xmm dst, Xmm a, XmmMem b, Xmm mask) => // VEX.66.0F3A.W0 4C /r is4
        Avx4(length, P66 | M3A | 0x4C, dst, a, b, mask);

    // ---- Absolute value, test, extend ----

    public void Vpabsb(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, P66 | M38 | 0x1C, dst, src); // VEX.66.0F38 1C /r
    public void Vpabsw(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, P66 | M38 | 0x1D, dst, src); // VEX.66.0F38 1D /r
    public void Vpabsd(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, P66 | M38 | 0x1E, dst, src); // VEX.66.0F38 1E /r
    public void Vptest(VectorLength length, Xmm dst, XmmMem src) => Avx2(length, P66 | M38 | 0x17, dst, src); // VEX.66.0F38 17 /r
    public void Vpmovsxbw(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 20 /r
        Avx2(length, P66 | M38 | 0x20, dst, src);
    public void Vpmovsxbd(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 21 /r
        Avx2(length, P66 | M38 | 0x21, dst, src);
    public void Vpmovsxbq(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 22 /r
        Avx2(length, P66 | M38 | 0x22, dst, src);
    public void Vpmovsxwd(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 23 /r
        Avx2(length, P66 | M38 | 0x23, dst, src);
    public void Vpmovsxwq(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 24 /r
        Avx2(length, P66 | M38 | 0x24, dst, src);
    public void Vpmovsxdq(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 25 /r
        Avx2(length, P66 | M38 | 0x25, dst, src);
    public void Vpmovzxbw(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 30 /r
        Avx2(length, P66 | M38 | 0x30, dst, src);
    public void Vpmovzxbd(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 31 /r
        Avx2(length, P66 | M38 | 0x31, dst, src);
    public void Vpmovzxbq(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 32 /r
        Avx2(length, P66 | M38 | 0x32, dst, src);
    public void Vpmovzxwd(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 33 /r
        Avx2(length, P66 | M38 | 0x33, dst, src);
    public void Vpmovzxwq(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 34 /r
        Avx2(length, P66 | M38 | 0x34, dst, src);
    public void Vpmovzxdq(VectorLength length, Xmm dst, XmmMem src) => // VEX.66.0F38 35 /r
        Avx2(length, P66 | M38 | 0x35, dst, src);

    // ---- Shifts ----

    public void Vpsllw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F F1 /r
        Avx3(length, P66 | M0F | 0xF1, dst, a, b);
    public void Vpslld(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F F2 /r
        Avx3(length, P66 | M0F | 0xF2, dst, a, b);
    public void Vpsllq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F F3 /r
        Avx3(length, P66 | M0F | 0xF3, dst, a, b);
    public void Vpsrlw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F D1 /r
        Avx3(length, P66 | M0F | 0xD1, dst, a, b);
    public void Vpsrld(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F D2 /r
        Avx3(length, P66 | M0F | 0xD2, dst, a, b);
    public void Vpsrlq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F D3 /r
        Avx3(length, P66 | M0F | 0xD3, dst, a, b);
    public void Vpsraw(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F E1 /r
        Avx3(length, P66 | M0F | 0xE1, dst, a, b);
    public void Vpsrad(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F E2 /r
        Avx3(length, P66 | M0F | 0xE2, dst, a, b);
    public void Vpsllw(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 71 /6 ib
        AvxShift(length, 0x71, 6, dst, src, count);
    public void Vpsrlw(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 71 /2 ib
        AvxShift(length, 0x71, 2, dst, src, count);
    public void Vpsraw(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 71 /4 ib
        AvxShift(length, 0x71, 4, dst, src, count);
    public void Vpslld(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 72 /6 ib
        AvxShift(length, 0x72, 6, dst, src, count);
    public void Vpsrld(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 72 /2 ib
        AvxShift(length, 0x72, 2, dst, src, count);
    public void Vpsrad(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 72 /4 ib
        AvxShift(length, 0x72, 4, dst, src, count);
    public void Vpsllq(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 73 /6 ib
        AvxShift(length, 0x73, 6, dst, src, count);
    public void Vpsrlq(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 73 /2 ib
        AvxShift(length, 0x73, 2, dst, src, count);
    public void Vpslldq(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 73 /7 ib
        AvxShift(length, 0x73, 7, dst, src, count);
    public void Vpsrldq(VectorLength length, Xmm dst, Xmm src, byte count) => // VEX.66.0F 73 /3 ib
        AvxShift(length, 0x73, 3, dst, src, count);

    // ---- AVX2: a count for each element ----

    public void Vpsllvd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 47 /r
        Avx3(length, P66 | M38 | 0x47, dst, a, b);
    public void Vpsllvq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 47 /r
        Avx3(length, P66 | M38 | W1 | 0x47, dst, a, b);
    public void Vpsrlvd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 45 /r
        Avx3(length, P66 | M38 | 0x45, dst, a, b);
    public void Vpsrlvq(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 45 /r
        Avx3(length, P66 | M38 | W1 | 0x45, dst, a, b);
    public void Vpsravd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 46 /r
        Avx3(length, P66 | M38 | 0x46, dst, a, b);
}
