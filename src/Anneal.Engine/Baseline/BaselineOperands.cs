// The baseline tier's answers to templates: a thin struct over the compiler and its register cache, so that templates are
// compiled for it without virtual calls.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Templates;

namespace Anneal.Baseline;

internal readonly struct BaselineOperands(BaselineCompiler compiler, RegisterCache cache) : IOperands
{
    public X64Assembler Asm => compiler.Asm;

    public nint InstructionAddress => compiler.InstructionAddress;

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

    public void EndPath() => compiler.EndPath();
}
