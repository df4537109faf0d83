// Calls. Arguments are in slots already; the frame register moves to the first of them, which is the callee's slot 0, and
// back afterwards. The caller reloads instance and memory base, so a callee may leave any behind.
//
// An indirect call keeps the last reference it called in a cell of the feedback vector: one 64-bit word, so it can't tear.
// A cell only ever holds references whose type has been checked against this site, so a hit needs no null or type check.
// An empty cell is 0, as is a null reference: that "hit" faults on reading the reference's instance, near address 0, and
// the fault is the trap.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Templates;

internal sealed unsafe partial class Templates<TOperands>
{
    public void Call(int baseField, CallOperand call)
    {
        int argumentBase = ArgumentBase(baseField);
        operands.Spill(argumentBase + call.ArgumentSlots);
        operands.Advance(argumentBase);
        operands.CallFunction(target.TrampolineOf(call.Callee));
        operands.Site(SiteKind.Call);
        Return(argumentBase);
    }

    public void CallImport(int baseField, CallOperand call)
    {
        int argumentBase = ArgumentBase(baseField);
        operands.Spill(argumentBase + call.ArgumentSlots);
        asm.Mov(Q, Registers.Scratch, operands.InstanceAt(InstanceField.Function, target.Layout.Functions + (call.Callee * 8)));
        asm.Mov(Q, Registers.Caller, Registers.Instance);
        CallReference(argumentBase);
    }

    public void CallIndirect(Source a, int baseField, int table, CallOperand call)
    {
        int argumentBase = ArgumentBase(baseField);
        IndirectTarget(a, argumentBase, table, call);
        CallReference(argumentBase);
    }

    public void CallRef(Source a, int baseField, CallOperand call)
    {
        int argumentBase = ArgumentBase(baseField);
        ReferenceTarget(a, argumentBase, call);
        CallReference(argumentBase);
    }

    public void Tail(int baseField, CallOperand call)
    {
        int argumentBase = ArgumentBase(baseField);
        operands.Spill(argumentBase + call.ArgumentSlots);
        operands.MoveArguments(argumentBase, call.ArgumentSlots);
        operands.JumpFunction(target.TrampolineOf(call.Callee));
        operands.EndPath();
    }

    public void TailImport(int baseField, CallOperand call)
    {
        int argumentBase = ArgumentBase(baseField);
        operands.Spill(argumentBase + call.ArgumentSlots);
        asm.Mov(Q, Registers.Scratch, operands.InstanceAt(InstanceField.Function, target.Layout.Functions + (call.Callee * 8)));
        asm.Mov(Q, Registers.Caller, Registers.Instance);
        JumpReference(argumentBase, call);
    }

    public void TailIndirect(Source a, int baseField, int table, CallOperand call)
    {
        int argumentBase = ArgumentBase(baseField);
        IndirectTarget(a, argumentBase, table, call);
        JumpReference(argumentBase, call);
    }

    public void TailRef(Source a, int baseField, CallOperand call)
    {
        int argumentBase = ArgumentBase(baseField);
        ReferenceTarget(a, argumentBase, call);
        JumpReference(argumentBase, call);
    }

    public void MemoryGrow(int d, Source a, int memory) => RareOp();

    public void MemoryInit(Source a, Source b, Source c, int segment, int memory) => RareOp();

    public void DataDrop(int segment) => RareOp();

    public void TableGrow(int d, Source a, Source b, int table) => RareOp();

    public void TableFill(Source a, Source b, Source c, int table) => RareOp();

    public void TableCopy(Source a, Source b, Source c, int destination, int source) => RareOp();

    public void TableInit(Source a, Source b, Source c, int segment, int table) => RareOp();

    public void ElemDrop(int segment) => RareOp();

    /// <summary>Emits a part that was put off until after the function's end; control goes on at <paramref name="resume"/>.</summary>
    public void EmitLater(OutOfLine what, CallOperand call, Label resume)
    {
        switch (what)
        {
            case OutOfLine.Poll:
                asm.CallExternal(target.Stubs.Poll);
                operands.Site(SiteKind.Call);
                break;
            case OutOfLine.EntryPoll:
                asm.CallExternal(target.Stubs.Poll);
                operands.Site(SiteKind.Entry);
                break;
            case OutOfLine.OutOfFuel:
                asm.CallExternal(target.Stubs.OutOfFuel);
                operands.Site(SiteKind.Call);
                break;
            case OutOfLine.CallCacheMiss:
                CheckReference(call);
                asm.Mov(Q, Cell(call), Registers.Scratch);
                break;
            case OutOfLine.SectionMiss:
                MissSection(new SectionRequest(call.Bits));
                break;
            case OutOfLine.RareOp:
                CallRareOp();
                break;
            default: throw new InvalidOperationException($"no template emits {what}");
        }

        asm.Jmp(resume);
    }

