// The baseline tier: one pass over a function's bytecode, one template an op.
//
//     prologue | templates in bytecode order | out-of-line parts | trap raisers | literals
//
// Slots are cached in registers along straight-line code (RegisterCache). Before a branch, what is live at its target is
// brought home; where ways meet, the registers on which all agree stay. Loop headers start with nothing in registers.
//
// One compiler compiles one function after another and keeps its buffers; it belongs to one thread at a time.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Templates;

namespace Anneal.Baseline;

/// <summary>Compiles bytecode to machine code in one pass. Reusable, not thread-safe.</summary>
internal sealed unsafe class BaselineCompiler : IDisposable
{
    private const int ConstantZeroes = 8;
    private const int SnapshotSize = 32;
    private readonly RegisterCache cache;
    private Target[] targets = new Target[16];
    private int targetCount;
    private int[] snapshots = new int[16 * SnapshotSize];
    private int[] targetAt = new int[256];
    private Deferred[] deferred = new Deferred[16];
    private int deferredCount;
    private Raiser[] raisers = new Raiser[16];
    private int raiserCount;
    private CodeTarget target = null!;
    private Templates<BaselineOperands> templates = null!;
    private CodeTarget? templatesFor;
    private ulong* code;
    private bool reachable;
    private int[] loopEntries = new int[8];
    private int loopCount;

    public BaselineCompiler()
    {
        Asm = new X64Assembler(new CodeBuffer());
        cache = new RegisterCache(Asm);
    }

    // A place that branches go to: its label, the slots live there, and whether a snapshot of registers was taken.
    private struct Target
    {
        public Label Label;
        public int LiveSlots;
        public bool HasSnapshot;
    }

    private struct Deferred
    {
        public Label Entry;
        public Label Resume;
        public OutOfLine What;
        public CallOperand Call;
        public int Pc;
    }

    private struct Raiser
    {
        public Label Label;
        public TrapKind Kind;
        public int Pc;
    }

    /// <summary>Where the code goes; the finished function is in its buffer after <see cref="Compile"/>.</summary>
    public X64Assembler Asm { get; }

    /// <summary>The position of the instruction being compiled.</summary>
    public int Pc { get; private set; }

    /// <summary>The slots that results take in the function being compiled.</summary>
    public int ResultSlots { get; private set; }

    /// <summary>The body's argument base beyond 16 bits.</summary>
    public int FarArgumentBase { get; private set; }

    /// <summary>The address of the instruction being compiled.</summary>
    public nint InstructionAddress => (nint)(code + Pc);

    /// <summary>By loop: the place behind its header's poll, where a frame with all its slots at home may enter.</summary>
    public ReadOnlySpan<int> LoopEntries => loopEntries.AsSpan(0, loopCount);

    /// <summary>Emits a function into the buffer.</summary>
    /// <exception cref="CodeTooLargeException">The code is larger than a buffer may be.</exception>
    public void Compile(FunctionBody body, CodeTarget unit)
    {
        Begin(body, unit);
        fixed (ulong* start = body.Code)
        {
            code = start;
            int length = body.Code.Length;
            Prologue(body);
            for (int pc = 0, words; pc < length; pc += words)
            {
                ulong word = start[pc];
                var op = (Op)(ushort)word;
                words = OpTable.WordsOf(op);
                if (op == Op.BrTable) words += (ushort)(word >> 32) + 1;
                Pc = pc;
                if (targetAt[pc] != 0) BindTarget(ref targets[targetAt[pc]], targetAt[pc]);
                if (!reachable && op != Op.Loop) continue;
                TemplateDispatch.Emit(templates, start + pc);
                cache.Release();
            }

            EmitDeferred();
            EmitRaisers();
            Asm.Code.FinishLiterals();
        }
    }

