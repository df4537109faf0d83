// Bit counts, scans, tests and the BMI extensions.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using static Anneal.Assembler.VectorLength;

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    /// <summary>Index of the lowest set bit; leaves dst as it was and sets ZF if there is none.</summary>
    public void Bsf(Size size, Gpr dst, RegMem src) => EmitCount(size, M0F | 0xBC, dst, src); // 0F BC /r

    /// <summary>Index of the highest set bit; leaves dst as it was and sets ZF if there is none.</summary>
    public void Bsr(Size size, Gpr dst, RegMem src) => EmitCount(size, M0F | 0xBD, dst, src); // 0F BD /r

    public void Popcnt(Size size, Gpr dst, RegMem src) => EmitCount(size, PF3 | M0F | 0xB8, dst, src); // F3 0F B8 /r
    public void Tzcnt(Size size, Gpr dst, RegMem src) => EmitCount(size, PF3 | M0F | 0xBC, dst, src);  // F3 0F BC /r
    public void Lzcnt(Size size, Gpr dst, RegMem src) => EmitCount(size, PF3 | M0F | 0xBD, dst, src);  // F3 0F BD /r

    // ---- Bit tests. With memory and a register, the register counts bits beyond the operand too ----

    public void Bt(Size size, RegMem dst, Gpr bit) => EmitCount(size, M0F | 0xA3, bit, dst);  // 0F A3 /r
    public void Bts(Size size, RegMem dst, Gpr bit) => EmitCount(size, M0F | 0xAB, bit, dst); // 0F AB /r
    public void Btr(Size size, RegMem dst, Gpr bit) => EmitCount(size, M0F | 0xB3, bit, dst); // 0F B3 /r
    public void Btc(Size size, RegMem dst, Gpr bit) => EmitCount(size, M0F | 0xBB, bit, dst); // 0F BB /r
    public void Bt(Size size, RegMem dst, int bit) => EmitBitTest(size, 4, dst, bit);         // 0F BA /4 ib
    public void Bts(Size size, RegMem dst, int bit) => EmitBitTest(size, 5, dst, bit);        // 0F BA /5 ib
    public void Btr(Size size, RegMem dst, int bit) => EmitBitTest(size, 6, dst, bit);        // 0F BA /6 ib
    public void Btc(Size size, RegMem dst, int bit) => EmitBitTest(size, 7, dst, bit);        // 0F BA /7 ib

    // ---- Byte order ----

    public void Bswap(Size size, Gpr dst) // 0F C8+r
    {
        _ = WideOnly(size);
        // C8+r reads as the ModRM byte of reg 1 and a register operand.
        EmitRm(size, 0x0F, Digit | 1, Operand.OfRegister((uint)dst));
    }

    public void Movbe(Size size, Gpr dst, Mem src) => EmitCount(size, M38 | 0xF0, dst, src); // 0F 38 F0 /r
    public void Movbe(Size size, Mem dst, Gpr src) => EmitCount(size, M38 | 0xF1, src, dst); // 0F 38 F1 /r

    // ---- BMI1, BMI2 ----

    /// <summary>dst = ~a &amp; b</summary>
    public void Andn(Size size, Gpr dst, Gpr a, RegMem b) => // VEX.LZ.0F38 F2 /r
        EmitVex(V128, M38 | 0xF2 | WideOnly(size), (uint)dst, (uint)a, b.Packed);

    /// <summary>The field of src that control describes: start in its low byte, length in the next.</summary>
    public void Bextr(Size size, Gpr dst, RegMem src, Gpr control) => // VEX.LZ.0F38 F7 /r
        EmitVex(V128, M38 | 0xF7 | WideOnly(size), (uint)dst, (uint)control, src.Packed);

    /// <summary>dst = src without its lowest set bit.</summary>
    public void Blsr(Size size, Gpr dst, RegMem src) => EmitLowestBit(size, 1, dst, src); // VEX.LZ.0F38 F3 /1

    /// <summary>dst = the bits up to and including the lowest set bit of src.</summary>
    public void Blsmsk(Size size, Gpr dst, RegMem src) => EmitLowestBit(size, 2, dst, src); // VEX.LZ.0F38 F3 /2

    /// <summary>dst = the lowest set bit of src.</summary>
    public void Blsi(Size size, Gpr dst, RegMem src) => EmitLowestBit(size, 3, dst, src); // VEX.LZ.0F38 F3 /3

    /// <summary>dst = src with the bits from index up cleared.</summary>
    public void Bzhi(Size size, Gpr dst, RegMem src, Gpr index) => // VEX.LZ.0F38 F5 /r
        EmitVex(V128, M38 | 0xF5 | WideOnly(size), (uint)dst, (uint)index, src.Packed);

    public void Pdep(Size size, Gpr dst, Gpr src, RegMem mask) => // VEX.LZ.F2.0F38 F5 /r
        EmitVex(V128, PF2 | M38 | 0xF5 | WideOnly(size), (uint)dst, (uint)src, mask.Packed);

    public void Pext(Size size, Gpr dst, Gpr src, RegMem mask) => // VEX.LZ.F3.0F38 F5 /r
        EmitVex(V128, PF3 | M38 | 0xF5 | WideOnly(size), (uint)dst, (uint)src, mask.Packed);

    /// <summary>high:low = rdx × src, unsigned, flags untouched.</summary>
    public void Mulx(Size size, Gpr high, Gpr low, RegMem src) => // VEX.LZ.F2.0F38 F6 /r
        EmitVex(V128, PF2 | M38 | 0xF6 | WideOnly(size), (uint)high, (uint)low, src.Packed);

    public void Shlx(Size size, Gpr dst, RegMem src, Gpr count) => // VEX.LZ.66.0F38 F7 /r
        EmitVex(V128, P66 | M38 | 0xF7 | WideOnly(size), (uint)dst, (uint)count, src.Packed);

    public void Sarx(Size size, Gpr dst, RegMem src, Gpr count) => // VEX.LZ.F3.0F38 F7 /r
        EmitVex(V128, PF3 | M38 | 0xF7 | WideOnly(size), (uint)dst, (uint)count, src.Packed);

    public void Shrx(Size size, Gpr dst, RegMem src, Gpr count) => // VEX.LZ.F2.0F38 F7 /r
        EmitVex(V128, PF2 | M38 | 0xF7 | WideOnly(size), (uint)dst, (uint)count, src.Packed);

    public void Rorx(Size size, Gpr dst, RegMem src, int count) // VEX.LZ.F2.0F3A F0 /r ib
    {
        uint wide = WideOnly(size);
        CheckCount(size, count);
        EmitVexImm8(V128, PF2 | M3A | 0xF0 | wide, (uint)dst, 0, src.Packed, (byte)count);
    }

    // ---- Shared shapes ----

    private void EmitCount(Size size, uint op, Gpr reg, RegMem rm)
    {
        NoByteForm(size);
        EmitEscaped(size, op, (uint)reg, rm.Packed);
    }

    private void EmitBitTest(Size size, uint digit, RegMem dst, int bit)
    {
        NoByteForm(size);
        if ((uint)bit >= (8u << (int)size))
            throw new ArgumentOutOfRangeException(nameof(bit), bit, $"Not a bit of a {size} operand.");
        EmitEscapedImm8(size, M0F | 0xBA, Digit | digit, dst.Packed, (byte)bit);
    }

    private void EmitLowestBit(Size size, uint digit, Gpr dst, RegMem src) =>
        EmitVex(V128, M38 | 0xF3 | WideOnly(size), Digit | digit, (uint)dst, src.Packed);

    /// <summary>VEX.W for a size of 32 or 64 bits, the only ones that the instruction has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint WideOnly(Size size)
    {
        if (size < Size.Dword)
            ThrowNarrow(size);
        return size == Size.Qword ? W1 : 0;
    }

    [DoesNotReturn]
    private static void ThrowNarrow(Size size) =>
        throw new ArgumentException($"The instruction has no {size} form.", nameof(size));
}
