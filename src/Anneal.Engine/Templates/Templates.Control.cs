using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Templates;

internal sealed unsafe partial class Templates<TOperands>
{
    // Up to this many entries a branch table is a chain of comparisons.
    private const int ChainedTable = 3;

    /// <summary>The header polls for interrupts: the interrupter raises the stack limit above every rsp.</summary>
    public void Loop(int index, int liveSlots)
    {
        operands.LoopHeader(index, liveSlots);
        Label poll = asm.Code.NewLabel();
        Label resume = asm.Code.NewLabel();
        asm.Cmp(Q, Gpr.Rsp, Mem.At(Registers.Execution, Offsets.StackLimit));
        asm.Jcc(Condition.B, poll);
        asm.Code.Bind(resume);
        operands.Later(poll, OutOfLine.Poll, default, resume);
        operands.LoopBody(index);
    }

    public void Br(BranchTarget target)
    {
        Label label = operands.BeginBranch(target);
        asm.Jmp(label);
        operands.EndBranch(target, BranchKind.Always);
    }

    public void BrI32Eq(Source a, Source b, BranchTarget t) => Branch(Condition.E, D, a, b, t);

    public void BrI32Ne(Source a, Source b, BranchTarget t) => Branch(Condition.NE, D, a, b, t);

    public void BrI32LtS(Source a, Source b, BranchTarget t) => Branch(Condition.L, D, a, b, t);

    public void BrI32LtU(Source a, Source b, BranchTarget t) => Branch(Condition.B, D, a, b, t);

    public void BrI32GeS(Source a, Source b, BranchTarget t) => Branch(Condition.GE, D, a, b, t);

    public void BrI32GeU(Source a, Source b, BranchTarget t) => Branch(Condition.AE, D, a, b, t);

    public void BrI64Eq(Source a, Source b, BranchTarget t) => Branch(Condition.E, Q, a, b, t);

    public void BrI64Ne(Source a, Source b, BranchTarget t) => Branch(Condition.NE, Q, a, b, t);

    public void BrI64LtS(Source a, Source b, BranchTarget t) => Branch(Condition.L, Q, a, b, t);

    public void BrI64LtU(Source a, Source b, BranchTarget t) => Branch(Condition.B, Q, a, b, t);

    public void BrI64GeS(Source a, Source b, BranchTarget t) => Branch(Condition.GE, Q, a, b, t);

    public void BrI64GeU(Source a, Source b, BranchTarget t) => Branch(Condition.AE, Q, a, b, t);

    public void BrF32Eq(Source a, Source b, BranchTarget t) => BranchEqual(Width.F32, a, b, t);

    public void BrF64Eq(Source a, Source b, BranchTarget t) => BranchEqual(Width.F64, a, b, t);

    public void BrF32Ne(Source a, Source b, BranchTarget t) => BranchUnequal(Width.F32, a, b, t);

    public void BrF64Ne(Source a, Source b, BranchTarget t) => BranchUnequal(Width.F64, a, b, t);

    public void BrF32Lt(Source a, Source b, BranchTarget t) => BranchLess(Width.F32, Condition.A, a, b, t);

    public void BrF64Lt(Source a, Source b, BranchTarget t) => BranchLess(Width.F64, Condition.A, a, b, t);

    public void BrF32Le(Source a, Source b, BranchTarget t) => BranchLess(Width.F32, Condition.AE, a, b, t);

    public void BrF64Le(Source a, Source b, BranchTarget t) => BranchLess(Width.F64, Condition.AE, a, b, t);

    public void BrF32NotLt(Source a, Source b, BranchTarget t) => BranchLess(Width.F32, Condition.BE, a, b, t);

    public void BrF64NotLt(Source a, Source b, BranchTarget t) => BranchLess(Width.F64, Condition.BE, a, b, t);

    public void BrF32NotLe(Source a, Source b, BranchTarget t) => BranchLess(Width.F32, Condition.B, a, b, t);

    public void BrF64NotLe(Source a, Source b, BranchTarget t) => BranchLess(Width.F64, Condition.B, a, b, t);

