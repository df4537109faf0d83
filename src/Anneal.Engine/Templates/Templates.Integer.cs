using Anneal.Assembler;

namespace Anneal.Templates;

internal sealed partial class Templates<TOperands>
{
    private const Size D = Size.Dword;
    private const Size Q = Size.Qword;

    private enum Alu
    {
        Add,
        Sub,
        And,
        Or,
        Xor,
    }

    public void I32Add(int d, Source a, Source b) => Sum(D, d, a, b);

    public void I64Add(int d, Source a, Source b) => Sum(Q, d, a, b);

    public void I32Sub(int d, Source a, Source b) => Arithmetic(Alu.Sub, D, d, a, b);

    public void I64Sub(int d, Source a, Source b) => Arithmetic(Alu.Sub, Q, d, a, b);

    public void I32And(int d, Source a, Source b) => Arithmetic(Alu.And, D, d, a, b);

    public void I64And(int d, Source a, Source b) => Arithmetic(Alu.And, Q, d, a, b);

    public void I32Or(int d, Source a, Source b) => Arithmetic(Alu.Or, D, d, a, b);

    public void I64Or(int d, Source a, Source b) => Arithmetic(Alu.Or, Q, d, a, b);

    public void I32Xor(int d, Source a, Source b) => Arithmetic(Alu.Xor, D, d, a, b);

    public void I64Xor(int d, Source a, Source b) => Arithmetic(Alu.Xor, Q, d, a, b);

    public void I32Mul(int d, Source a, Source b) => Product(D, d, a, b);

    public void I64Mul(int d, Source a, Source b) => Product(Q, d, a, b);

    public void I32DivS(int d, Source a, Source b) => Divide(D, d, a, b, signed: true);

    public void I32DivU(int d, Source a, Source b) => Divide(D, d, a, b, signed: false);

    public void I64DivS(int d, Source a, Source b) => Divide(Q, d, a, b, signed: true);

    public void I64DivU(int d, Source a, Source b) => Divide(Q, d, a, b, signed: false);

    public void I32RemS(int d, Source a, Source b) => Remainder(D, d, a, b, signed: true);

    public void I32RemU(int d, Source a, Source b) => Remainder(D, d, a, b, signed: false);

    public void I64RemS(int d, Source a, Source b) => Remainder(Q, d, a, b, signed: true);

    public void I64RemU(int d, Source a, Source b) => Remainder(Q, d, a, b, signed: false);

    public void I32Shl(int d, Source a, Source b) => Shift(ShiftKind.Shl, D, d, a, b);

    public void I64Shl(int d, Source a, Source b) => Shift(ShiftKind.Shl, Q, d, a, b);

    public void I32ShrS(int d, Source a, Source b) => Shift(ShiftKind.Sar, D, d, a, b);

    public void I64ShrS(int d, Source a, Source b) => Shift(ShiftKind.Sar, Q, d, a, b);

    public void I32ShrU(int d, Source a, Source b) => Shift(ShiftKind.Shr, D, d, a, b);

    public void I64ShrU(int d, Source a, Source b) => Shift(ShiftKind.Shr, Q, d, a, b);

    public void I32Rotl(int d, Source a, Source b) => Shift(ShiftKind.Rol, D, d, a, b);

    public void I64Rotl(int d, Source a, Source b) => Shift(ShiftKind.Rol, Q, d, a, b);

    public void I32Rotr(int d, Source a, Source b) => Shift(ShiftKind.Ror, D, d, a, b);

    public void I64Rotr(int d, Source a, Source b) => Shift(ShiftKind.Ror, Q, d, a, b);

    public void I32Clz(int d, Source a) => LeadingZeros(D, d, a);

    public void I64Clz(int d, Source a) => LeadingZeros(Q, d, a);

    public void I32Ctz(int d, Source a) => TrailingZeros(D, d, a);

    public void I64Ctz(int d, Source a) => TrailingZeros(Q, d, a);

    public void I32Popcnt(int d, Source a) => PopulationCount(D, d, a);

    public void I64Popcnt(int d, Source a) => PopulationCount(Q, d, a);

    public void I32Extend8S(int d, Source a) => Extend(D, Size.Byte, d, a);

    public void I32Extend16S(int d, Source a) => Extend(D, Size.Word, d, a);

    public void I64Extend8S(int d, Source a) => Extend(Q, Size.Byte, d, a);

    public void I64Extend16S(int d, Source a) => Extend(Q, Size.Word, d, a);

