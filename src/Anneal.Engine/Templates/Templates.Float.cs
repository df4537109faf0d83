// Float arithmetic. NaN results: the processor's default NaN is canonical up to its sign, which WebAssembly allows, and an
// operand's NaN is passed on quieted, which it allows too.

using Anneal.Assembler;

namespace Anneal.Templates;

internal sealed partial class Templates<TOperands>
{
    private const ulong Sign32 = 0x8000_0000;
    private const ulong Sign64 = 0x8000_0000_0000_0000;

    private enum Width
    {
        F32,
        F64,
    }

    private enum FloatOp
    {
        Add,
        Sub,
        Mul,
        Div,
    }

    public void F32Add(int d, Source a, Source b) => FloatArithmetic(FloatOp.Add, Width.F32, d, a, b);

    public void F32Sub(int d, Source a, Source b) => FloatArithmetic(FloatOp.Sub, Width.F32, d, a, b);

    public void F32Mul(int d, Source a, Source b) => FloatArithmetic(FloatOp.Mul, Width.F32, d, a, b);

    public void F32Div(int d, Source a, Source b) => FloatArithmetic(FloatOp.Div, Width.F32, d, a, b);

    public void F64Add(int d, Source a, Source b) => FloatArithmetic(FloatOp.Add, Width.F64, d, a, b);

    public void F64Sub(int d, Source a, Source b) => FloatArithmetic(FloatOp.Sub, Width.F64, d, a, b);

    public void F64Mul(int d, Source a, Source b) => FloatArithmetic(FloatOp.Mul, Width.F64, d, a, b);

    public void F64Div(int d, Source a, Source b) => FloatArithmetic(FloatOp.Div, Width.F64, d, a, b);

    public void F32Min(int d, Source a, Source b) => Extremum(Width.F32, d, a, b, minimum: true);

    public void F32Max(int d, Source a, Source b) => Extremum(Width.F32, d, a, b, minimum: false);

    public void F64Min(int d, Source a, Source b) => Extremum(Width.F64, d, a, b, minimum: true);

    public void F64Max(int d, Source a, Source b) => Extremum(Width.F64, d, a, b, minimum: false);

    public void F32Copysign(int d, Source a, Source b) => CopySign(Width.F32, d, a, b);

    public void F64Copysign(int d, Source a, Source b) => CopySign(Width.F64, d, a, b);

    public void F32Abs(int d, Source a)
    {
        Xmm result = operands.DefineFromX(d, a);
        asm.Andps(result, Mem.Rip(asm.Code.Literal128(Sign32 - 1, 0)));
        operands.Commit(d, result);
    }

    public void F64Abs(int d, Source a)
    {
        Xmm result = operands.DefineFromX(d, a);
        asm.Andps(result, Mem.Rip(asm.Code.Literal128(Sign64 - 1, 0)));
        operands.Commit(d, result);
    }

    public void F32Neg(int d, Source a)
    {
        Xmm result = operands.DefineFromX(d, a);
        asm.Xorps(result, Mem.Rip(asm.Code.Literal128(Sign32, 0)));
        operands.Commit(d, result);
    }

    public void F64Neg(int d, Source a)
    {
        Xmm result = operands.DefineFromX(d, a);
        asm.Xorps(result, Mem.Rip(asm.Code.Literal128(Sign64, 0)));
        operands.Commit(d, result);
    }

    public void F32Ceil(int d, Source a) => Round(Width.F32, d, a, Rounding.Up);

    public void F32Floor(int d, Source a) => Round(Width.F32, d, a, Rounding.Down);

    public void F32Trunc(int d, Source a) => Round(Width.F32, d, a, Rounding.Zero);

    public void F32Nearest(int d, Source a) => Round(Width.F32, d, a, Rounding.Even);

    public void F64Ceil(int d, Source a) => Round(Width.F64, d, a, Rounding.Up);

    public void F64Floor(int d, Source a) => Round(Width.F64, d, a, Rounding.Down);

    public void F64Trunc(int d, Source a) => Round(Width.F64, d, a, Rounding.Zero);

    public void F64Nearest(int d, Source a) => Round(Width.F64, d, a, Rounding.Even);

    public void F32Sqrt(int d, Source a)
    {
        Xmm value = operands.UseX(a);
        Xmm result = operands.DefineX(d);
        asm.Xorps(result, result);
        asm.Sqrtss(result, value);
        operands.Commit(d, result);
    }

    public void F64Sqrt(int d, Source a)
    {
        Xmm value = operands.UseX(a);
        Xmm result = operands.DefineX(d);
        asm.Xorps(result, result);
        asm.Sqrtsd(result, value);
        operands.Commit(d, result);
    }

    public void F32Eq(int d, Source a, Source b) => FloatEqual(Width.F32, d, a, b, equal: true);

    public void F32Ne(int d, Source a, Source b) => FloatEqual(Width.F32, d, a, b, equal: false);

    public void F64Eq(int d, Source a, Source b) => FloatEqual(Width.F64, d, a, b, equal: true);

    public void F64Ne(int d, Source a, Source b) => FloatEqual(Width.F64, d, a, b, equal: false);