    public void BrTable(Source a, int count, ulong* targets)
    {
        Gpr index = operands.Use(a);
        Gpr distance = operands.Temporary();
        Label fallback = operands.BeginBranch(new BranchTarget(targets[count]));
        if (count <= ChainedTable)
        {
            for (int i = 0; i < count; i++)
            {
                Label label = operands.BeginBranch(new BranchTarget(targets[i]));
                asm.Cmp(D, index, i);
                asm.Jcc(Condition.E, label);
            }

            asm.Jmp(fallback);
        }
        else
        {
            JumpThroughTable(index, distance, count, targets, fallback);
        }

        operands.EndBranch(new BranchTarget(targets[count]), BranchKind.Always);
    }

    // What is live must be in memory for every target before the first jump is emitted. Neighbouring entries often agree.
    private void JumpThroughTable(Gpr index, Gpr distance, int count, ulong* targets, Label fallback)
    {
        Span<Label> labels = count <= 256 ? stackalloc Label[count] : new Label[count];
        for (int i = 0; i < count; i++)
            labels[i] = i > 0 && targets[i] == targets[i - 1] ? labels[i - 1] : operands.BeginBranch(new BranchTarget(targets[i]));
        Label table = asm.Code.NewLabel();
        asm.Cmp(D, index, count);
        asm.Jcc(Condition.AE, fallback);
        asm.Lea(Q, Registers.Scratch, Mem.Rip(table));
        asm.Movsxd(distance, Mem.At(Registers.Scratch, index, 4));
        asm.Add(Q, Registers.Scratch, distance);
        asm.Jmp(Registers.Scratch);
        asm.Code.Align(4, NopFill.Breakpoint);
        asm.Code.Bind(table);
        foreach (Label label in labels) asm.Code.DataLabelDifference(label, table);
    }

    public void Ret()
    {
        operands.SpillResults();
        Leave();
    }

    public void Ret1(Source a)
    {
        if (TryImmediate(Q, a, out int immediate)) asm.Mov(Q, Registers.Slot(0), immediate);
        else asm.Mov(Q, Registers.Slot(0), operands.Use(a));
        Leave();
    }

    public void Fret1(Source a)
    {
        asm.Movsd(Registers.Slot(0), operands.UseX(a));
        Leave();
    }

    public void Trap(int kind)
    {
        operands.RaiseTrap((TrapKind)kind);
        operands.EndPath();
    }

    private void Leave()
    {
        asm.Leave();
        asm.Ret();
        operands.EndPath();
    }

    private void Branch(Condition condition, Size size, Source a, Source b, BranchTarget t)
    {
        EmitCompare(size, a, b);
        Label label = operands.BeginBranch(t);
        asm.Jcc(condition, label);
        operands.EndBranch(t, BranchKind.Conditional);
    }

    private void BranchEqual(Width width, Source a, Source b, BranchTarget t)
    {
        Xmm left = operands.UseX(a);
        XmmMem right = operands.UseAnyX(b);
        Ucomi(width, left, right);
        Label label = operands.BeginBranch(t);
        Label unordered = asm.Code.NewLabel();
        asm.Jcc(Condition.P, unordered);
        asm.Jcc(Condition.E, label);
        asm.Code.Bind(unordered);
        operands.EndBranch(t, BranchKind.Conditional);
    }

    private void BranchUnequal(Width width, Source a, Source b, BranchTarget t)
    {
        Xmm left = operands.UseX(a);
        XmmMem right = operands.UseAnyX(b);
        Ucomi(width, left, right);
        Label label = operands.BeginBranch(t);
        asm.Jcc(Condition.P, label);
        asm.Jcc(Condition.NE, label);
        operands.EndBranch(t, BranchKind.Conditional);
    }

    // a < b is "b above a". Unordered sets carry and zero: false for above and above-or-equal, true for their negations.
    private void BranchLess(Width width, Condition condition, Source a, Source b, BranchTarget t)
    {
        Xmm right = operands.UseX(b);
        XmmMem left = operands.UseAnyX(a);
        Ucomi(width, right, left);
        Label label = operands.BeginBranch(t);
        asm.Jcc(condition, label);
        operands.EndBranch(t, BranchKind.Conditional);
    }
}