    public void I64Extend32S(int d, Source a) => Extend(Q, Size.Dword, d, a);

    public void I64ExtendI32S(int d, Source a) => Extend(Q, Size.Dword, d, a);

    /// <summary>The slot holds the zero-extended value already.</summary>
    public void I64ExtendI32U(int d, Source a) => operands.Move(d, a);

    public void I32WrapI64(int d, Source a)
    {
        if (operands.TryConstant(a, out long known))
        {
            operands.Move(d, Source.Constant((uint)known));
            return;
        }

        RegMem value = operands.UseAny(a);
        Gpr result = operands.Define(d);
        asm.Mov(D, result, value);
        operands.Commit(d, result);
    }

    public void I32Eq(int d, Source a, Source b) => Compare(Condition.E, D, d, a, b);

    public void I32Ne(int d, Source a, Source b) => Compare(Condition.NE, D, d, a, b);

    public void I32LtS(int d, Source a, Source b) => Compare(Condition.L, D, d, a, b);

    public void I32LtU(int d, Source a, Source b) => Compare(Condition.B, D, d, a, b);

    public void I32GeS(int d, Source a, Source b) => Compare(Condition.GE, D, d, a, b);

    public void I32GeU(int d, Source a, Source b) => Compare(Condition.AE, D, d, a, b);

    public void I64Eq(int d, Source a, Source b) => Compare(Condition.E, Q, d, a, b);

    public void I64Ne(int d, Source a, Source b) => Compare(Condition.NE, Q, d, a, b);

    public void I64LtS(int d, Source a, Source b) => Compare(Condition.L, Q, d, a, b);

    public void I64LtU(int d, Source a, Source b) => Compare(Condition.B, Q, d, a, b);

    public void I64GeS(int d, Source a, Source b) => Compare(Condition.GE, Q, d, a, b);

    public void I64GeU(int d, Source a, Source b) => Compare(Condition.AE, Q, d, a, b);

    private enum ShiftKind
    {
        Shl,
        Sar,
        Shr,
        Rol,
        Ror,
    }

    /// <summary>A constant that an instruction can carry: for 32-bit operations any, else what sign-extends from 32 bits.</summary>
    private bool TryImmediate(Size size, Source source, out int immediate)
    {
        if (operands.TryConstant(source, out long value) && (size == D || value == (int)value))
        {
            immediate = (int)value;
            return true;
        }

        immediate = 0;
        return false;
    }

    private void Sum(Size size, int d, Source a, Source b)
    {
        if (operands.TryConstant(a, out _)) (a, b) = (b, a);
        if (TryImmediate(size, b, out int immediate))
        {
            Gpr left = operands.Use(a);
            Gpr sum = operands.Define(d);
            asm.Lea(size, sum, Mem.At(left, immediate));
            operands.Commit(d, sum);
            return;
        }

        Arithmetic(Alu.Add, size, d, a, b);
    }

    private void Arithmetic(Alu alu, Size size, int d, Source a, Source b)
    {
        if (alu != Alu.Sub && operands.TryConstant(a, out _)) (a, b) = (b, a);
        if (TryImmediate(size, b, out int immediate))
        {
            Gpr result = operands.DefineFrom(d, a);
            switch (alu)
            {
                case Alu.Add: asm.Add(size, result, immediate); break;
                case Alu.Sub: asm.Sub(size, result, immediate); break;
                case Alu.And: asm.And(size, result, immediate); break;
                case Alu.Or: asm.Or(size, result, immediate); break;
                default: asm.Xor(size, result, immediate); break;
            }

            operands.Commit(d, result);
            return;
        }

        RegMem right = operands.TryConstant(b, out _) ? operands.Use(b) : operands.UseAny(b);
        Gpr left = operands.DefineFrom(d, a);
        switch (alu)
        {
            case Alu.Add: asm.Add(size, left, right); break;
            case Alu.Sub: asm.Sub(size, left, right); break;
            case Alu.And: asm.And(size, left, right); break;
            case Alu.Or: asm.Or(size, left, right); break;
            default: asm.Xor(size, left, right); break;
        }

        operands.Commit(d, left);
    }

