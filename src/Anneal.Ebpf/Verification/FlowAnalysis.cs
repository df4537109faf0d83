// What can be said of a program's registers and stack without values, in linear time before the exploration, which it makes shorter:
//
//   joins      slots with several ways in: only there are states stored and compared (each loop has one)
//   live       registers and stack slots that may be read before they are written: others don't count in comparisons
//   relevant   those whose number may reach an address, a size, a comparison or a checked result: for all others, every number is as
//              good as any other, so loops with accumulators and hash computations converge
//
// All answers err to the safe side (live, relevant). A frame whose stack address gets away (stored, given to a subprogram or callback)
// counts as live and relevant as a whole. Code that no path reaches is refused here. One instance per verification.

namespace Anneal.Ebpf.Verification;

/// <summary>Joins, liveness and relevance of a program.</summary>
internal sealed class FlowAnalysis
{
    private const int Registers = 10;
    private const ulong AllSlots = ulong.MaxValue;
    private const int ArgumentRegisters = 0b11_1110;

    // Code that jumps backwards more than compilers make it do would need a pass for each jump: then everything counts.
    private const int MaxPasses = 32;

    private static readonly Needs Everything = new() { Stack = AllSlots, Registers = 0b11_1111_1111 };

    // Frame address lattice, per register: an offset from r10 (-512..0) or one of these.
    private const short Unvisited = short.MaxValue, NoFrameAddress = short.MaxValue - 1, SomeFrameAddress = short.MaxValue - 2;

    private readonly EbpfProgram program;
    private readonly HelperTable helpers;
    private readonly short[] addresses;
    private readonly bool[] escapes;
    private readonly bool[] backTargets;

    public FlowAnalysis(EbpfProgram program, HelperTable helpers)
    {
        this.program = program;
        this.helpers = helpers;
        int slots = program.Instructions.Length;
        IsJoin = new bool[slots];
        Live = new Needs[slots];
        Relevant = new Needs[slots];
        Reached = new bool[slots];
        backTargets = new bool[slots];
        addresses = new short[slots * Registers];
        escapes = new bool[program.Subprograms.Length];
        foreach (ref short address in addresses.AsSpan()) address = Unvisited;
    }

    /// <summary>Registers (bit n is rn) and stack slots (bit n is the eight bytes that end 8n below r10) that are needed at a slot's entry.</summary>
    internal struct Needs
    {
        public ulong Stack;
        public ushort Registers;
    }

    public bool[] IsJoin { get; }

    public Needs[] Live { get; }

    public Needs[] Relevant { get; }

    /// <summary>Slots that control flow may reach, whatever the values.</summary>
    public bool[] Reached { get; }

    /// <summary>Runs the analysis. Returns the first unreachable slot of a function that is called from somewhere, or -1.</summary>
    public int Run()
    {
        var called = new bool[program.Subprograms.Length];
        var pending = new IndexStack();
        called[0] = true;
        pending.Push(0);
        while (pending.TryPop(out int index))
        {
            Subprogram subprogram = program.Subprograms[index];
            Reach(subprogram, called, pending);
            for (int slot = subprogram.Start; slot < subprogram.End; slot++)
            {
                if (program.IsHead(slot) && !Reached[slot]) return slot;
            }

            FindFrameAddresses(subprogram, index);
            FindNeeds(subprogram, index);
        }

        return -1;
    }

    private void Reach(Subprogram subprogram, bool[] called, IndexStack pending)
    {
        ReadOnlySpan<Instruction> code = program.Instructions;
        var work = new IndexStack();
        Enter(subprogram.Start);
        IsJoin[subprogram.Start] = false;
        while (work.TryPop(out int slot))
        {
            // Straight runs without the stack.
            while (true)
            {
                Instruction i = code[slot];
                if (i.IsLocalCall || (i.IsWideImmediate && i.Source == (int)PseudoSource.Function))
                {
                    int target = program.SubprogramAt(program.CallTarget(slot));
                    if (!called[target]) pending.Push(target);
                    called[target] = true;
                }

                if (i.IsExit) break;
                if (i.IsConditionalJump)
                {
                    backTargets[program.JumpTarget(slot)] |= program.JumpTarget(slot) <= slot;
                    Enter(program.JumpTarget(slot));
                }

                int next = i.IsUnconditionalJump ? program.JumpTarget(slot) : slot + i.Slots;
                backTargets[next] |= next <= slot;
                if (Reached[next])
                {
                    IsJoin[next] = true;
                    break;
                }

                Reached[next] = true;
                slot = next;
            }
        }

        void Enter(int slot)
        {
            if (Reached[slot])
            {
                IsJoin[slot] = true;
                return;
            }

            Reached[slot] = true;
            work.Push(slot);
        }
    }

