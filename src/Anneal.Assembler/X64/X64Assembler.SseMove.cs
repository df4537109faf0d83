// Moves between vector registers, memory and general-purpose registers, SSE to SSE4.1.

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    // ---- Whole registers ----

    public void Movaps(Xmm dst, XmmMem src) => Sse(M0F | 0x28, dst, src); // 0F 28 /r
    public void Movaps(Mem dst, Xmm src) => SseStore(M0F | 0x29, dst, src); // 0F 29 /r
    public void Movapd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x28, dst, src); // 66 0F 28 /r
    public void Movapd(Mem dst, Xmm src) => SseStore(P66 | M0F | 0x29, dst, src); // 66 0F 29 /r
    public void Movups(Xmm dst, XmmMem src) => Sse(M0F | 0x10, dst, src); // 0F 10 /r
    public void Movups(Mem dst, Xmm src) => SseStore(M0F | 0x11, dst, src); // 0F 11 /r
    public void Movupd(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x10, dst, src); // 66 0F 10 /r
    public void Movupd(Mem dst, Xmm src) => SseStore(P66 | M0F | 0x11, dst, src); // 66 0F 11 /r
    public void Movdqa(Xmm dst, XmmMem src) => Sse(P66 | M0F | 0x6F, dst, src); // 66 0F 6F /r
    public void Movdqa(Mem dst, Xmm src) => SseStore(P66 | M0F | 0x7F, dst, src); // 66 0F 7F /r
    public void Movdqu(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x6F, dst, src); // F3 0F 6F /r
    public void Movdqu(Mem dst, Xmm src) => SseStore(PF3 | M0F | 0x7F, dst, src); // F3 0F 7F /r

    // ---- Scalars. Between registers movss and movsd keep the rest of the destination; a load clears it ----

    public void Movss(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x10, dst, src); // F3 0F 10 /r
    public void Movss(Mem dst, Xmm src) => SseStore(PF3 | M0F | 0x11, dst, src); // F3 0F 11 /r
    public void Movsd(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x10, dst, src); // F2 0F 10 /r
    public void Movsd(Mem dst, Xmm src) => SseStore(PF2 | M0F | 0x11, dst, src); // F2 0F 11 /r
    public void Movd(Xmm dst, RegMem src) => EmitEscaped(Size.Dword, P66 | M0F | 0x6E, (uint)dst, src.Packed); // 66 0F 6E /r
    public void Movd(RegMem dst, Xmm src) => EmitEscaped(Size.Dword, P66 | M0F | 0x7E, (uint)src, dst.Packed); // 66 0F 7E /r
    public void Movq(Xmm dst, Gpr src) => // 66 REX.W 0F 6E /r
        EmitEscaped(Size.Qword, P66 | M0F | 0x6E, (uint)dst, Operand.OfRegister((uint)src));
    public void Movq(Gpr dst, Xmm src) => // 66 REX.W 0F 7E /r
        EmitEscaped(Size.Qword, P66 | M0F | 0x7E, (uint)src, Operand.OfRegister((uint)dst));
    public void Movq(Xmm dst, XmmMem src) => Sse(PF3 | M0F | 0x7E, dst, src); // F3 0F 7E /r
    public void Movq(Mem dst, Xmm src) => SseStore(P66 | M0F | 0xD6, dst, src); // 66 0F D6 /r

    // ---- Halves ----

    public void Movlps(Xmm dst, Mem src) => Sse(M0F | 0x12, dst, src); // 0F 12 /r
    public void Movlps(Mem dst, Xmm src) => SseStore(M0F | 0x13, dst, src); // 0F 13 /r
    public void Movlpd(Xmm dst, Mem src) => Sse(P66 | M0F | 0x12, dst, src); // 66 0F 12 /r
    public void Movlpd(Mem dst, Xmm src) => SseStore(P66 | M0F | 0x13, dst, src); // 66 0F 13 /r
    public void Movhps(Xmm dst, Mem src) => Sse(M0F | 0x16, dst, src); // 0F 16 /r
    public void Movhps(Mem dst, Xmm src) => SseStore(M0F | 0x17, dst, src); // 0F 17 /r
    public void Movhpd(Xmm dst, Mem src) => Sse(P66 | M0F | 0x16, dst, src); // 66 0F 16 /r
    public void Movhpd(Mem dst, Xmm src) => SseStore(P66 | M0F | 0x17, dst, src); // 66 0F 17 /r
    public void Movhlps(Xmm dst, Xmm src) => Sse(M0F | 0x12, dst, src); // 0F 12 /r
    public void Movlhps(Xmm dst, Xmm src) => Sse(M0F | 0x16, dst, src); // 0F 16 /r
    public void Movddup(Xmm dst, XmmMem src) => Sse(PF2 | M0F | 0x12, dst, src); // F2 0F 12 /r

    // ---- Masks and elements ----

    public void Movmskps(Gpr dst, Xmm src) => // 0F 50 /r
        EmitEscaped(Size.Dword, M0F | 0x50, (uint)dst, Operand.OfRegister((uint)src));
    public void Movmskpd(Gpr dst, Xmm src) => // 66 0F 50 /r
        EmitEscaped(Size.Dword, P66 | M0F | 0x50, (uint)dst, Operand.OfRegister((uint)src));
    public void Pmovmskb(Gpr dst, Xmm src) => // 66 0F D7 /r
        EmitEscaped(Size.Dword, P66 | M0F | 0xD7, (uint)dst, Operand.OfRegister((uint)src));
    public void Pinsrb(Xmm dst, RegMem src, byte index) => // 66 0F 3A 20 /r ib
        EmitEscapedImm8(Size.Dword, P66 | M3A | 0x20, (uint)dst, src.Packed, index);
    public void Pinsrw(Xmm dst, RegMem src, byte index) => // 66 0F C4 /r ib
        EmitEscapedImm8(Size.Dword, P66 | M0F | 0xC4, (uint)dst, src.Packed, index);
    public void Pinsrd(Xmm dst, RegMem src, byte index) => // 66 0F 3A 22 /r ib
        EmitEscapedImm8(Size.Dword, P66 | M3A | 0x22, (uint)dst, src.Packed, index);
    public void Pinsrq(Xmm dst, RegMem src, byte index) => // 66 REX.W 0F 3A 22 /r ib
        EmitEscapedImm8(Size.Qword, P66 | M3A | 0x22, (uint)dst, src.Packed, index);
    public void Pextrb(RegMem dst, Xmm src, byte index) => // 66 0F 3A 14 /r ib
        EmitEscapedImm8(Size.Dword, P66 | M3A | 0x14, (uint)src, dst.Packed, index);
    public void Pextrd(RegMem dst, Xmm src, byte index) => // 66 0F 3A 16 /r ib
        EmitEscapedImm8(Size.Dword, P66 | M3A | 0x16, (uint)src, dst.Packed, index);
    public void Pextrq(RegMem dst, Xmm src, byte index) => // 66 REX.W 0F 3A 16 /r ib
        EmitEscapedImm8(Size.Qword, P66 | M3A | 0x16, (uint)src, dst.Packed, index);
    public void Extractps(RegMem dst, Xmm src, byte index) => // 66 0F 3A 17 /r ib
        EmitEscapedImm8(Size.Dword, P66 | M3A | 0x17, (uint)src, dst.Packed, index);
    public void Pextrw(Gpr dst, Xmm src, byte index) => // 66 0F C5 /r ib
        EmitEscapedImm8(Size.Dword, P66 | M0F | 0xC5, (uint)dst, Operand.OfRegister((uint)src), index);
    public void Pextrw(Mem dst, Xmm src, byte index) => // 66 0F 3A 15 /r ib
        EmitEscapedImm8(Size.Dword, P66 | M3A | 0x15, (uint)src, dst.Packed, index);
}