    private void Product(Size size, int d, Source a, Source b)
    {
        if (operands.TryConstant(a, out _)) (a, b) = (b, a);
        if (TryImmediate(size, b, out int immediate))
        {
            RegMem factor = operands.TryConstant(a, out _) ? operands.Use(a) : operands.UseAny(a);
            Gpr product = operands.Define(d);
            asm.Imul(size, product, factor, immediate);
            operands.Commit(d, product);
            return;
        }

        RegMem right = operands.TryConstant(b, out _) ? operands.Use(b) : operands.UseAny(b);
        Gpr left = operands.DefineFrom(d, a);
        asm.Imul(size, left, right);
        operands.Commit(d, left);
    }

    private void Divide(Size size, int d, Source a, Source b, bool signed)
    {
        if (TryPowerOfTwo(size, b, signed, out int shift))
        {
            Shift(ShiftKind.Shr, size, d, a, Source.Constant(shift));
            return;
        }

        // The division itself uses rdx and rax; rax never holds a slot.
        operands.Reserve(Gpr.Rdx);
        Gpr divisor = operands.Use(b);
        operands.Load(Gpr.Rax, a);
        if (!target.HardwareTraps)
        {
            CheckDivisor(size, divisor);
            if (signed) CheckOverflow(size, divisor);
        }

        Quotient(size, divisor, signed);
        Gpr result = operands.Define(d);
        asm.Mov(size, result, Gpr.Rax);
        operands.Commit(d, result);
    }

    private void Remainder(Size size, int d, Source a, Source b, bool signed)
    {
        if (TryPowerOfTwo(size, b, signed, out int shift))
        {
            Arithmetic(Alu.And, size, d, a, Source.Constant((1L << shift) - 1));
            return;
        }

        // The division itself uses rdx and rax; rax never holds a slot.
        operands.Reserve(Gpr.Rdx);
        Gpr divisor = operands.Use(b);
        operands.Load(Gpr.Rax, a);
        if (!target.HardwareTraps) CheckDivisor(size, divisor);
        if (signed)
        {
            // The quotient of the smallest number by -1 overflows, its remainder is 0.
            Label divide = asm.Code.NewLabel();
            Label done = asm.Code.NewLabel();
            asm.Cmp(size, divisor, -1);
            asm.Jcc(Condition.NE, divide);
            asm.Xor(D, Gpr.Rdx, Gpr.Rdx);
            asm.Jmp(done);
            asm.Code.Bind(divide);
            Quotient(size, divisor, signed);
            asm.Code.Bind(done);
        }
        else
        {
            Quotient(size, divisor, signed);
        }

        Gpr result = operands.Define(d);
        asm.Mov(size, result, Gpr.Rdx);
        operands.Commit(d, result);
    }

    /// <summary>Unsigned division by a power of two is a shift, its remainder a mask.</summary>
    private bool TryPowerOfTwo(Size size, Source b, bool signed, out int shift)
    {
        shift = 0;
        if (signed || !operands.TryConstant(b, out long value)) return false;
        ulong divisor = size == D ? (uint)value : (ulong)value;
        if (divisor == 0 || (divisor & (divisor - 1)) != 0) return false;
        // Not BitOperations.Log2: what asks for instructions beyond the common ones is compiled at each start of a process.
        while (divisor >> shift != 1) shift++;
        return true;
    }

    private void Quotient(Size size, Gpr divisor, bool signed)
    {
        if (signed && size == D) asm.Cdq();
        else if (signed) asm.Cqo();
        else asm.Xor(D, Gpr.Rdx, Gpr.Rdx);
        operands.Site((SiteKind)((int)(size == D ? SiteKind.Divide32 : SiteKind.Divide64) + (int)divisor));
        if (signed) asm.Idiv(size, divisor);
        else asm.Div(size, divisor);
    }

    private void CheckDivisor(Size size, Gpr divisor)
    {
        asm.Test(size, divisor, divisor);
        asm.Jcc(Condition.E, operands.TrapLabel(TrapKind.IntegerDivideByZero));
    }

    private void CheckOverflow(Size size, Gpr divisor)
    {
        Label fine = asm.Code.NewLabel();
        asm.Cmp(size, divisor, -1);
        asm.Jcc(Condition.NE, fine);
        asm.Mov(size, Gpr.Rdx, Gpr.Rax);
        asm.Neg(size, Gpr.Rdx);
        asm.Jcc(Condition.O, operands.TrapLabel(TrapKind.IntegerOverflow));
        asm.Code.Bind(fine);
    }

