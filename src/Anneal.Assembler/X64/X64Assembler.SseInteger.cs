// Packed integers, SSE2 to SSE4.2.

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    // ---- Add and subtract ----

    public void Paddb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xFC, dst, src); // 66 0F FC /r
    public void Paddw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xFD, dst, src); // 66 0F FD /r
    public void Paddd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xFE, dst, src); // 66 0F FE /r
    public void Paddq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xD4, dst, src); // 66 0F D4 /r
    public void Psubb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xF8, dst, src); // 66 0F F8 /r
    public void Psubw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xF9, dst, src); // 66 0F F9 /r
    public void Psubd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xFA, dst, src); // 66 0F FA /r
    public void Psubq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xFB, dst, src); // 66 0F FB /r
    public void Paddsb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xEC, dst, src); // 66 0F EC /r
    public void Paddsw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xED, dst, src); // 66 0F ED /r
    public void Paddusb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xDC, dst, src); // 66 0F DC /r
    public void Paddusw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xDD, dst, src); // 66 0F DD /r
    public void Psubsb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xE8, dst, src); // 66 0F E8 /r
    public void Psubsw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xE9, dst, src); // 66 0F E9 /r
    public void Psubusb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xD8, dst, src); // 66 0F D8 /r
    public void Psubusw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xD9, dst, src); // 66 0F D9 /r

    // ---- Multiply and average ----

    public void Pmullw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xD5, dst, src); // 66 0F D5 /r
    public void Pmulhw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xE5, dst, src); // 66 0F E5 /r
    public void Pmulhuw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xE4, dst, src); // 66 0F E4 /r
    public void Pmuludq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xF4, dst, src); // 66 0F F4 /r
    public void Pmaddwd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xF5, dst, src); // 66 0F F5 /r
    public void Pavgb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xE0, dst, src); // 66 0F E0 /r
    public void Pavgw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xE3, dst, src); // 66 0F E3 /r
    public void Psadbw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xF6, dst, src); // 66 0F F6 /r
    public void Pmulld(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x40, dst, src); // 66 0F 38 40 /r
    public void Pmuldq(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x28, dst, src); // 66 0F 38 28 /r
    public void Pmaddubsw(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x04, dst, src); // 66 0F 38 04 /r
    public void Pmulhrsw(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x0B, dst, src); // 66 0F 38 0B /r
    public void Phaddw(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x01, dst, src); // 66 0F 38 01 /r
    public void Phaddd(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x02, dst, src); // 66 0F 38 02 /r

    // ---- Minimum and maximum ----

    public void Pminub(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xDA, dst, src); // 66 0F DA /r
    public void Pmaxub(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xDE, dst, src); // 66 0F DE /r
    public void Pminsw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xEA, dst, src); // 66 0F EA /r
    public void Pmaxsw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xEE, dst, src); // 66 0F EE /r
    public void Pminsb(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x38, dst, src); // 66 0F 38 38 /r
    public void Pminsd(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x39, dst, src); // 66 0F 38 39 /r
    public void Pminuw(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x3A, dst, src); // 66 0F 38 3A /r
    public void Pminud(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x3B, dst, src); // 66 0F 38 3B /r
    public void Pmaxsb(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x3C, dst, src); // 66 0F 38 3C /r
    public void Pmaxsd(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x3D, dst, src); // 66 0F 38 3D /r
    public void Pmaxuw(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x3E, dst, src); // 66 0F 38 3E /r
    public void Pmaxud(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x3F, dst, src); // 66 0F 38 3F /r

    // ---- Compare ----

    public void Pcmpeqb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x74, dst, src); // 66 0F 74 /r
    public void Pcmpeqw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x75, dst, src); // 66 0F 75 /r
    public void Pcmpeqd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x76, dst, src); // 66 0F 76 /r
    public void Pcmpgtb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x64, dst, src); // 66 0F 64 /r
    public void Pcmpgtw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x65, dst, src); // 66 0F 65 /r
    public void Pcmpgtd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x66, dst, src); // 66 0F 66 /r
    public void Pcmpeqq(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x29, dst, src); // 66 0F 38 29 /r
    public void Pcmpgtq(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x37, dst, src); // 66 0F 38 37 /r

    // ---- Logic ----

    public void Pand(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xDB, dst, src); // 66 0F DB /r
    public void Pandn(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xDF, dst, src); // 66 0F DF /r
    public void Por(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xEB, dst, src); // 66 0F EB /r
    public void Pxor(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xEF, dst, src); // 66 0F EF /r

    // ---- Pack, unpack, shuffle ----

    public void Packsswb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x63, dst, src); // 66 0F 63 /r
    public void Packssdw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x6B, dst, src); // 66 0F 6B /r
    public void Packuswb(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x67, dst, src); // 66 0F 67 /r
    public void Punpcklbw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x60, dst, src); // 66 0F 60 /r
    public void Punpcklwd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x61, dst, src); // 66 0F 61 /r
    public void Punpckldq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x62, dst, src); // 66 0F 62 /r
    public void Punpcklqdq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x6C, dst, src); // 66 0F 6C /r
    public void Punpckhbw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x68, dst, src); // 66 0F 68 /r
    public void Punpckhwd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x69, dst, src); // 66 0F 69 /r
    public void Punpckhdq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x6A, dst, src); // 66 0F 6A /r
    public void Punpckhqdq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x6D, dst, src); // 66 0F 6D /r
    public void Packusdw(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x2B, dst, src); // 66 0F 38 2B /r
    public void Pshufb(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x00, dst, src); // 66 0F 38 00 /r
    public void Palignr(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M3A | 0x0F, dst, src, imm); // 66 0F 3A 0F /r ib
    public void Pblendw(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M3A | 0x0E, dst, src, imm); // 66 0F 3A 0E /r ib
    public void Pshufd(Xmm dst, XmmMem src, byte imm) => SseImm8(P66 | M0F | 0x70, dst, src, imm); // 66 0F 70 /r ib
    public void Pshufhw(Xmm dst, XmmMem src, byte imm) => SseImm8(PF3 | M0F | 0x70, dst, src, imm); // F3 0F 70 /r ib
    public void Pshuflw(Xmm dst, XmmMem src, byte imm) => SseImm8(PF2 | M0F | 0x70, dst, src, imm); // F2 0F 70 /r ib
    public void Pblendvb(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x10, dst, src); // 66 0F 38 10 /r, mask in xmm0

    // ---- Absolute value, test, extend ----

    public void Pabsb(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x1C, dst, src); // 66 0F 38 1C /r
    public void Pabsw(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x1D, dst, src); // 66 0F 38 1D /r
    public void Pabsd(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x1E, dst, src); // 66 0F 38 1E /r
    public void Ptest(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x17, dst, src); // 66 0F 38 17 /r
    public void Pmovsxbw(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x20, dst, src); // 66 0F 38 20 /r
    public void Pmovsxbd(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x21, dst, src); // 66 0F 38 21 /r
    public void Pmovsxbq(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x22, dst, src); // 66 0F 38 22 /r
    public void Pmovsxwd(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x23, dst, src); // 66 0F 38 23 /r
    public void Pmovsxwq(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x24, dst, src); // 66 0F 38 24 /r
    public void Pmovsxdq(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x25, dst, src); // 66 0F 38 25 /r
    public void Pmovzxbw(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x30, dst, src); // 66 0F 38 30 /r
    public void Pmovzxbd(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x31, dst, src); // 66 0F 38 31 /r
    public void Pmovzxbq(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x32, dst, src); // 66 0F 38 32 /r
    public void Pmovzxwd(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x33, dst, src); // 66 0F 38 33 /r
    public void Pmovzxwq(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x34, dst, src); // 66 0F 38 34 /r
    public void Pmovzxdq(Xmm dst, XmmMem src) => Sse(P66 | M38 | 0x35, dst, src); // 66 0F 38 35 /r

    // ---- Shifts ----

    public void Psllw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xF1, dst, src); // 66 0F F1 /r
    public void Pslld(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xF2, dst, src); // 66 0F F2 /r
    public void Psllq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xF3, dst, src); // 66 0F F3 /r
    public void Psrlw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xD1, dst, src); // 66 0F D1 /r
    public void Psrld(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xD2, dst, src); // 66 0F D2 /r
    public void Psrlq(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xD3, dst, src); // 66 0F D3 /r
    public void Psraw(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xE1, dst, src); // 66 0F E1 /r
    public void Psrad(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0xE2, dst, src); // 66 0F E2 /r
    public void Psllw(Xmm dst, byte count) => SseShift(0x71, 6, dst, count); // 66 0F 71 /6 ib
    public void Psrlw(Xmm dst, byte count) => SseShift(0x71, 2, dst, count); // 66 0F 71 /2 ib
    public void Psraw(Xmm dst, byte count) => SseShift(0x71, 4, dst, count); // 66 0F 71 /4 ib
    public void Pslld(Xmm dst, byte count) => SseShift(0x72, 6, dst, count); // 66 0F 72 /6 ib
    public void Psrld(Xmm dst, byte count) => SseShift(0x72, 2, dst, count); // 66 0F 72 /2 ib
    public void Psrad(Xmm dst, byte count) => SseShift(0x72, 4, dst, count); // 66 0F 72 /4 ib
    public void Psllq(Xmm dst, byte count) => SseShift(0x73, 6, dst, count); // 66 0F 73 /6 ib
    public void Psrlq(Xmm dst, byte count) => SseShift(0x73, 2, dst, count); // 66 0F 73 /2 ib
    public void Pslldq(Xmm dst, byte count) => SseShift(0x73, 7, dst, count); // 66 0F 73 /7 ib
    public void Psrldq(Xmm dst, byte count) => SseShift(0x73, 3, dst, count); // 66 0F 73 /3 ib
}