    // The framework's Fill is compiled when it's first used.
    private static void Fill(Span<short> all, short value)
    {
        for (int i = 0; i < all.Length; i++) all[i] = value;
    }

    private void FindFrameAddresses(Subprogram subprogram, int index)
    {
        ReadOnlySpan<Instruction> code = program.Instructions;
        Fill(addresses.AsSpan(subprogram.Start * Registers, Registers), NoFrameAddress);
        Span<short> state = stackalloc short[Registers];
        bool changed = true;
        for (int pass = 0; changed; pass++)
        {
            if (pass == MaxPasses)
            {
                Fill(addresses.AsSpan(subprogram.Start * Registers, (subprogram.End - subprogram.Start) * Registers), SomeFrameAddress);
                escapes[index] = true;
                return;
            }

            changed = false;
            for (int slot = subprogram.Start; slot < subprogram.End; slot += code[slot].Slots)
            {
                addresses.AsSpan(slot * Registers, Registers).CopyTo(state);
                if (state[0] == Unvisited) continue;
                Instruction i = code[slot];
                Move(i, slot, state, index);
                if (i.IsExit) continue;
                if (i.IsConditionalJump || i.IsUnconditionalJump)
                {
                    int target = program.JumpTarget(slot);
                    if (Merge(target, state) && target <= slot) changed = true;
                }

                if (!i.IsUnconditionalJump) Merge(slot + i.Slots, state);
            }
        }
    }

    private bool Merge(int slot, ReadOnlySpan<short> state)
    {
        Span<short> into = addresses.AsSpan(slot * Registers, Registers);
        bool changed = false;
        for (int r = 0; r < Registers; r++)
        {
            short merged = into[r] == Unvisited || into[r] == state[r] ? state[r] : SomeFrameAddress;
            changed |= merged != into[r];
            into[r] = merged;
        }

        return changed;
    }

    private static short AddressOf(ReadOnlySpan<short> state, int register) => register == 10 ? (short)0 : state[register];

    private void Move(Instruction i, int slot, Span<short> state, int index)
    {
        switch (i.Class)
        {
            case InstructionClass.Alu or InstructionClass.Alu64:
                short source = i.UsesSourceRegister && i.AluOperation != AluOperation.End ? AddressOf(state, i.Source) : NoFrameAddress;
                short old = state[i.Destination];
                bool constant = !i.UsesSourceRegister && i.Class == InstructionClass.Alu64;
                state[i.Destination] = i.AluOperation switch
                {
                    AluOperation.Mov => source == NoFrameAddress || i.Class == InstructionClass.Alu64 && i.Offset == 0 ? source : SomeFrameAddress,
                    AluOperation.Add when constant && old <= 0 => Moved(old, i.Immediate),
                    AluOperation.Sub when constant && old <= 0 => Moved(old, -(long)i.Immediate),
                    _ => old == NoFrameAddress && source == NoFrameAddress ? NoFrameAddress : SomeFrameAddress,
                };
                break;
            case InstructionClass.Ldx:
                state[i.Destination] = NoFrameAddress;
                break;
            case InstructionClass.Stx:
                if (AddressOf(state, i.Source) != NoFrameAddress) escapes[index] = true;
                if (i.Mode == AccessMode.Atomic && (i.Immediate & Opcodes.AtomicFetch) != 0)
                    state[i.AtomicOperation == AtomicOperation.CompareExchange ? 0 : i.Source] = NoFrameAddress;
                break;
            case InstructionClass.Ld:
                if (i.IsWideImmediate) state[i.Destination] = NoFrameAddress;
                else Fill(state[..6], NoFrameAddress);
                break;
            case InstructionClass.Jmp when i.IsCall:
                HelperPrototype? prototype = PrototypeOf(i);
                for (int r = 1; r <= 5; r++)
                {
                    if (state[r] == NoFrameAddress) continue;
                    if (i.IsLocalCall || (prototype?.Argument(r - 1) == ArgumentType.StackPointerOrNull)) escapes[index] = true;
                }

                Fill(state[..6], NoFrameAddress);
                break;
        }

        static short Moved(short old, long by) => old + by is >= -512 and <= 0 ? (short)(old + by) : SomeFrameAddress;
    }