    private void Shift(ShiftKind kind, Size size, int d, Source a, Source b)
    {
        int mask = size == D ? 31 : 63;
        if (operands.TryConstant(b, out long amount))
        {
            Gpr shifted = operands.DefineFrom(d, a);
            int count = (int)amount & mask;
            switch (kind)
            {
                case ShiftKind.Shl: asm.Shl(size, shifted, count); break;
                case ShiftKind.Sar: asm.Sar(size, shifted, count); break;
                case ShiftKind.Shr: asm.Shr(size, shifted, count); break;
                case ShiftKind.Rol: asm.Rol(size, shifted, count); break;
                default: asm.Ror(size, shifted, count); break;
            }

            operands.Commit(d, shifted);
            return;
        }

        if (hasBmi2 && kind <= ShiftKind.Shr)
        {
            RegMem value = operands.TryConstant(a, out _) ? operands.Use(a) : operands.UseAny(a);
            Gpr bits = operands.Use(b);
            Gpr shifted = operands.Define(d);
            switch (kind)
            {
                case ShiftKind.Shl: asm.Shlx(size, shifted, value, bits); break;
                case ShiftKind.Sar: asm.Sarx(size, shifted, value, bits); break;
                default: asm.Shrx(size, shifted, value, bits); break;
            }

            operands.Commit(d, shifted);
            return;
        }

        operands.Load(Gpr.Rcx, b);
        Gpr result = operands.DefineFrom(d, a);
        switch (kind)
        {
            case ShiftKind.Shl: asm.ShlCl(size, result); break;
            case ShiftKind.Sar: asm.SarCl(size, result); break;
            case ShiftKind.Shr: asm.ShrCl(size, result); break;
            case ShiftKind.Rol: asm.RolCl(size, result); break;
            default: asm.RorCl(size, result); break;
        }

        operands.Commit(d, result);
    }

    private void LeadingZeros(Size size, int d, Source a)
    {
        Gpr value = operands.Use(a);
        Gpr result = operands.Define(d);
        if (hasLzcnt)
        {
            asm.Lzcnt(size, result, value);
        }
        else
        {
            // bsr leaves its destination alone when the source is zero on every processor, but only some manuals say so.
            int bits = size == D ? 32 : 64;
            asm.Mov(D, Registers.Scratch, (2 * bits) - 1);
            asm.Bsr(size, result, value);
            asm.Cmovcc(size, Condition.E, result, Registers.Scratch);
            asm.Xor(D, result, bits - 1);
        }

        operands.Commit(d, result);
    }

    private void TrailingZeros(Size size, int d, Source a)
    {
        Gpr value = operands.Use(a);
        Gpr result = operands.Define(d);
        if (hasTzcnt)
        {
            asm.Tzcnt(size, result, value);
        }
        else
        {
            asm.Mov(D, Registers.Scratch, size == D ? 32 : 64);
            asm.Bsf(size, result, value);
            asm.Cmovcc(size, Condition.E, result, Registers.Scratch);
        }

        operands.Commit(d, result);
    }

    private void PopulationCount(Size size, int d, Source a)
    {
        Gpr value = operands.Use(a);
        Gpr result = operands.Define(d);
        asm.Popcnt(size, result, value);
        operands.Commit(d, result);
    }

    private void Extend(Size to, Size from, int d, Source a)
    {
        RegMem value = operands.TryConstant(a, out _) ? operands.Use(a) : operands.UseAny(a);
        Gpr result = operands.Define(d);
        if (from == D) asm.Movsxd(result, value);
        else asm.Movsx(to, from, result, value);
        operands.Commit(d, result);
    }

    private void Compare(Condition condition, Size size, int d, Source a, Source b)
    {
        EmitCompare(size, a, b);
        asm.Setcc(condition, Registers.Scratch);
        Gpr result = operands.Define(d);
        asm.Movzx(Size.Byte, result, Registers.Scratch);
        operands.Commit(d, result);
    }

    private void EmitCompare(Size size, Source a, Source b)
    {
        if (TryImmediate(size, b, out int immediate))
        {
            if (immediate == 0)
            {
                Gpr tested = operands.Use(a);
                asm.Test(size, tested, tested);
                return;
            }

            RegMem any = operands.TryConstant(a, out _) ? operands.Use(a) : operands.UseAny(a);
            asm.Cmp(size, any, immediate);
            return;
        }

        Gpr left = operands.Use(a);
        RegMem right = operands.TryConstant(b, out _) ? operands.Use(b) : operands.UseAny(b);
        asm.Cmp(size, left, right);
    }
}