    public Label BeginBranch(BranchTarget branch)
    {
        cache.Release();
        cache.Flush(branch.LiveSlots);
        int index = TargetAt(branch.Pc, branch.LiveSlots);
        ref Target to = ref targets[index];
        if (branch.Pc > Pc)
        {
            Span<int> snapshot = SnapshotOf(index);
            if (to.HasSnapshot)
            {
                cache.Intersect(snapshot);
            }
            else
            {
                cache.Snapshot(snapshot, branch.LiveSlots);
                to.HasSnapshot = true;
            }
        }

        return to.Label;
    }

    public void LoopHeader(int liveSlots)
    {
        if (reachable) cache.Flush(liveSlots);
        cache.Reset();
        reachable = true;
        int index = TargetAt(Pc, liveSlots);
        ref Target header = ref targets[index];
        if (!Asm.Code.IsBound(header.Label)) Asm.Code.Bind(header.Label);
    }

    public void LoopBody(int loop) => loopEntries[loop] = Asm.Code.Position;

    public void EndPath()
    {
        cache.Reset();
        reachable = false;
    }

    public Label TrapLabel(TrapKind kind)
    {
        for (int i = raiserCount - 1; i >= 0 && raisers[i].Pc == Pc; i--)
        {
            if (raisers[i].Kind == kind) return raisers[i].Label;
        }

        if (raiserCount == raisers.Length) Array.Resize(ref raisers, raiserCount * 2);
        Label label = Asm.Code.NewLabel();
        raisers[raiserCount++] = new Raiser { Label = label, Kind = kind, Pc = Pc };
        return label;
    }

    public void RaiseTrap(TrapKind kind)
    {
        if (target.HardwareTraps)
        {
            Asm.Code.AddSite((ushort)kind, Pc);
            Asm.Ud2();
        }
        else
        {
            Asm.CallExternal(target.Stubs.RaiseTrap);
            Asm.Code.AddSite((ushort)kind, Pc);
        }
    }

    public void Later(Label entry, OutOfLine what, CallOperand call, Label resume)
    {
        if (deferredCount == deferred.Length) Array.Resize(ref deferred, deferredCount * 2);
        deferred[deferredCount++] = new Deferred { Entry = entry, Resume = resume, What = what, Call = call, Pc = Pc };
    }

    public void Dispose() => Asm.Code.Dispose();

    private void Begin(FunctionBody body, CodeTarget unit)
    {
        Asm.Code.Reset();
        cache.Start(body.SlotCount, body.TemporaryBase);
        target = unit;
        if (templatesFor != unit)
        {
            templates = new Templates<BaselineOperands>(new BaselineOperands(this, cache), unit);
            templatesFor = unit;
        }

        // Index 0 stands for "no target" in targetAt.
        targetCount = 1;
        deferredCount = raiserCount = 0;
        reachable = true;
        Pc = 0;
        ResultSlots = body.ResultSlots;
        FarArgumentBase = body.FarArgumentBase;
        loopCount = body.LoopCount;
        if (loopEntries.Length < loopCount) loopEntries = new int[Math.Max(loopCount, loopEntries.Length * 2)];
        int length = body.Code.Length;
        if (targetAt.Length < length) targetAt = new int[Math.Max(length, targetAt.Length * 2)];
        else targetAt.AsSpan(0, length).Clear();
    }

    private void Prologue(FunctionBody body)
    {
        Label slow = Asm.Code.NewLabel();
        Label go = Asm.Code.NewLabel();
        Asm.Push(Gpr.Rbp);
        Asm.Mov(Size.Qword, Gpr.Rbp, Gpr.Rsp);
        Asm.Sub(Size.Qword, Gpr.Rsp, Registers.NativeFrameBytes);
        Asm.Mov(Size.Qword, Mem.At(Gpr.Rbp, Registers.InstanceInFrame), Registers.Instance);
        Asm.Cmp(Size.Qword, Gpr.Rsp, Mem.At(Registers.Execution, Offsets.StackLimit));
        Asm.Jcc(Condition.B, slow);
        Asm.Code.Bind(go);
        Later(slow, OutOfLine.EntryPoll, default, go);
        ProbeValueStack(body.FrameBytes);
        ZeroLocals(body.ParameterSlots, body.TemporaryBase);
    }

