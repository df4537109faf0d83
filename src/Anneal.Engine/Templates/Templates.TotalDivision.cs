// Division that is defined for all operands: by 0 the quotient is 0 and the remainder the dividend, and where the quotient
// overflows (the smallest number by -1) it wraps. Nothing here faults.

using Anneal.Assembler;

namespace Anneal.Templates;

internal sealed partial class Templates<TOperands>
{
    private enum DivisionResult
    {
        Quotient,
        Remainder,
    }

    public void I32QuotS(int d, Source a, Source b) => TotalSigned(DivisionResult.Quotient, D, d, a, b);

    public void I32QuotU(int d, Source a, Source b) => TotalUnsigned(DivisionResult.Quotient, D, d, a, b);

    public void I32ModS(int d, Source a, Source b) => TotalSigned(DivisionResult.Remainder, D, d, a, b);

    public void I32ModU(int d, Source a, Source b) => TotalUnsigned(DivisionResult.Remainder, D, d, a, b);

    public void I64QuotS(int d, Source a, Source b) => TotalSigned(DivisionResult.Quotient, Q, d, a, b);

    public void I64QuotU(int d, Source a, Source b) => TotalUnsigned(DivisionResult.Quotient, Q, d, a, b);

    public void I64ModS(int d, Source a, Source b) => TotalSigned(DivisionResult.Remainder, Q, d, a, b);

    public void I64ModU(int d, Source a, Source b) => TotalUnsigned(DivisionResult.Remainder, Q, d, a, b);

    private void TotalUnsigned(DivisionResult wanted, Size size, int d, Source a, Source b)
    {
        if (TryPowerOfTwo(size, b, signed: false, out int shift))
        {
            if (wanted == DivisionResult.Quotient) Shift(ShiftKind.Shr, size, d, a, Source.Constant(shift));
            else Arithmetic(Alu.And, size, d, a, Source.Constant((1L << shift) - 1));
            return;
        }

        operands.Reserve(Gpr.Rdx);
        Gpr divisor = operands.Use(b);
        operands.Load(Gpr.Rax, a);
        Label done = asm.Code.NewLabel();
        BeginTotal(wanted, size, divisor, done);
        asm.Xor(D, Gpr.Rdx, Gpr.Rdx);
        asm.Div(size, divisor);
        asm.Code.Bind(done);
        CommitTotal(wanted, size, d);
    }

    private void TotalSigned(DivisionResult wanted, Size size, int d, Source a, Source b)
    {
        operands.Reserve(Gpr.Rdx);
        Gpr divisor = operands.Use(b);
        operands.Load(Gpr.Rax, a);
        Label done = asm.Code.NewLabel();
        Label divide = asm.Code.NewLabel();
        BeginTotal(wanted, size, divisor, done);
        asm.Cmp(size, divisor, -1);
        asm.Jcc(Condition.NE, divide);
        asm.Neg(size, Gpr.Rax);
        asm.Xor(D, Gpr.Rdx, Gpr.Rdx);
        asm.Jmp(done);
        asm.Code.Bind(divide);
        if (size == D) asm.Cdq();
        else asm.Cqo();
        asm.Idiv(size, divisor);
        asm.Code.Bind(done);
        CommitTotal(wanted, size, d);
    }

    // The results of a division by zero are put where those of the others come to be, and the rest is jumped over.
    private void BeginTotal(DivisionResult wanted, Size size, Gpr divisor, Label done)
    {
        Label divide = asm.Code.NewLabel();
        asm.Test(size, divisor, divisor);
        asm.Jcc(Condition.NE, divide);
        if (wanted == DivisionResult.Quotient) asm.Xor(D, Gpr.Rax, Gpr.Rax);
        else asm.Mov(Q, Gpr.Rdx, Gpr.Rax);
        asm.Jmp(done);
        asm.Code.Bind(divide);
    }

    private void CommitTotal(DivisionResult wanted, Size size, int d)
    {
        Gpr result = operands.Define(d);
        asm.Mov(size, result, wanted == DivisionResult.Quotient ? Gpr.Rax : Gpr.Rdx);
        operands.Commit(d, result);
    }
}
