// Conversions between numbers. The processor's float-to-integer conversion answers "indefinite" (the smallest integer)
// for everything that doesn't fit; the fast path tells that apart and only then the reason is looked for.

using Anneal.Assembler;

namespace Anneal.Templates;

internal sealed partial class Templates<TOperands>
{
    private const ulong TwoTo63F64 = 0x43E0_0000_0000_0000;
    private const ulong TwoTo63F32 = 0x5F00_0000;

    public void I32TruncF32S(int d, Source a) => Truncate32(Width.F32, d, a, Size.Dword);

    public void I32TruncF64S(int d, Source a) => Truncate32(Width.F64, d, a, Size.Dword);

    public void I32TruncF32U(int d, Source a) => Truncate32(Width.F32, d, a, Size.Qword);

    public void I32TruncF64U(int d, Source a) => Truncate32(Width.F64, d, a, Size.Qword);

    public void I64TruncF32S(int d, Source a) => Truncate64Signed(Width.F32, d, a);

    public void I64TruncF64S(int d, Source a) => Truncate64Signed(Width.F64, d, a);

    public void I64TruncF32U(int d, Source a) => Truncate64Unsigned(Width.F32, d, a);

    public void I64TruncF64U(int d, Source a) => Truncate64Unsigned(Width.F64, d, a);

    public void I32TruncSatF32S(int d, Source a) => Saturate32(Width.F32, d, a, int.MinValue, int.MaxValue);

    public void I32TruncSatF64S(int d, Source a) => Saturate32(Width.F64, d, a, int.MinValue, int.MaxValue);

    public void I32TruncSatF32U(int d, Source a) => Saturate32(Width.F32, d, a, 0, uint.MaxValue);

    public void I32TruncSatF64U(int d, Source a) => Saturate32(Width.F64, d, a, 0, uint.MaxValue);

    public void I64TruncSatF32S(int d, Source a) => Saturate64Signed(Width.F32, d, a);

    public void I64TruncSatF64S(int d, Source a) => Saturate64Signed(Width.F64, d, a);

    public void I64TruncSatF32U(int d, Source a) => Saturate64Unsigned(Width.F32, d, a);

    public void I64TruncSatF64U(int d, Source a) => Saturate64Unsigned(Width.F64, d, a);

    public void F32ConvertI32S(int d, Source a) => FromInteger(Width.F32, Size.Dword, d, a);

    public void F64ConvertI32S(int d, Source a) => FromInteger(Width.F64, Size.Dword, d, a);

    /// <summary>An unsigned 32-bit number is a positive 64-bit one.</summary>
    public void F32ConvertI32U(int d, Source a) => FromInteger(Width.F32, Size.Qword, d, a);

    /// <summary>An unsigned 32-bit number is a positive 64-bit one.</summary>
    public void F64ConvertI32U(int d, Source a) => FromInteger(Width.F64, Size.Qword, d, a);

    public void F32ConvertI64S(int d, Source a) => FromInteger(Width.F32, Size.Qword, d, a);

    public void F64ConvertI64S(int d, Source a) => FromInteger(Width.F64, Size.Qword, d, a);

    public void F32ConvertI64U(int d, Source a) => FromUnsigned64(Width.F32, d, a);

    public void F64ConvertI64U(int d, Source a) => FromUnsigned64(Width.F64, d, a);

    public void F32DemoteF64(int d, Source a)
    {
        Xmm value = operands.UseX(a);
        Xmm result = operands.DefineX(d);
        asm.Xorps(result, result);
        asm.Cvtsd2ss(result, value);
        operands.Commit(d, result);
    }

    public void F64PromoteF32(int d, Source a)
    {
        Xmm value = operands.UseX(a);
        Xmm result = operands.DefineX(d);
        asm.Xorps(result, result);
        asm.Cvtss2sd(result, value);
        operands.Commit(d, result);
    }

    public void I32ReinterpretF32(int d, Source a) => operands.Move(d, a);

    public void I64ReinterpretF64(int d, Source a) => operands.Move(d, a);

    public void F32ReinterpretI32(int d, Source a) => operands.MoveX(d, a);

