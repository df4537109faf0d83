// The baseline tier's answers to templates: a thin struct over the compiler and its register cache, so that templates are
// compiled for it without virtual calls.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Templates;

namespace Anneal.Baseline;

internal readonly struct BaselineOperands(BaselineCompiler compiler, RegisterCache cache) : IOperands
{
    public X64Assembler Asm => compiler.Asm;

    public int FarArgumentBase => compiler.FarArgumentBase;

    public bool TryConstant(Source source, out long value) => cache.TryConstant(source, out value);

    public Gpr Use(Source source) => cache.Use(source);

    public RegMem UseAny(Source source) => cache.UseAny(source);

    public Xmm UseX(Source source) => cache.UseX(source);

    public XmmMem UseAnyX(Source source) => cache.UseAnyX(source);

    public void Load(Gpr register, Source source) => cache.Load(register, source);

    public void Reserve(Gpr register) => cache.Reserve(register);

    public Gpr Temporary() => cache.TakeGpr();

    public Gpr Define(int destination) => cache.TakeGpr();

    public Gpr DefineFrom(int destination, Source source) => cache.DefineFrom(destination, source);

    public Xmm DefineX(int destination) => cache.TakeXmm();

    public Xmm DefineFromX(int destination, Source source) => cache.DefineFromX(destination, source);

    public void Commit(int destination, Gpr register) => cache.Commit(destination, register);

    public void Commit(int destination, Xmm register) => cache.Commit(destination, register);

    public void Move(int destination, Source source) => cache.Move(destination, source, preferFloat: false);

    public void MoveX(int destination, Source source) => cache.Move(destination, source, preferFloat: true);

    public Label BeginBranch(BranchTarget target) => compiler.BeginBranch(target);

    public void EndBranch(BranchTarget target, BranchKind always)
    {
        if (always == BranchKind.Always) compiler.EndPath();
    }

    public void Spill(int liveSlots)
    {
        cache.Release();
        cache.Flush(liveSlots);
        cache.Reset();
    }

    public void SpillResults() => cache.Flush(compiler.ResultSlots);

    public Label TrapLabel(TrapKind kind) => compiler.TrapLabel(kind);

    public void RaiseTrap(TrapKind kind) => compiler.RaiseTrap(kind);

    public void Site(SiteKind kind) => compiler.Asm.Code.AddSite((ushort)kind, compiler.Pc);

    public void Later(Label entry, OutOfLine what, CallOperand call, Label resume) => compiler.Later(entry, what, call, resume);

    public void LoopHeader(int index, int liveSlots) => compiler.LoopHeader(liveSlots);

    public void LoopBody(int index) => compiler.LoopBody(index);

    public void EndPath() => compiler.EndPath();

    public void LoadInstruction(Gpr register) => Asm.Mov(register, compiler.InstructionAddress);

    public void LoadHome(Gpr register, Source source) => Asm.Mov(Size.Qword, register, Registers.Slot(source.Index));

    public Mem InstanceAt(InstanceField which, int displacement) => Mem.At(Registers.Instance, displacement);

    public void LoadFrameAddress(Gpr register, int slot) => Asm.Lea(Size.Qword, register, Registers.Slot(slot));

    public void LoadOffset(Gpr register, ulong offset, int plus) => Asm.Mov(register, (long)(offset + (uint)plus));

    public void CompareType(Mem place, int type) => Asm.Cmp(Size.Dword, place, type);

    public Mem Indexed(Gpr origin, Source index, ulong offset)
    {
        if (TryConstant(index, out long known) && (uint)known + offset <= int.MaxValue)
            return Mem.At(origin, (int)((uint)known + offset));
        Gpr register = Use(index);
        if (offset <= int.MaxValue) return Mem.At(origin, register, 1, (int)offset);
        Asm.Mov(Size.Dword, Registers.Scratch, (int)(uint)offset);
        Asm.Add(Size.Qword, Registers.Scratch, register);
        return Mem.At(origin, Registers.Scratch);
    }

    public void Advance(int argumentBase)
    {
        if (argumentBase != 0) Asm.Add(Size.Qword, Registers.Frame, argumentBase * sizeof(ulong));
    }

    public void Retreat(int argumentBase)
    {
        if (argumentBase != 0) Asm.Sub(Size.Qword, Registers.Frame, argumentBase * sizeof(ulong));
    }

    public void CallFunction(nint trampoline) => Asm.CallExternal(trampoline);

    public void JumpFunction(nint trampoline)
    {
        Asm.Leave();
        Asm.JmpExternal(trampoline);
    }

    /// <summary>To slots 0.. from higher ones: ascending order never overwrites what is still to be moved.</summary>
    public void MoveArguments(int argumentBase, int count)
    {
        if (argumentBase == 0) return;
        for (int i = 0; i < count; i++)
        {
            Asm.Movsd(Registers.ScratchX, Registers.Slot(argumentBase + i));
            Asm.Movsd(Registers.Slot(i), Registers.ScratchX);
        }
    }
}