    private HelperPrototype? PrototypeOf(Instruction i) =>
        i.IsHelperCall && helpers.TryFind(i.Immediate, program.Type, out HelperPrototype? prototype) ? prototype : null;

    private void FindNeeds(Subprogram subprogram, int index)
    {
        ReadOnlySpan<Instruction> code = program.Instructions;
        bool changed = true;
        for (int pass = 0; changed; pass++)
        {
            if (pass == MaxPasses)
            {
                int length = subprogram.End - subprogram.Start;
                Live.AsSpan(subprogram.Start, length).Fill(Everything);
                Relevant.AsSpan(subprogram.Start, length).Fill(Everything);
                return;
            }

            changed = false;
            for (int slot = subprogram.End - 1; slot >= subprogram.Start; slot--)
            {
                if (!program.IsHead(slot)) continue;
                Instruction i = code[slot];
                Needs live = default, relevant = default;
                if (!i.IsExit)
                {
                    int next = i.IsUnconditionalJump ? program.JumpTarget(slot) : slot + i.Slots;
                    live = Live[next];
                    relevant = Relevant[next];
                    if (i.IsConditionalJump)
                    {
                        int target = program.JumpTarget(slot);
                        Include(ref live, Live[target]);
                        Include(ref relevant, Relevant[target]);
                    }
                }

                Before(i, slot, index, ref live, ref relevant);
                if (escapes[index]) live.Stack = relevant.Stack = AllSlots;
                bool differs = live.Registers != Live[slot].Registers || live.Stack != Live[slot].Stack
                    || relevant.Registers != Relevant[slot].Registers || relevant.Stack != Relevant[slot].Stack;
                // Only what a later slot jumps back to can make another round necessary.
                changed |= differs && backTargets[slot];
                Live[slot] = live;
                Relevant[slot] = relevant;
            }
        }
    }

    private static void Include(ref Needs into, in Needs other)
    {
        into.Stack |= other.Stack;
        into.Registers |= other.Registers;
    }

    private void Before(Instruction i, int slot, int index, ref Needs live, ref Needs relevant)
    {
        int destination = 1 << i.Destination, source = 1 << i.Source;
        switch (i.Class)
        {
            case InstructionClass.Alu or InstructionClass.Alu64:
            {
                bool needed = (live.Registers & destination) != 0, matters = (relevant.Registers & destination) != 0;
                bool move = i.AluOperation == AluOperation.Mov;
                int reads = (move ? 0 : destination) | (i.UsesSourceRegister && i.AluOperation != AluOperation.End ? source : 0);
                Kill(ref live, ref relevant, destination);

                // Uninitialized operands are errors even if the result isn't used.
                live.Registers |= (ushort)reads;
                if (needed && matters) relevant.Registers |= (ushort)reads;
                break;
            }

            case InstructionClass.Ldx:
            {
                bool matters = (relevant.Registers & destination) != 0;
                Kill(ref live, ref relevant, destination);
                Use(ref live, ref relevant, source);
                ulong touched = Touched(slot, i.Source, i.Offset, i.SizeInBytes);
                live.Stack |= touched;
                if (matters) relevant.Stack |= touched;
                break;
            }

            case InstructionClass.St:
                BeforeStore(i, slot, ref live, ref relevant);
                Use(ref live, ref relevant, destination);
                break;

            case InstructionClass.Stx:
            {
                bool matters = index != 0 || escapes[index] || (relevant.Stack & Touched(slot, i.Destination, i.Offset, i.SizeInBytes)) != 0;
                if (i.Mode == AccessMode.Atomic)
                {
                    ulong touched = Touched(slot, i.Destination, i.Offset, i.SizeInBytes);
                    live.Stack |= touched;
                    relevant.Stack |= touched;
                    int result = i.AtomicOperation == AtomicOperation.CompareExchange ? 1 : (i.Immediate & Opcodes.AtomicFetch) != 0 ? source : 0;
                    if (result != 0) Kill(ref live, ref relevant, result);
                    Use(ref live, ref relevant, i.AtomicOperation == AtomicOperation.CompareExchange ? source | 1 : source);
                }
                else
                {
                    BeforeStore(i, slot, ref live, ref relevant);
                    live.Registers |= (ushort)source;
                    if (matters) relevant.Registers |= (ushort)source;
                }

                Use(ref live, ref relevant, destination);
                break;
            }

            case InstructionClass.Ld:
                if (i.IsWideImmediate)
                {
                    Kill(ref live, ref relevant, destination);
                    break;
                }

                Kill(ref live, ref relevant, ArgumentRegisters | 1);
                Use(ref live, ref relevant, (1 << 6) | (i.Mode == AccessMode.Indirect ? source : 0));
                break;

            default:
                BeforeJump(i, slot, ref live, ref relevant);
                break;
        }
    }