    public void F64ReinterpretI64(int d, Source a) => operands.MoveX(d, a);

    private void ToInteger(Width width, Size size, Gpr destination, Xmm value)
    {
        if (width == Width.F64) asm.Cvttsd2si(size, destination, value);
        else asm.Cvttss2si(size, destination, value);
    }

    private Mem TwoTo63(Width width) =>
        Mem.Rip(width == Width.F64 ? asm.Code.Literal64(TwoTo63F64) : asm.Code.Literal32((uint)TwoTo63F32));

    // Jumps, when the value can't be converted, to the trap that says why.
    private void TrapUnconvertible(Width width, Xmm value)
    {
        Ucomi(width, value, value);
        asm.Jcc(Condition.P, operands.TrapLabel(TrapKind.InvalidConversionToInteger));
        asm.Jmp(operands.TrapLabel(TrapKind.IntegerOverflow));
    }

    // Through 64 bits: the value fits if the low half, extended as the type is, gives the whole back.
    private void Truncate32(Width width, int d, Source a, Size extension)
    {
        Xmm value = operands.UseX(a);
        Gpr result = operands.Define(d);
        Label fits = asm.Code.NewLabel();
        ToInteger(width, Q, Registers.Scratch, value);
        if (extension == Size.Dword) asm.Movsxd(result, Registers.Scratch);
        else asm.Mov(D, result, Registers.Scratch);
        asm.Cmp(Q, result, Registers.Scratch);
        asm.Jcc(Condition.E, fits);
        TrapUnconvertible(width, value);
        asm.Code.Bind(fits);
        if (extension == Size.Dword) asm.Mov(D, result, result);
        operands.Commit(d, result);
    }

    private void Truncate64Signed(Width width, int d, Source a)
    {
        Xmm value = operands.UseX(a);
        Gpr result = operands.Define(d);
        Label fits = asm.Code.NewLabel();
        Label trap = asm.Code.NewLabel();
        ToInteger(width, Q, result, value);
        asm.Cmp(Q, result, 1);
        asm.Jcc(Condition.NO, fits);
        // The smallest integer is right for exactly one float.
        asm.Xorps(Registers.ScratchX, Registers.ScratchX);
        if (width == Width.F64) asm.Subsd(Registers.ScratchX, TwoTo63(width));
        else asm.Subss(Registers.ScratchX, TwoTo63(width));
        Ucomi(width, value, Registers.ScratchX);
        asm.Jcc(Condition.P, trap);
        asm.Jcc(Condition.E, fits);
        asm.Code.Bind(trap);
        TrapUnconvertible(width, value);
        asm.Code.Bind(fits);
        operands.Commit(d, result);
    }

    private void Truncate64Unsigned(Width width, int d, Source a)
    {
        Xmm value = operands.UseX(a);
        Gpr result = operands.Define(d);
        Label big = asm.Code.NewLabel();
        Label trap = asm.Code.NewLabel();
        Label done = asm.Code.NewLabel();
        UnsignedHalves(width, value, result, big, trap, done);
        asm.Code.Bind(trap);
        TrapUnconvertible(width, value);
        asm.Code.Bind(done);
        operands.Commit(d, result);
    }

    // Numbers below 2^63 convert as signed ones; for the others the top bit goes apart. Jumps to `odd` for what doesn't fit.
    private void UnsignedHalves(Width width, Xmm value, Gpr result, Label big, Label odd, Label done)
    {
        Ucomi(width, value, TwoTo63(width));
        asm.Jcc(Condition.P, odd);
        asm.Jcc(Condition.AE, big);
        ToInteger(width, Q, result, value);
        asm.Test(Q, result, result);
        asm.Jcc(Condition.NS, done);
        asm.Jmp(odd);
        asm.Code.Bind(big);
        asm.Movaps(Registers.ScratchX, value);
        if (width == Width.F64) asm.Subsd(Registers.ScratchX, TwoTo63(width));
        else asm.Subss(Registers.ScratchX, TwoTo63(width));
        ToInteger(width, Q, result, Registers.ScratchX);
        asm.Btc(Q, result, 63);
        asm.Test(Q, result, result);
        asm.Jcc(Condition.S, done);
    }

