// Emits handlers of the threaded interpreter from the same templates that the baseline uses. An operand is "the slot that
// this instruction names": loaded through the field of the stream when a template asks for it, stored when it's committed.
//
// Temporaries may be in accumulators instead (Accumulators); such handlers have their own keys.
//
// A handler may hold several instructions (a fused sequence): the templates one after the other, each reading its fields at
// its own distance from r15, with one dispatch at the end. The stream is the same as without, so that a branch into the
// middle of a sequence finds the ordinary handler there.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Templates;

namespace Anneal.Threaded;

/// <summary>Emits handlers into its buffer. Reusable, not thread-safe.</summary>
internal sealed unsafe partial class HandlerEmitter : IDisposable
{
    /// <summary>The position in the stream.</summary>
    public const Gpr Pc = Gpr.R15;

    /// <summary>Where the frame keeps the stream position while it waits for a callee or the runtime.</summary>
    public const int PcInFrame = -16;

    // What InstanceAt uses; in no other use, so that it doesn't disturb a template.
    private const Gpr Displacement = Gpr.R10;
    private const Size Q = Size.Qword;
    private const Size D = Size.Dword;

    // In order of preference. The accumulators aren't among them: a handler leaves those alone that its key doesn't name.
    private static ReadOnlySpan<Gpr> Pool => [Gpr.R11, Gpr.R8, Gpr.Rdx, Gpr.Rcx];

    // By number, from 1; the float accumulator of a number is the register before it.
    private static ReadOnlySpan<Gpr> AccumulatorRegisters => [Gpr.Rax, Gpr.Rsi, Gpr.Rdi, Gpr.R9];

    private readonly CodeTarget target;
    private readonly Templates<ThreadedOperands> templates;
    private readonly ValueList<Deferred> deferred = new();
    private readonly ValueList<Raiser> raisers = new();
    private HandlerKey key;
    private Op op;
    private int origin;
    private int size;
    private uint used;
    private uint usedX;
    private bool ended;

    public HandlerEmitter(CodeTarget target)
    {
        this.target = target;
        Asm = new X64Assembler(new CodeBuffer());
        templates = new Templates<ThreadedOperands>(new ThreadedOperands(this), target);
    }

    private struct Deferred
    {
        public Label Entry;
        public Label Resume;
        public OutOfLine What;
        public CallOperand Call;
        public HandlerKey Key;
        public int Origin;
    }

    private struct Raiser
    {
        public Label Label;
        public TrapKind Kind;
        public int Origin;
    }

    public X64Assembler Asm { get; }

    /// <summary>Emits one handler for a sequence of instructions; sites name their instruction's distance from r15.</summary>
    public void Emit(ReadOnlySpan<HandlerKey> sequence)
    {
        Asm.Code.Reset();
        deferred.Restart();
        raisers.Restart();
        origin = 0;
        foreach (HandlerKey one in sequence)
        {
            Begin(one);
            EmitOne();
            if (ended) break;
            origin += size;
        }

        if (!ended) Dispatch(origin);
        EmitDeferred();
        EmitRaisers();
        Asm.Code.FinishLiterals();
    }

    public void Dispose() => Asm.Code.Dispose();

    private void Begin(HandlerKey one)
    {
        key = one;
        op = one.Op;
        size = SizeOf(one);
        used = usedX = 0;
        ended = false;
        for (int field = 0; field < 4; field++)
        {
            int number = one.SourceOf(field);
            if (number == 0) continue;
            if (IsFloat(field)) usedX |= 1u << (int)AccumulatorX(number);
            else used |= 1u << (int)Accumulator(number);
        }
    }

    // Whether the op reads that field as a float.
    private bool IsFloat(int field) => (StreamLayout.Of(op).Floats & (1 << field)) != 0;

    private static Gpr Accumulator(int number) => AccumulatorRegisters[number];

    private static Xmm AccumulatorX(int number) => (Xmm)(number - 1);

    private static int SizeOf(HandlerKey key)
    {
        if (key.Op == HandlerKey.Enter) return StreamLayout.EnterBytes;
        return StreamLayout.SizeOf(key.Op == HandlerKey.LeaveAtLoop ? Shape.Loop : StreamLayout.ShapeOf(key.Op), key.Form);
    }

    private void EmitOne()
    {
        switch (op)
        {
            case HandlerKey.Enter: EmitEnter(); return;
            case HandlerKey.LeaveAtLoop:
                Asm.Inc(Q, Mem.At(Registers.Execution, Offsets.EntriesAtLoops));
                Asm.Jmp(At(StreamLayout.LoopTarget));
                ended = true;
                return;
            case Op.Br: EmitTaken(); return;
            case Op.BrTable: EmitBranchTable(); return;
            case Op.MovFar: EmitFarMove(); return;
        }

        ulong* instruction = stackalloc ulong[4];
        Describe(instruction);
        TemplateDispatch.Emit(templates, instruction);
    }