    private void BeforeJump(Instruction i, int slot, ref Needs live, ref Needs relevant)
    {
        if (i.IsExit)
        {
            Use(ref live, ref relevant, 1);
            return;
        }

        if (i.IsConditionalJump)
        {
            Use(ref live, ref relevant, (1 << i.Destination) | (i.UsesSourceRegister ? 1 << i.Source : 0));
            return;
        }

        if (!i.IsCall) return;
        Kill(ref live, ref relevant, ArgumentRegisters | 1);
        if (PrototypeOf(i) is not { } prototype)
        {
            Use(ref live, ref relevant, ArgumentRegisters);
            if (!i.IsLocalCall) live.Stack = relevant.Stack = AllSlots;
            return;
        }

        // Registers that are passed on without being declared may be pointers, which the verifier looks at.
        int arguments = prototype.PassesAllRegisters ? HelperPrototype.MaxArguments : prototype.Arguments.Length;
        for (int a = 0; a < arguments; a++)
        {
            int register = 1 << (a + 1);
            live.Registers |= (ushort)register;
            if (prototype.Argument(a) is not (ArgumentType.Anything or ArgumentType.None) || prototype.Callback != CallbackKind.None) relevant.Registers |= (ushort)register;
            short address = addresses[slot * Registers + a + 1];
            ulong read = address <= 0 ? UpFrom(address) : address == SomeFrameAddress ? AllSlots : 0;
            live.Stack |= read;

            // A known key decides whether there's an element, and lowering is told of it.
            if (prototype.Argument(a) == ArgumentType.MapKey) relevant.Stack |= read;
        }
    }

    private void BeforeStore(Instruction i, int slot, ref Needs live, ref Needs relevant)
    {
        short address = AddressOf(addresses.AsSpan(slot * Registers, Registers), i.Destination);
        if (address > 0) return;
        int offset = address + i.Offset;
        if (offset is < -512 or > -8 || (offset & 7) != 0 || i.SizeInBytes != 8) return;
        ulong written = 1UL << ((-offset - 1) / 8);
        live.Stack &= ~written;
        relevant.Stack &= ~written;
    }

    // The stack slots that an access through a register may touch.
    private ulong Touched(int slot, int register, int offset, int size)
    {
        short address = AddressOf(addresses.AsSpan(slot * Registers, Registers), register);
        if (address == NoFrameAddress) return 0;
        if (address > 0) return AllSlots;
        int first = address + offset, last = first + size - 1;
        if (first < -512 || last >= 0) return AllSlots;
        int deepest = (-first - 1) / 8, highest = (-last - 1) / 8;
        return UpFrom(first) & (AllSlots << highest) & (AllSlots >> (63 - deepest));
    }

    private static ulong UpFrom(int offset) => offset >= 0 ? 0 : AllSlots >> (63 - Math.Min((-offset - 1) / 8, 63));

    private static void Kill(ref Needs live, ref Needs relevant, int registers)
    {
        live.Registers &= (ushort)~registers;
        relevant.Registers &= (ushort)~registers;
    }

    private static void Use(ref Needs live, ref Needs relevant, int registers)
    {
        live.Registers |= (ushort)registers;
        relevant.Registers |= (ushort)registers;
    }
}
