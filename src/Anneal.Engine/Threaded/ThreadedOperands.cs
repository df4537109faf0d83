// The threaded interpreter's answers to templates: a thin struct over the emitter, so that templates are compiled for it
// without virtual calls.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Templates;

namespace Anneal.Threaded;

internal readonly struct ThreadedOperands(HandlerEmitter emitter) : IOperands
{
    public X64Assembler Asm => emitter.Asm;

    /// <summary>No call of the nominal instruction asks for it.</summary>
    public int FarArgumentBase => 0;

    /// <summary>A handler serves all instructions of its kind: nothing is known of an operand.</summary>
    public bool TryConstant(Source source, out long value)
    {
        value = 0;
        return false;
    }

    public Gpr Use(Source source) => emitter.Use(source);

    public RegMem UseAny(Source source) => emitter.UseAny(source);

    public Xmm UseX(Source source) => emitter.UseX(source);

    public XmmMem UseAnyX(Source source) => emitter.UseAnyX(source);

    public void Load(Gpr register, Source source) => emitter.Load(register, source);

    public void Reserve(Gpr register) => emitter.Reserve(register);

    public Gpr Temporary() => emitter.Take();

    public Gpr Define(int destination) => emitter.Define();

    public Gpr DefineFrom(int destination, Source source) => emitter.DefineFrom(source);

    public Xmm DefineX(int destination) => emitter.DefineX();

    public Xmm DefineFromX(int destination, Source source) => emitter.DefineFromX(source);

    public void Commit(int destination, Gpr register) => emitter.Commit(destination, register);

    public void Commit(int destination, Xmm register) => emitter.Commit(destination, register);

    public void Move(int destination, Source source) => emitter.Move(destination, source);

    public void MoveX(int destination, Source source) => emitter.MoveX(destination, source);

    public Label BeginBranch(BranchTarget target) => emitter.BeginBranch();

    public void EndBranch(BranchTarget target, BranchKind always) => emitter.EndBranch();

    public void Spill(int liveSlots) => emitter.SavePc();

    /// <summary>Results are in their slots already.</summary>
    public void SpillResults()
    {
    }

    public Label TrapLabel(TrapKind kind) => emitter.TrapLabel(kind);

    public void RaiseTrap(TrapKind kind) => emitter.RaiseTrap(kind);

    public void Site(SiteKind kind) => emitter.Site(kind);

    public void Later(Label entry, OutOfLine what, CallOperand call, Label resume) => emitter.Later(entry, what, call, resume);

    public void LoopHeader(int index, int liveSlots) => emitter.LoopHeader();

    /// <summary>Frames of other tiers go on at the next instruction.</summary>
    public void LoopBody(int index)
    {
    }

    public void EndPath() => emitter.EndPath();

    public void LoadInstruction(Gpr register) => emitter.LoadInstruction(register);

    public void LoadHome(Gpr register, Source source) => emitter.LoadSlot(register, source);

    public Mem InstanceAt(InstanceField which, int displacement) => emitter.InstanceAt(which);

    public void LoadOffset(Gpr register, ulong offset, int plus) => emitter.LoadOffset(register, plus);

    public void LoadFrameAddress(Gpr register, int slot) => emitter.LoadFrameAddress(register);

    public void CompareType(Mem place, int type) => emitter.CompareType(place);

    public Mem Indexed(Gpr origin, Source index, ulong offset) => emitter.Indexed(origin, index);

    public void Advance(int argumentBase) => emitter.Advance();

    public void Retreat(int argumentBase) => emitter.Retreat();

    public void CallFunction(nint trampoline) => emitter.CallFunction();

    public void JumpFunction(nint trampoline) => emitter.JumpFunction();

    public void MoveArguments(int argumentBase, int count) => emitter.MoveArguments();
}