    public void F32Lt(int d, Source a, Source b) => FloatLess(Width.F32, Condition.A, d, a, b);

    public void F32Le(int d, Source a, Source b) => FloatLess(Width.F32, Condition.AE, d, a, b);

    public void F64Lt(int d, Source a, Source b) => FloatLess(Width.F64, Condition.A, d, a, b);

    public void F64Le(int d, Source a, Source b) => FloatLess(Width.F64, Condition.AE, d, a, b);

    // The immediate of roundss/roundsd; bit 3 keeps the inexact exception quiet.
    private enum Rounding : byte
    {
        Even = 8,
        Down = 9,
        Up = 10,
        Zero = 11,
    }

    private void FloatArithmetic(FloatOp op, Width width, int d, Source a, Source b)
    {
        XmmMem right = operands.UseAnyX(b);
        Xmm left = operands.DefineFromX(d, a);
        if (width == Width.F64)
        {
            switch (op)
            {
                case FloatOp.Add: asm.Addsd(left, right); break;
                case FloatOp.Sub: asm.Subsd(left, right); break;
                case FloatOp.Mul: asm.Mulsd(left, right); break;
                default: asm.Divsd(left, right); break;
            }
        }
        else
        {
            switch (op)
            {
                case FloatOp.Add: asm.Addss(left, right); break;
                case FloatOp.Sub: asm.Subss(left, right); break;
                case FloatOp.Mul: asm.Mulss(left, right); break;
                default: asm.Divss(left, right); break;
            }
        }

        operands.Commit(d, left);
    }

    // minsd and maxsd return their second operand for NaN and for zeros of either sign, so both cases go apart: equal
    // operands are combined bit by bit (which orders the zeros), unordered ones are added (which passes the NaN on).
    private void Extremum(Width width, int d, Source a, Source b, bool minimum)
    {
        Xmm right = operands.UseX(b);
        Xmm result = operands.DefineFromX(d, a);
        Label unequal = asm.Code.NewLabel();
        Label unordered = asm.Code.NewLabel();
        Label done = asm.Code.NewLabel();
        Ucomi(width, result, right);
        asm.Jcc(Condition.P, unordered);
        asm.Jcc(Condition.NE, unequal);
        if (minimum) asm.Orps(result, right);
        else asm.Andps(result, right);
        asm.Jmp(done);
        asm.Code.Bind(unordered);
        if (width == Width.F64) asm.Addsd(result, right);
        else asm.Addss(result, right);
        asm.Jmp(done);
        asm.Code.Bind(unequal);
        if (width == Width.F64 && minimum) asm.Minsd(result, right);
        else if (width == Width.F64) asm.Maxsd(result, right);
        else if (minimum) asm.Minss(result, right);
        else asm.Maxss(result, right);
        asm.Code.Bind(done);
        operands.Commit(d, result);
    }

    private void CopySign(Width width, int d, Source a, Source b)
    {
        ulong sign = width == Width.F64 ? Sign64 : Sign32;
        Xmm signs = operands.UseX(b);
        Xmm result = operands.DefineFromX(d, a);
        asm.Movaps(Registers.ScratchX, signs);
        asm.Andps(Registers.ScratchX, Mem.Rip(asm.Code.Literal128(sign, 0)));
        asm.Andps(result, Mem.Rip(asm.Code.Literal128(sign - 1, 0)));
        asm.Orps(result, Registers.ScratchX);
        operands.Commit(d, result);
    }

    private void Round(Width width, int d, Source a, Rounding rounding)
    {
        Xmm value = operands.UseX(a);
        Xmm result = operands.DefineX(d);
        asm.Xorps(result, result);
        if (width == Width.F64) asm.Roundsd(result, value, (byte)rounding);
        else asm.Roundss(result, value, (byte)rounding);
        operands.Commit(d, result);
    }

    private void Ucomi(Width width, Xmm left, XmmMem right)
    {
        if (width == Width.F64) asm.Ucomisd(left, right);
        else asm.Ucomiss(left, right);
    }

    private void FloatEqual(Width width, int d, Source a, Source b, bool equal)
    {
        Xmm left = operands.UseX(a);
        XmmMem right = operands.UseAnyX(b);
        Gpr result = operands.Define(d);
        Ucomi(width, left, right);
        // Unordered sets the parity flag and the zero flag alike.
        asm.Setcc(equal ? Condition.NP : Condition.P, Registers.Scratch);
        asm.Mov(D, result, equal ? 0 : 1);
        asm.Movzx(Size.Byte, Registers.Scratch, Registers.Scratch);
        asm.Cmovcc(D, Condition.E, result, Registers.Scratch);
        operands.Commit(d, result);
    }

    // a < b is "b above a": that condition is false when unordered.
    private void FloatLess(Width width, Condition condition, int d, Source a, Source b)
    {
        Xmm right = operands.UseX(b);
        XmmMem left = operands.UseAnyX(a);
        Gpr result = operands.Define(d);
        Ucomi(width, right, left);
        asm.Setcc(condition, Registers.Scratch);
        asm.Movzx(Size.Byte, result, Registers.Scratch);
        operands.Commit(d, result);
    }
}