    private void Saturate32(Width width, int d, Source a, long minimum, long maximum)
    {
        Xmm value = operands.UseX(a);
        Gpr result = operands.Define(d);
        Label done = asm.Code.NewLabel();
        ToInteger(width, Q, Registers.Scratch, value);
        if (minimum < 0) asm.Movsxd(result, Registers.Scratch);
        else asm.Mov(D, result, Registers.Scratch);
        asm.Cmp(Q, result, Registers.Scratch);
        asm.Jcc(Condition.E, done);
        SaturateOdd(width, value, result, minimum, maximum, done);
        asm.Code.Bind(done);
        if (minimum < 0) asm.Mov(D, result, result);
        operands.Commit(d, result);
    }

    private void Saturate64Signed(Width width, int d, Source a)
    {
        Xmm value = operands.UseX(a);
        Gpr result = operands.Define(d);
        Label done = asm.Code.NewLabel();
        ToInteger(width, Q, result, value);
        asm.Cmp(Q, result, 1);
        asm.Jcc(Condition.NO, done);
        SaturateOdd(width, value, result, long.MinValue, long.MaxValue, done);
        asm.Code.Bind(done);
        operands.Commit(d, result);
    }

    private void Saturate64Unsigned(Width width, int d, Source a)
    {
        Xmm value = operands.UseX(a);
        Gpr result = operands.Define(d);
        Label big = asm.Code.NewLabel();
        Label odd = asm.Code.NewLabel();
        Label done = asm.Code.NewLabel();
        UnsignedHalves(width, value, result, big, odd, done);
        asm.Code.Bind(odd);
        SaturateOdd(width, value, result, 0, -1, done);
        asm.Code.Bind(done);
        operands.Commit(d, result);
    }

    // NaN gives 0, what's below the range its least number, what's above its greatest.
    private void SaturateOdd(Width width, Xmm value, Gpr result, long minimum, long maximum, Label done)
    {
        Label ordered = asm.Code.NewLabel();
        asm.Xorps(Registers.ScratchX, Registers.ScratchX);
        Ucomi(width, value, Registers.ScratchX);
        asm.Jcc(Condition.NP, ordered);
        asm.Mov(result, 0L);
        asm.Jmp(done);
        asm.Code.Bind(ordered);
        asm.Mov(result, minimum);
        asm.Jcc(Condition.B, done);
        asm.Mov(result, maximum);
    }

    private void FromInteger(Width width, Size size, int d, Source a)
    {
        RegMem value = operands.TryConstant(a, out _) ? operands.Use(a) : operands.UseAny(a);
        Xmm result = operands.DefineX(d);
        asm.Xorps(result, result);
        if (width == Width.F64) asm.Cvtsi2sd(size, result, value);
        else asm.Cvtsi2ss(size, result, value);
        operands.Commit(d, result);
    }

    // With the top bit set the number is halved first; the bit shifted out is kept so that rounding is right.
    private void FromUnsigned64(Width width, int d, Source a)
    {
        Gpr value = operands.Use(a);
        Gpr half = operands.Temporary();
        Xmm result = operands.DefineX(d);
        Label big = asm.Code.NewLabel();
        Label done = asm.Code.NewLabel();
        asm.Xorps(result, result);
        asm.Test(Q, value, value);
        asm.Jcc(Condition.S, big);
        if (width == Width.F64) asm.Cvtsi2sd(Q, result, value);
        else asm.Cvtsi2ss(Q, result, value);
        asm.Jmp(done);
        asm.Code.Bind(big);
        asm.Mov(Q, half, value);
        asm.Mov(D, Registers.Scratch, value);
        asm.Shr(Q, half, 1);
        asm.And(D, Registers.Scratch, 1);
        asm.Or(Q, half, Registers.Scratch);
        if (width == Width.F64)
        {
            asm.Cvtsi2sd(Q, result, half);
            asm.Addsd(result, result);
        }
        else
        {
            asm.Cvtsi2ss(Q, result, half);
            asm.Addss(result, result);
        }

        asm.Code.Bind(done);
        operands.Commit(d, result);
    }
}