    // The instruction as templates see it: a slot's number is that of its field; so is an immediate of 16 bits. What doesn't
    // depend on the field is as the form says.
    private void Describe(ulong* instruction)
    {
        // An offset that looks like a large one, so that it isn't made part of an address.
        const ulong SomeOffset = 1ul << 40;
        ulong first = 0, second = 1, third = 2;
        instruction[1] = 0;
        switch (StreamLayout.ShapeOf(op))
        {
            case Shape.Access or Shape.Atomic:
                third = Forms.Memory(key.Form).Bits;
                instruction[1] = SomeOffset;
                instruction[2] = 2;
                instruction[3] = 3;
                break;
            case Shape.Select: instruction[1] = 3; break;
            case Shape.Global: instruction[1] = key.Form == Forms.Imported ? 0u : 1u; break;
            case Shape.Trap: first = (ulong)key.Form; break;
            case Shape.Call: first = 0; break;
            case Shape.IndirectCall:
                second = third = 0;
                instruction[1] = new CallOperand(0, key.Form == Forms.WithoutSite ? CallOperand.NoSite : 0, 0).Bits;
                break;
            case Shape.ReferenceCall: second = 0; break;
        }

        instruction[0] = (ulong)op | (first << 16) | (second << 32) | (third << 48);
    }

    /// <summary>A place in the instruction being emitted.</summary>
    private Mem At(int offset) => Mem.At(Pc, origin + offset);

    private Mem Field(int field) => At(StreamLayout.Fields + (field * 2));

    private void Dispatch(int distance)
    {
        Asm.Add(Q, Pc, distance);
        Asm.Jmp(Mem.At(Pc));
    }

    // r15 goes to the instruction's target.
    private void EmitTaken()
    {
        Asm.Movsxd(Gpr.Rcx, At(StreamLayout.Immediate));
        if (origin == 0) Asm.Add(Q, Pc, Gpr.Rcx);
        else Asm.Lea(Q, Pc, Mem.At(Pc, Gpr.Rcx, 1, origin));
        Asm.Jmp(Mem.At(Pc));
        ended = true;
    }

    private void EmitBranchTable()
    {
        Gpr index = Use(Source.Slot(0));
        Asm.Mov(D, Gpr.Rcx, At(StreamLayout.Immediate));
        Asm.Cmp(D, index, Gpr.Rcx);
        Asm.Cmovcc(D, Condition.B, Gpr.Rcx, index);
        Asm.Movsxd(Gpr.Rcx, Mem.At(Pc, Gpr.Rcx, 4, origin + StreamLayout.Extension));
        if (origin == 0) Asm.Add(Q, Pc, Gpr.Rcx);
        else Asm.Lea(Q, Pc, Mem.At(Pc, Gpr.Rcx, 1, origin));
        Asm.Jmp(Mem.At(Pc));
        ended = true;
    }

    private void EmitFarMove()
    {
        Asm.Mov(D, Gpr.Rcx, At(StreamLayout.Fields));
        Asm.Mov(D, Gpr.Rdx, At(StreamLayout.Immediate));
        Asm.Mov(Q, Gpr.Rax, Mem.At(Registers.Frame, Gpr.Rdx, 8));
        Asm.Mov(Q, Mem.At(Registers.Frame, Gpr.Rcx, 8), Gpr.Rax);
    }

    private void EmitDeferred()
    {
        for (int i = 0; i < deferred.Count; i++)
        {
            Deferred part = deferred[i];
            Begin(part.Key);
            origin = part.Origin;
            Asm.Code.Bind(part.Entry);
            SavePc();
            if (part.What == OutOfLine.Hot) EmitHot(part.Resume);
            else EmitLater(part);
        }
    }

    private void EmitLater(Deferred part)
    {
        if (part.What == OutOfLine.CallCacheMiss) Asm.Inc(D, At(StreamLayout.Misses));
        templates.EmitLater(part.What, part.Call, part.Resume);
    }

    // The runtime may know better code to go on in; it jumps there itself.
    private void EmitHot(Label resume)
    {
        Asm.CallExternal(target.Stubs.Hot);
        Site(SiteKind.Call);
        Asm.Jmp(resume);
    }

    private void EmitRaisers()
    {
        for (int i = 0; i < raisers.Count; i++)
        {
            origin = raisers[i].Origin;
            Asm.Code.Bind(raisers[i].Label);
            RaiseTrap(raisers[i].Kind);
        }
    }
}