    // A base beyond 16 bits stands in the body.
    private int ArgumentBase(int field) => field == FunctionBody.FarArgumentBaseField ? operands.FarArgumentBase : field;

    private Mem Cell(CallOperand call) => operands.InstanceAt(InstanceField.Cell, target.Layout.Feedback + (call.Site * 8));

    private void CheckReference(CallOperand call)
    {
        asm.Test(Q, Registers.Scratch, Registers.Scratch);
        asm.Jcc(Condition.E, operands.TrapLabel(TrapKind.IndirectCallToNull));
        operands.CompareType(Mem.At(Registers.Scratch, Offsets.ReferenceType), call.Callee);
        asm.Jcc(Condition.NE, operands.TrapLabel(TrapKind.IndirectCallTypeMismatch));
    }

    // Leaves the checked reference in the scratch register, with the slots spilled. The index goes through rcx, which
    // spilling doesn't touch.
    private void IndirectTarget(Source a, int argumentBase, int table, CallOperand call)
    {
        operands.Load(Gpr.Rcx, a);
        operands.Spill(argumentBase + call.ArgumentSlots);
        asm.Mov(Q, Registers.Caller, Registers.Instance);
        asm.Mov(Q, Registers.Scratch, TableElement(Gpr.Rcx, table));
        if (call.Site == CallOperand.NoSite || !target.HardwareTraps)
        {
            CheckReference(call);
            return;
        }

        Label miss = asm.Code.NewLabel();
        Label hit = asm.Code.NewLabel();
        asm.Cmp(Q, Registers.Scratch, Cell(call));
        asm.Jcc(Condition.NE, miss);
        asm.Code.Bind(hit);
        operands.Later(miss, OutOfLine.CallCacheMiss, call, hit);
        operands.Site((SiteKind)TrapKind.IndirectCallToNull);
    }

    private void ReferenceTarget(Source a, int argumentBase, CallOperand call)
    {
        operands.Load(Gpr.Rcx, a);
        operands.Spill(argumentBase + call.ArgumentSlots);
        asm.Mov(Q, Registers.Caller, Registers.Instance);
        asm.Mov(Q, Registers.Scratch, Gpr.Rcx);
        if (!target.HardwareTraps)
        {
            asm.Test(Q, Registers.Scratch, Registers.Scratch);
            asm.Jcc(Condition.E, operands.TrapLabel(TrapKind.NullReference));
        }

        operands.Site((SiteKind)TrapKind.NullReference);
    }

    // The first instruction reads the reference: a site just before says what a fault there means.
    private void EnterInstance()
    {
        asm.Mov(Q, Registers.Instance, Mem.At(Registers.Scratch, Offsets.ReferenceInstance));
        asm.Mov(Q, Registers.MemoryBase, Mem.At(Registers.Instance, Offsets.InstanceMemoryBase));
    }

    private void CallReference(int argumentBase)
    {
        EnterInstance();
        operands.Advance(argumentBase);
        asm.Call(Mem.At(Registers.Scratch, Offsets.ReferenceEntry));
        operands.Site(SiteKind.Call);
        Return(argumentBase);
    }

    private void JumpReference(int argumentBase, CallOperand call)
    {
        EnterInstance();
        operands.MoveArguments(argumentBase, call.ArgumentSlots);
        asm.Leave();
        asm.Jmp(Mem.At(Registers.Scratch, Offsets.ReferenceEntry));
        operands.EndPath();
    }

    private void Return(int argumentBase)
    {
        operands.Retreat(argumentBase);
        asm.Mov(Q, Registers.Instance, Mem.At(Gpr.Rbp, Registers.InstanceInFrame));
        asm.Mov(Q, Registers.MemoryBase, Mem.At(Registers.Instance, Offsets.InstanceMemoryBase));
    }

    // Rare ops have one implementation for all tiers, RuntimeOps, which finds its operands in the slots by decoding the
    // instruction itself. It answers 1 to be called again (a bulk op after one chunk).
    private void RareOp()
    {
        operands.Spill(ushort.MaxValue);
        CallRareOp();
    }

    private void CallRareOp()
    {
        Label again = asm.Code.NewLabel();
        asm.Code.Bind(again);
        operands.LoadInstruction(Gpr.Rcx);
        asm.CallExternal(target.Stubs.RareOp);
        operands.Site(SiteKind.Call);
        asm.Test(D, Gpr.Rax, Gpr.Rax);
        asm.Jcc(Condition.NE, again);
    }
}
