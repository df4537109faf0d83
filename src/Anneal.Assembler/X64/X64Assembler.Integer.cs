// Integer moves, arithmetic, logic, comparisons and shifts. An immediate is given as it is meant (signed, or unsigned for
// 8 and 16 bits); the encoder chooses the sign-extended byte form when it can.

using System.Runtime.CompilerServices;

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    // ---- Moves ----

    public void Mov(Size size, Gpr dst, RegMem src) => EmitRm(size, 0x8B, (uint)dst, src.Packed); // 8A /r, 8B /r
    public void Mov(Size size, Mem dst, Gpr src) => EmitRm(size, 0x89, (uint)src, dst.Packed);    // 88 /r, 89 /r

    public void Mov(Size size, Mem dst, int imm) // C6 /0 ib, C7 /0 iw, C7 /0 id
    {
        CheckImmediate(size, imm);
        FinishImmediate(Primary(size, 0xC7, Digit | 0, dst.Packed, ImmediateBytes(size)), size, imm);
    }

    /// <summary>The register, or its low 8 or 16 bits; 64 bits are the sign extension.</summary>
    public void Mov(Size size, Gpr dst, int imm) // B0+r ib, B8+r iw, B8+r id, REX.W C7 /0 id
    {
        CheckImmediate(size, imm);
        if (size == Size.Qword && imm < 0)
        {
            FinishImmediate(Primary(size, 0xC7, Digit | 0, Operand.OfRegister((uint)dst)), size, imm);
            return;
        }
        byte* p = PlusRegister(size == Size.Qword ? Size.Dword : size, size == Size.Byte ? 0xB0u : 0xB8u, dst);
        FinishImmediate(p, size, imm);
    }

    /// <summary>The whole 64-bit register, in the shortest form.</summary>
    public void Mov(Gpr dst, long imm) // B8+r id, REX.W C7 /0 id, REX.W B8+r io
    {
        if (imm == (int)imm)
            Mov(Size.Qword, dst, (int)imm);
        else if (imm == (uint)imm)
            Mov(Size.Dword, dst, (int)imm);
        else
            MovAbs(dst, imm);
    }

    /// <summary>The whole 64-bit register, always the ten-byte form, so that the last eight bytes can be patched.</summary>
    public void MovAbs(Gpr dst, long imm) // REX.W B8+r io
    {
        byte* p = PlusRegister(Size.Qword, 0xB8, dst);
        *(long*)p = imm;
        code.Advance(p + 8);
    }

    /// <summary>The address of a label, absolute. <see cref="Lea"/> of <see cref="Mem.Rip"/> is the shorter way.</summary>
    public void MovAbs(Gpr dst, Label label) // REX.W B8+r io
    {
        MovAbs(dst, 0);
        code.AddRelocation(code.Position - 8, label);
    }

    /// <summary>Zero-extends from 8 or 16 bits. A 64-bit result needs no other form than the 32-bit one.</summary>
    public void Movzx(Size from, Gpr dst, RegMem src) // 0F B6 /r, 0F B7 /r
    {
        if (from >= Size.Dword)
            ThrowNoExtension(from);
        EmitEscaped(Size.Dword, from == Size.Byte ? M0F | ByteRm | 0xB6 : M0F | 0xB7, (uint)dst, src.Packed);
    }

    /// <summary>Sign-extends from 8, 16 or 32 bits to a larger size.</summary>
    public void Movsx(Size to, Size from, Gpr dst, RegMem src) // 0F BE /r, 0F BF /r, REX.W 63 /r
    {
        if (from >= to)
            ThrowNoExtension(from);
        if (from == Size.Dword)
            EmitRm(Size.Qword, 0x63, (uint)dst, src.Packed);
        else
            EmitEscaped(to, from == Size.Byte ? M0F | ByteRm | 0xBE : M0F | 0xBF, (uint)dst, src.Packed);
    }

    /// <summary>Sign-extends 32 to 64 bits.</summary>
    public void Movsxd(Gpr dst, RegMem src) => EmitRm(Size.Qword, 0x63, (uint)dst, src.Packed); // REX.W 63 /r

    public void Lea(Size size, Gpr dst, Mem src) // 8D /r
    {
        NoByteForm(size);
        EmitRm(size, 0x8D, (uint)dst, src.Packed);
    }

    /// <summary>With memory this locks the bus.</summary>
    public void Xchg(Size size, RegMem dst, Gpr src) => EmitRm(size, 0x87, (uint)src, dst.Packed); // 86 /r, 87 /r

    public void Cmovcc(Size size, Condition condition, Gpr dst, RegMem src) // 0F 40+cc /r
    {
        NoByteForm(size);
        EmitEscaped(size, M0F | 0x40 | (uint)condition, (uint)dst, src.Packed);
    }

    /// <summary>Writes one byte: 1 or 0.</summary>
    public void Setcc(Condition condition, RegMem dst) => // 0F 90+cc
        EmitEscaped(Size.Dword, M0F | ByteRm | 0x90 | (uint)condition, Digit | 0, dst.Packed);

    // ---- Arithmetic and logic ----

    public void Add(Size size, Gpr dst, RegMem src) => EmitRm(size, 0x03, (uint)dst, src.Packed); // 02 /r, 03 /r
    public void Add(Size size, Mem dst, Gpr src) => EmitRm(size, 0x01, (uint)src, dst.Packed);    // 00 /r, 01 /r
    public void Add(Size size, RegMem dst, int imm) => EmitArith(size, 0, dst.Packed, imm);       // 80 /0, 81 /0, 83 /0

    public void Or(Size size, Gpr dst, RegMem src) => EmitRm(size, 0x0B, (uint)dst, src.Packed);  // 0A /r, 0B /r
    public void Or(Size size, Mem dst, Gpr src) => EmitRm(size, 0x09, (uint)src, dst.Packed);     // 08 /r, 09 /r
    public void Or(Size size, RegMem dst, int imm) => EmitArith(size, 1, dst.Packed, imm);        // 80 /1, 81 /1, 83 /1

    public void Adc(Size size, Gpr dst, RegMem src) => EmitRm(size, 0x13, (uint)dst, src.Packed); // 12 /r, 13 /r
    public void Adc(Size size, Mem dst, Gpr src) => EmitRm(size, 0x11, (uint)src, dst.Packed);    // 10 /r, 11 /r
    public void Adc(Size size, RegMem dst, int imm) => EmitArith(size, 2, dst.Packed, imm);       // 80 /2, 81 /2, 83 /2

    public void Sbb(Size size, Gpr dst, RegMem src) => EmitRm(size, 0x1B, (uint)dst, src.Packed); // 1A /r, 1B /r
    public void Sbb(Size size, Mem dst, Gpr src) => EmitRm(size, 0x19, (uint)src, dst.Packed);    // 18 /r, 19 /r
    public void Sbb(Size size, RegMem dst, int imm) => EmitArith(size, 3, dst.Packed, imm);       // 80 /3, 81 /3, 83 /3

    public void And(Size size, Gpr dst, RegMem src) => EmitRm(size, 0x23, (uint)dst, src.Packed); // 22 /r, 23 /r
    public void And(Size size, Mem dst, Gpr src) => EmitRm(size, 0x21, (uint)src, dst.Packed);    // 20 /r, 21 /r
    public void And(Size size, RegMem dst, int imm) => EmitArith(size, 4, dst.Packed, imm);       // 80 /4, 81 /4, 83 /4

    public void Sub(Size size, Gpr dst, RegMem src) => EmitRm(size, 0x2B, (uint)dst, src.Packed); // 2A /r, 2B /r
    public void Sub(Size size, Mem dst, Gpr src) => EmitRm(size, 0x29, (uint)src, dst.Packed);    // 28 /r, 29 /r
    public void Sub(Size size, RegMem dst, int imm) => EmitArith(size, 5, dst.Packed, imm);       // 80 /5, 81 /5, 83 /5

    public void Xor(Size size, Gpr dst, RegMem src) => EmitRm(size, 0x33, (uint)dst, src.Packed); // 32 /r, 33 /r
    public void Xor(Size size, Mem dst, Gpr src) => EmitRm(size, 0x31, (uint)src, dst.Packed);    // 30 /r, 31 /r
    public void Xor(Size size, RegMem dst, int imm) => EmitArith(size, 6, dst.Packed, imm);       // 80 /6, 81 /6, 83 /6

    public void Cmp(Size size, Gpr dst, RegMem src) => EmitRm(size, 0x3B, (uint)dst, src.Packed); // 3A /r, 3B /r
    public void Cmp(Size size, Mem dst, Gpr src) => EmitRm(size, 0x39, (uint)src, dst.Packed);    // 38 /r, 39 /r
    public void Cmp(Size size, RegMem dst, int imm) => EmitArith(size, 7, dst.Packed, imm);       // 80 /7, 81 /7, 83 /7

    public void Test(Size size, RegMem dst, Gpr src) => EmitRm(size, 0x85, (uint)src, dst.Packed); // 84 /r, 85 /r

    public void Test(Size size, RegMem dst, int imm) // A8 ib, A9 id, F6 /0 ib, F7 /0 id
    {
        CheckImmediate(size, imm);
        byte* p = dst.Packed == Operand.OfRegister((uint)Gpr.Rax)
            ? Accumulator(size, 0xA9)
            : Primary(size, 0xF7, Digit | 0, dst.Packed, ImmediateBytes(size));
        FinishImmediate(p, size, imm);
    }

    public void Inc(Size size, RegMem dst) => EmitRm(size, 0xFF, Digit | 0, dst.Packed); // FE /0, FF /0
    public void Dec(Size size, RegMem dst) => EmitRm(size, 0xFF, Digit | 1, dst.Packed); // FE /1, FF /1
    public void Not(Size size, RegMem dst) => EmitRm(size, 0xF7, Digit | 2, dst.Packed); // F6 /2, F7 /2
    public void Neg(Size size, RegMem dst) => EmitRm(size, 0xF7, Digit | 3, dst.Packed); // F6 /3, F7 /3

    /// <summary>rdx:rax = rax × src, unsigned (ax for bytes).</summary>
    public void Mul(Size size, RegMem src) => EmitRm(size, 0xF7, Digit | 4, src.Packed); // F6 /4, F7 /4

    /// <summary>rdx:rax = rax × src, signed (ax for bytes).</summary>
    public void Imul(Size size, RegMem src) => EmitRm(size, 0xF7, Digit | 5, src.Packed); // F6 /5, F7 /5

    public void Imul(Size size, Gpr dst, RegMem src) // 0F AF /r
    {
        NoByteForm(size);
        EmitEscaped(size, M0F | 0xAF, (uint)dst, src.Packed);
    }

    public void Imul(Size size, Gpr dst, RegMem src, int imm) // 6B /r ib, 69 /r iw, 69 /r id
    {
        NoByteForm(size);
        CheckImmediate(size, imm);
        if (IsShort(size, imm))
            FinishImmediate(Primary(size, 0x6B, (uint)dst, src.Packed, 1), Size.Byte, imm);
        else
            FinishImmediate(Primary(size, 0x69, (uint)dst, src.Packed, ImmediateBytes(size)), size, imm);
    }

    /// <summary>rax, rdx = quotient and remainder of rdx:rax by src, unsigned; faults on zero and overflow.</summary>
    public void Div(Size size, RegMem src) => EmitRm(size, 0xF7, Digit | 6, src.Packed); // F6 /6, F7 /6

    /// <summary>rax, rdx = quotient and remainder of rdx:rax by src, signed; faults on zero and overflow.</summary>
    public void Idiv(Size size, RegMem src) => EmitRm(size, 0xF7, Digit | 7, src.Packed); // F6 /7, F7 /7

    public void Cwde() => EmitFixed(0x98, 1);   // 98
    public void Cdqe() => EmitFixed(0x9848, 2); // REX.W 98
    public void Cdq() => EmitFixed(0x99, 1);    // 99
    public void Cqo() => EmitFixed(0x9948, 2);  // REX.W 99

    // ---- Shifts ----

    public void Rol(Size size, RegMem dst, int count) => EmitShift(size, 0, dst.Packed, count); // C0 /0, C1 /0, D0 /0, D1 /0
    public void Ror(Size size, RegMem dst, int count) => EmitShift(size, 1, dst.Packed, count); // C0 /1, C1 /1, D0 /1, D1 /1
    public void Rcl(Size size, RegMem dst, int count) => EmitShift(size, 2, dst.Packed, count); // C0 /2, C1 /2, D0 /2, D1 /2
    public void Rcr(Size size, RegMem dst, int count) => EmitShift(size, 3, dst.Packed, count); // C0 /3, C1 /3, D0 /3, D1 /3
    public void Shl(Size size, RegMem dst, int count) => EmitShift(size, 4, dst.Packed, count); // C0 /4, C1 /4, D0 /4, D1 /4
    public void Shr(Size size, RegMem dst, int count) => EmitShift(size, 5, dst.Packed, count); // C0 /5, C1 /5, D0 /5, D1 /5
    public void Sar(Size size, RegMem dst, int count) => EmitShift(size, 7, dst.Packed, count); // C0 /7, C1 /7, D0 /7, D1 /7

    public void RolCl(Size size, RegMem dst) => EmitRm(size, 0xD3, Digit | 0, dst.Packed); // D2 /0, D3 /0
    public void RorCl(Size size, RegMem dst) => EmitRm(size, 0xD3, Digit | 1, dst.Packed); // D2 /1, D3 /1
    public void RclCl(Size size, RegMem dst) => EmitRm(size, 0xD3, Digit | 2, dst.Packed); // D2 /2, D3 /2
    public void RcrCl(Size size, RegMem dst) => EmitRm(size, 0xD3, Digit | 3, dst.Packed); // D2 /3, D3 /3
    public void ShlCl(Size size, RegMem dst) => EmitRm(size, 0xD3, Digit | 4, dst.Packed); // D2 /4, D3 /4
    public void ShrCl(Size size, RegMem dst) => EmitRm(size, 0xD3, Digit | 5, dst.Packed); // D2 /5, D3 /5
    public void SarCl(Size size, RegMem dst) => EmitRm(size, 0xD3, Digit | 7, dst.Packed); // D2 /7, D3 /7

    public void Shld(Size size, RegMem dst, Gpr src, int count) => // 0F A4 /r ib
        EmitDoubleShift(size, 0xA4, dst.Packed, src, count);

    public void Shrd(Size size, RegMem dst, Gpr src, int count) => // 0F AC /r ib
        EmitDoubleShift(size, 0xAC, dst.Packed, src, count);

    public void ShldCl(Size size, RegMem dst, Gpr src) // 0F A5 /r
    {
        NoByteForm(size);
        EmitEscaped(size, M0F | 0xA5, (uint)src, dst.Packed);
    }

    public void ShrdCl(Size size, RegMem dst, Gpr src) // 0F AD /r
    {
        NoByteForm(size);
        EmitEscaped(size, M0F | 0xAD, (uint)src, dst.Packed);
    }

    // ---- Shared shapes ----

    private void EmitArith(Size size, uint digit, ulong dst, int imm)
    {
        CheckImmediate(size, imm);
        if (size != Size.Byte && IsShort(size, imm))
            FinishImmediate(Primary(size, 0x83, Digit | digit, dst, 1), Size.Byte, imm);
        else if (dst == Operand.OfRegister((uint)Gpr.Rax))
            FinishImmediate(Accumulator(size, (digit << 3) | 5), size, imm);
        else
            FinishImmediate(Primary(size, 0x81, Digit | digit, dst, ImmediateBytes(size)), size, imm);
    }

    private void EmitShift(Size size, uint digit, ulong dst, int count)
    {
        CheckCount(size, count);
        if (count == 1)
            EmitRm(size, 0xD1, Digit | digit, dst);
        else
            FinishImmediate(Primary(size, 0xC1, Digit | digit, dst, 1), Size.Byte, count);
    }

    private void EmitDoubleShift(Size size, uint opcode, ulong dst, Gpr src, int count)
    {
        NoByteForm(size);
        CheckCount(size, count);
        EmitEscapedImm8(size, M0F | opcode, (uint)src, dst, (byte)count);
    }

    /// <summary>The processor masks counts to 5 or 6 bits: a larger one is a mistake of the caller.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CheckCount(Size size, int count)
    {
        if ((uint)count > (size == Size.Qword ? 63u : 31u))
            throw new ArgumentOutOfRangeException(nameof(count), count, $"Not a shift count of a {size} operand.");
    }

    /// <summary>Whether the immediate is the sign extension of its low byte, at the operand's size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsShort(Size size, int imm) => (size == Size.Word ? (short)imm : imm) == (sbyte)imm;

    /// <summary>The form that names al, ax, eax or rax in its opcode.</summary>
    private byte* Accumulator(Size size, uint opcode)
    {
        byte* p = code.Cursor;
        if (size == Size.Word)
            *p++ = 0x66;
        else if (size == Size.Qword)
            *p++ = 0x48;
        else if (size == Size.Byte)
            opcode--;
        *p++ = (byte)opcode;
        return p;
    }

    /// <summary>The form that has the register in its opcode.</summary>
    private byte* PlusRegister(Size size, uint opcode, Gpr register)
    {
        byte* p = code.Cursor;
        *p = 0x66;
        p += size == Size.Word ? 1 : 0;
        uint rex = (uint)register >> 3 | (size == Size.Qword ? 8u : 0u);
        uint needed = size == Size.Byte ? rex | NeedsRexAsByte((uint)register) : rex;
        *p = (byte)(0x40 | rex);
        p += needed != 0 ? 1 : 0;
        *p++ = (byte)(opcode | ((uint)register & 7));
        return p;
    }

    private static void ThrowNoExtension(Size from) =>
        throw new ArgumentException($"A {from} can't be extended to that size.", nameof(from));
}
