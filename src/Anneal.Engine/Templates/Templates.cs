// The machine code of each op, stated once. TemplateDispatch (derived from the opcode table) calls the method named like
// the op; immediate forms arrive as constant sources. A template asks IOperands where its operands are and emits; it
// knows nothing of how a tier keeps values.
//
// Conventions kept by all templates: a 32-bit result is written by a 32-bit instruction, so that it's zero-extended; an
// f32 in a float register has zeros in bits 32..63.
//
// Files by family: .Integer, .Float, .Convert, .Memory, .Control, .Calls.

using Anneal.Assembler;

namespace Anneal.Templates;

internal sealed partial class Templates<TOperands>(TOperands operands, CodeTarget target)
    where TOperands : struct, IOperands
{
    private readonly X64Assembler asm = operands.Asm;
    private readonly bool hasBmi2 = target.Features.Bmi2;
    private readonly bool hasLzcnt = target.Features.Lzcnt;
    private readonly bool hasTzcnt = target.Features.Bmi1;

    public void Nop()
    {
    }

    public void Mov(int d, Source a) => operands.Move(d, a);

    public void Fmov(int d, Source a) => operands.MoveX(d, a);

    /// <summary>Slots beyond 16 bits are always at home; the near one may be anywhere.</summary>
    public void MovFar(int d, int a)
    {
        Gpr value = Registers.Scratch;
        if (a <= ushort.MaxValue) value = operands.Use(Source.Slot(a));
        else asm.Mov(Size.Qword, value, Registers.Slot(a));
        if (d > ushort.MaxValue)
        {
            asm.Mov(Size.Qword, Registers.Slot(d), value);
            return;
        }

        Gpr result = operands.Define(d);
        asm.Mov(Size.Qword, result, value);
        operands.Commit(d, result);
    }

    public void Const(int d, ulong value) => operands.Move(d, Source.Constant((long)value));

    public void Select(int d, Source a, Source b, Source condition)
    {
        Gpr test = operands.Use(condition);
        RegMem other = operands.TryConstant(b, out _) ? operands.Use(b) : operands.UseAny(b);
        Gpr result = operands.DefineFrom(d, a);
        asm.Test(Size.Dword, test, test);
        asm.Cmovcc(Size.Qword, Condition.E, result, other);
        operands.Commit(d, result);
    }

    public void Fselect(int d, Source a, Source b, Source condition)
    {
        Gpr test = operands.Use(condition);
        Xmm other = operands.UseX(b);
        Xmm result = operands.DefineFromX(d, a);
        Label keep = asm.Code.NewLabel();
        asm.Test(Size.Dword, test, test);
        asm.Jcc(Condition.NE, keep);
        asm.Movaps(result, other);
        asm.Code.Bind(keep);
        operands.Commit(d, result);
    }

    public void RefFunc(int d, int function)
    {
        Gpr result = operands.Define(d);
        asm.Mov(Size.Qword, result, operands.InstanceAt(InstanceField.Function, target.Layout.Functions + (function * 8)));
        operands.Commit(d, result);
    }
}