    // The value stack ends in an inaccessible region wider than any frame that is probed by touching its last slot.
    private void ProbeValueStack(int frameBytes)
    {
        if (frameBytes == 0) return;
        if (target.HardwareTraps && frameBytes <= Execution.ProbedFrameBytes)
        {
            Asm.Code.AddSite((ushort)TrapKind.StackExhausted, 0);
            Asm.Test(Size.Byte, Mem.At(Registers.Frame, frameBytes - 8), Gpr.Rax);
        }
        else
        {
            Asm.Lea(Size.Qword, Registers.Scratch, Mem.At(Registers.Frame, frameBytes));
            Asm.Cmp(Size.Qword, Registers.Scratch, Mem.At(Registers.Execution, Offsets.ValueStackEnd));
            Asm.Jcc(Condition.A, TrapLabel(TrapKind.StackExhausted));
        }
    }

    private void ZeroLocals(int first, int end)
    {
        int count = end - first;
        if (count <= ConstantZeroes)
        {
            for (int slot = first; slot < end; slot++) cache.SetConstant(slot, 0);
            return;
        }

        Asm.Xorps(Registers.ScratchX, Registers.ScratchX);
        if (count <= 64)
        {
            int slot = first;
            for (; slot + 1 < end; slot += 2) Asm.Movups(Registers.Slot(slot), Registers.ScratchX);
            if (slot < end) Asm.Movsd(Registers.Slot(slot), Registers.ScratchX);
            return;
        }

        // From the last pair down to the first; an odd slot goes apart.
        if ((count & 1) != 0) Asm.Movsd(Registers.Slot(--end), Registers.ScratchX);
        Label again = Asm.Code.NewLabel();
        Asm.Mov(Size.Dword, Registers.Scratch, (end - first) * 8);
        Asm.Code.Bind(again);
        Asm.Movups(Mem.At(Registers.Frame, Registers.Scratch, 1, (first * 8) - 16), Registers.ScratchX);
        Asm.Sub(Size.Dword, Registers.Scratch, 16);
        Asm.Jcc(Condition.NE, again);
    }

    private void BindTarget(ref Target to, int index)
    {
        if (Asm.Code.IsBound(to.Label)) return;
        if (!to.HasSnapshot)
        {
            // Only a loop header that is branched to from below: LoopHeader binds it.
            return;
        }

        Span<int> snapshot = SnapshotOf(index);
        if (reachable)
        {
            cache.Flush(to.LiveSlots);
            cache.Intersect(snapshot);
        }

        cache.Restore(snapshot);
        Asm.Code.Bind(to.Label);
        reachable = true;
    }

    private int TargetAt(int pc, int liveSlots)
    {
        int index = targetAt[pc];
        if (index != 0) return index;
        if (targetCount == targets.Length)
        {
            Array.Resize(ref targets, targetCount * 2);
            Array.Resize(ref snapshots, targetCount * 2 * SnapshotSize);
        }

        index = targetCount++;
        targets[index] = new Target { Label = Asm.Code.NewLabel(), LiveSlots = liveSlots };
        targetAt[pc] = index;
        return index;
    }

    private Span<int> SnapshotOf(int index) => snapshots.AsSpan(index * SnapshotSize, SnapshotSize);

    private void EmitDeferred()
    {
        for (int i = 0; i < deferredCount; i++)
        {
            Deferred part = deferred[i];
            Pc = part.Pc;
            Asm.Code.Bind(part.Entry);
            templates.EmitLater(part.What, part.Call, part.Resume);
        }
    }

    private void EmitRaisers()
    {
        for (int i = 0; i < raiserCount; i++)
        {
            Pc = raisers[i].Pc;
            Asm.Code.Bind(raisers[i].Label);
            RaiseTrap(raisers[i].Kind);
        }
    }
}
