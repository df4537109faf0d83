// How x86-64 spells an instruction: prefixes, REX or VEX, opcode, ModRM, SIB, displacement. Nothing else in the assembler
// knows these. There is always room for an instruction at the cursor, so every form writes blindly and then advances; bytes
// that may or may not be there are written anyway and the pointer is moved past them or not, because a mispredicted branch
// costs more than the whole encoding.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    // An opcode constant: the opcode byte, its map, the mandatory prefix, and VEX.W.
    private const uint M0F = 1 << 8, M38 = 2 << 8, M3A = 3 << 8;
    private const uint P66 = 1 << 16, PF3 = 2 << 16, PF2 = 3 << 16;
    private const uint W1 = 1 << 24;

    /// <summary>Marks a reg field that holds an opcode extension (/0 to /7) and so never asks for a REX prefix.</summary>
    private const uint Digit = 0x80;

    /// <summary>Like <see cref="M0F"/> with an r/m of a byte, whatever the operand size (movzx, setcc, …).</summary>
    private const uint ByteRm = 1 << 25;

    /// <summary>REX.R, X and B of a reg field and an operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Rex(uint reg, ulong rm) => ((reg >> 1) & 4) | ((uint)(rm >> 42) & 2) | ((uint)(rm >> 35) & 1);

    /// <summary>Nonzero if the register's low byte is spelled like ah, ch, dh, bh unless there is a REX prefix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint NeedsRexAsByte(uint reg) => (reg & (Digit | 0xC)) == 4 ? 1u : 0u;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint NeedsRexAsByte(ulong rm) => (rm >> 34 & 3) == 1 && Operand.KindOf(rm) == Operand.Register ? 1u : 0u;

    /// <summary>
    /// [66] [REX] opcode ModRM…, an opcode of the first map whose byte form is one less. Returns the end, where
    /// <paramref name="trailing"/> bytes of immediate follow; the caller moves the cursor.
    /// </summary>
    private byte* Primary(Size size, uint opcode, uint reg, ulong rm, int trailing = 0)
    {
        byte* p = code.Cursor;
        *p = 0x66;
        p += size == Size.Word ? 1 : 0;
        uint rex = Rex(reg, rm) | (size == Size.Qword ? 8u : 0u);
        uint needed = rex;
        if (size == Size.Byte)
        {
            opcode--;
            needed |= NeedsRexAsByte(reg) | NeedsRexAsByte(rm);
        }
        *p = (byte)(0x40 | rex);
        p += needed != 0 ? 1 : 0;
        *p = (byte)opcode;
        return ModRm(p + 1, reg, rm, trailing);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitRm(Size size, uint opcode, uint reg, ulong rm) => code.Advance(Primary(size, opcode, reg, rm));

    /// <summary>[66] [prefix] [REX] 0F [38|3A] opcode ModRM…</summary>
    private byte* Escaped(Size size, uint op, uint reg, ulong rm, int trailing = 0)
    {
        byte* p = code.Cursor;
        *p = 0x66;
        p += size == Size.Word ? 1 : 0;
        uint prefix = (op >> 16) & 3;
        *p = (byte)(0xF2F36600 >> (int)(prefix * 8));
        p += prefix != 0 ? 1 : 0;
        uint rex = Rex(reg, rm) | (size == Size.Qword ? 8u : 0u);
        uint needed = rex;
        if ((op & ByteRm) != 0)
            needed |= NeedsRexAsByte(rm);
        if (size == Size.Byte)
            needed |= NeedsRexAsByte(reg) | NeedsRexAsByte(rm);
        *p = (byte)(0x40 | rex);
        p += needed != 0 ? 1 : 0;
        *p++ = 0x0F;
        uint map = (op >> 8) & 3;
        *p = (byte)(map == 2 ? 0x38 : 0x3A);
        p += map != 1 ? 1 : 0;
        *p = (byte)op;
        return ModRm(p + 1, reg, rm, trailing);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitEscaped(Size size, uint op, uint reg, ulong rm) => code.Advance(Escaped(size, op, reg, rm));

    private void EmitEscapedImm8(Size size, uint op, uint reg, ulong rm, byte imm)
    {
        byte* p = Escaped(size, op, reg, rm, trailing: 1);
        *p = imm;
        code.Advance(p + 1);
    }

    /// <summary>VEX opcode ModRM…: C5 if the operands allow it, else C4.</summary>
    private byte* Vex(VectorLength length, uint op, uint reg, uint second, ulong rm, int trailing = 0)
    {
        byte* p = code.Cursor;
        uint rex = Rex(reg, rm);
        // R, X, B and the second register are stored inverted.
        uint tail = ((~second & 15) << 3) | ((uint)length << 2) | ((op >> 16) & 3);
        if ((rex & 3) == 0 && (op & (W1 | 0x300)) == M0F)
        {
            *p++ = 0xC5;
            *p++ = (byte)(((~rex & 4) << 5) | tail);
        }
        else
        {
            *p++ = 0xC4;
            *p++ = (byte)(((~rex & 7) << 5) | ((op >> 8) & 3));
            *p++ = (byte)(((op & W1) >> 17) | tail);
        }
        *p = (byte)op;
        return ModRm(p + 1, reg, rm, trailing);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitVex(VectorLength length, uint op, uint reg, uint second, ulong rm) =>
        code.Advance(Vex(length, op, reg, second, rm));

    private void EmitVexImm8(VectorLength length, uint op, uint reg, uint second, ulong rm, byte imm)
    {
        byte* p = Vex(length, op, reg, second, rm, trailing: 1);
        *p = imm;
        code.Advance(p + 1);
    }

    /// <summary>ModRM, SIB and displacement.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ModRm(byte* p, uint reg, ulong rm, int trailing)
    {
        uint kind = Operand.KindOf(rm);
        uint low = (uint)(rm >> 32) & 7;
        uint regBits = (reg & 7) << 3;
        if (kind == Operand.Register)
        {
            *p = (byte)(0xC0 | regBits | low);
            return p + 1;
        }
        if (kind > Operand.BaseIndex)
            return ModRmWithoutBase(p, regBits, rm, trailing);

        int displacement = (int)rm;
        uint mod = displacement == (sbyte)displacement ? 1u : 2u;
        // Mode 0 with base 5 (rbp, r13) would mean something else: those always have a displacement.
        mod = displacement == 0 && low != 5 ? 0 : mod;
        uint modRm = (mod << 6) | regBits;
        if (kind == Operand.Base)
        {
            *p++ = (byte)(modRm | low);
        }
        else
        {
            *(ushort*)p = (ushort)(modRm | 4 | (Sib(rm) << 8));
            p += 2;
        }
        *(int*)p = displacement;
        return p + (mod * mod); // 0, 1, 4 bytes
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* ModRmWithoutBase(byte* p, uint regBits, ulong rm, int trailing)
    {
        if (Operand.KindOf(rm) == Operand.IndexOnly)
        {
            *p++ = (byte)(regBits | 4);
            *p++ = (byte)(Sib(rm) | 5);
            *(int*)p = (int)rm;
        }
        else
        {
            *p++ = (byte)(regBits | 5);
            code.WriteDistance(p, new Label((int)rm), trailing);
        }
        return p + 4;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Sib(ulong rm) => ((uint)(rm >> 48) << 6 & 0xC0) | ((uint)(rm >> 40) & 7) << 3 | ((uint)(rm >> 32) & 7);

    /// <summary>An immediate that completes the instruction: 1, 2 or 4 bytes by operand size (4 for 64 bits).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FinishImmediate(byte* p, Size size, int imm)
    {
        *(int*)p = imm;
        code.Advance(p + ImmediateBytes(size));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ImmediateBytes(Size size) => size switch { Size.Byte => 1, Size.Word => 2, _ => 4 };

    /// <summary>Refuses an immediate that the operand can't hold, signed or unsigned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CheckImmediate(Size size, int imm)
    {
        if (size < Size.Dword && (size == Size.Byte ? imm is < -128 or > 255 : imm is < -32768 or > 65535))
            ThrowImmediate(size, imm);
    }

    [DoesNotReturn]
    private static void ThrowImmediate(Size size, int imm) =>
        throw new ArgumentOutOfRangeException(nameof(imm), imm, $"Doesn't fit a {size} operand.");

    [DoesNotReturn]
    private static void ThrowNoByteForm() => throw new ArgumentException("The instruction has no byte form.", "size");

    /// <summary>Refuses the byte size for an instruction that has no such form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NoByteForm(Size size)
    {
        if (size == Size.Byte)
            ThrowNoByteForm();
    }

    /// <summary>Opcode bytes without operands, lowest first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitFixed(uint bytes, int length)
    {
        byte* p = code.Cursor;
        *(uint*)p = bytes;
        code.Advance(p + length);
    }
}
