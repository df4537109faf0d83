// Walks all paths of one program, depth first. This file: the walk itself, the tree of stored states and when a path may stop.
// The other parts: arithmetic, jumps, memory, stack, calls. One instance per verification; not shared.
//
// A path stops at a join when a finished state that was stored there covers its own. An open state (an ancestor) says nothing of
// safety yet, but if it's the same as ours in everything that matters, the program has come around a loop without any progress and
// could go on forever: refused. The exception is a helper's callback, whose calls the helper bounds: coming back covered ends the path.

namespace Anneal.Ebpf.Verification;

internal sealed partial class Exploration
{
    private const string NoProgress = "a loop comes back here with nothing changed, so it may never end";

    // A state is stored only if so many instructions were walked since the last one was: comparing costs more than walking them.
    private const int StoreInterval = 8;

    // The same while coming around a loop: long loops would store too much.
    private const int LoopStoreInterval = 64;

    // More aren't compared with, however useful they have been.
    private const int MaxStoredAtSlot = 64;

    // But each join gets its turn, however busy others are.
    private const int SlotStoreInterval = 256;

    private readonly EbpfProgram program;
    private readonly HelperTable helpers;
    private readonly VerifierOptions options;
    private readonly VerifierLog? log;
    private readonly IStepObserver? observer;
    private readonly Instruction[] code;
    private readonly MapDefinition[] maps;
    private readonly int[] innerMaps;
    private readonly FlowAnalysis flow;
    private readonly StateComparison comparison;
    private readonly StatePool pool = new();
    private readonly PathNode?[] stored;
    private readonly long[] storedAt;
    private readonly Stack<PendingPath> pending = new();
    private readonly FactCollector facts;

    private PathState path = null!;
    private PathNode? node;
    private int slot;
    private long steps, stepsAtStore;
    private uint lastId;
    private int storedStates;
    private bool backFromCallback;

    public Exploration(EbpfProgram program, HelperTable helpers, VerifierOptions options, VerifierLog? log, IStepObserver? observer = null)
    {
        this.program = program;
        this.helpers = helpers;
        this.options = options;
        this.log = log;
        this.observer = observer;
        code = program.Instructions.ToArray();
        flow = new FlowAnalysis(program, helpers);
        comparison = new StateComparison(flow, program);
        stored = new PathNode?[code.Length];
        storedAt = new long[code.Length];
        facts = new FactCollector(program);
        (maps, innerMaps) = CollectMaps(program);
    }

    private readonly record struct PendingPath(PathState State, PathNode? Node, int Slot);

    private bool Logs => log is not null && steps >= log.FirstStep;

    private FrameState Top => path.Top;

    private Span<RegisterState> Registers => path.Top.Registers;

    public VerifiedFacts Run()
    {
        int unreachable = flow.Run();
        if (unreachable >= 0)
        {
            slot = unreachable;
            throw Refuse("no path leads to this instruction");
        }

        var calls = new CallGraph(program, flow.Reached);
        int recursion = calls.Order();
        if (recursion >= 0)
        {
            slot = recursion;
            throw Refuse("recursion");
        }

        path = pool.TakeEmpty();
        path.Frames[0] = pool.TakeFrame(0, -1, ++lastId);
        path.FrameCount = 1;
        Registers[FrameState.FramePointer] = RegisterState.Pointer(RegisterKind.Stack);
        if (program.Type.Context is null)
        {
            Registers[1] = RegisterState.Unknown;
            Registers[2] = RegisterState.Unknown;
        }
        else
        {
            Registers[1] = RegisterState.Pointer(RegisterKind.Context);
        }

        slot = 0;
        Walk();
        slot = 0;
        int stack = calls.DeepestStack(facts.StackBytes);
        if (stack > FrameState.StackBytes) throw Refuse($"the calls take {stack} bytes of stack together, more than {FrameState.StackBytes}");
        log?.Finish(steps, storedStates);
        return facts.Build(maps, steps, storedStates, log);
    }

    private void Walk()
    {
        while (true)
        {
            if (++steps > options.InstructionBudget)
                throw Refuse($"too complex: more than {options.InstructionBudget} instructions were looked at");
            facts.Reach(slot);
            bool goesOn = !flow.IsJoin[slot] || backFromCallback || !StopsAtJoin();
            if (goesOn)
            {
                observer?.Step(slot, path);
                if (Logs) log!.Step(slot, path);
                goesOn = Step(code[slot]);
                if (Logs) log!.Effect(path);
            }

            if (!goesOn && !TakePending()) return;
        }
    }

    /// <summary>Walks one instruction; leaves <see cref="slot"/> at the next. False when the path ends.</summary>
    private bool Step(Instruction i)
    {
        switch (i.Class)
        {
            case InstructionClass.Alu64:
            case InstructionClass.Alu:
                Arithmetic(i);
                slot++;
                return true;
            case InstructionClass.Ldx:
                Load(i);
                slot++;
                return true;
            case InstructionClass.St:
                Store(i, RegisterState.Constant((ulong)(long)i.Immediate));
                slot++;
                return true;
            case InstructionClass.Stx:
                if (i.Mode == AccessMode.Atomic) Atomic(i);
                else Store(i, Initialized(i.Source));
                slot++;
                return true;
            case InstructionClass.Ld:
                if (i.IsWideImmediate)
                {
                    LoadImmediate(i);
                    slot += 2;
                }
                else
                {
                    LoadLegacy(i);
                    slot++;
                }

                return true;
            default:
                if (i.IsConditionalJump)
                {
                    ConditionalJump(i);
                    return true;
                }

                if (i.IsUnconditionalJump)
                {
                    slot = program.JumpTarget(slot);
                    return true;
                }

                return i.IsExit ? Exit() : Call(i);
        }
    }

    private bool TakePending()
    {
        Close(node);
        pool.Give(path);
        if (!pending.TryPop(out PendingPath next)) return false;
        path = next.State;
        node = next.Node;
        slot = next.Slot;
        if (Logs) log!.Branch(slot, path);
        return true;
    }

    /// <summary>Keeps a copy of the path to be walked later from <paramref name="at"/>; the caller may still change it.</summary>
    private PathState Fork(int at)
    {
        if (pool.Bytes > options.StateMemory) throw Refuse($"too complex: the states of its paths take more than {options.StateMemory >> 20} MiB");
        PathState copy = pool.TakeCopy(path);
        pending.Push(new(copy, node, at));
        if (node is not null) node.Open++;
        return copy;
    }

    // A path has ended: ancestors without other unfinished paths are finished too.
    private void Close(PathNode? from)
    {
        while (from is not null && --from.Open == 0) from = from.Parent;
    }

    /// <summary>Compares with what is stored at this join, and stores the state if that's worth it. True: the path needn't be walked on.</summary>
    private bool StopsAtJoin()
    {
        bool aroundLoop = false;
        int compared = 0;
        PathNode? previous = null;
        for (PathNode? candidate = stored[slot]; candidate is not null;)
        {
            compared++;
            PathNode? next = candidate.Next;
            PathState state = candidate.State!;
            bool open = candidate.Open > 0;
            bool sameRun = open && SameRun(state);
            aroundLoop |= open;
            if (!open || sameRun)
            {
                bool covered = comparison.Covers(state, path, slot);
                if (covered && !open)
                {
                    candidate.Hits++;
                    if (Logs) log!.Covered(slot);
                    return true;
                }

                if (covered && comparison.Covers(path, state, slot))
                    throw Refuse(NoProgress);
            }

            Missed(candidate, ref previous);
            candidate = next;
        }

        bool worthIt = stored[slot] is null || steps - stepsAtStore >= (aroundLoop ? LoopStoreInterval : StoreInterval)
            || steps - storedAt[slot] >= SlotStoreInterval;

        // Without a stored state the walk takes longer, but it goes on.
        bool fits = pool.Bytes <= options.StateMemory / 2;
        if (worthIt && fits && compared < MaxStoredAtSlot) StoreState();
        return false;
    }

    // Forgets a stored state that never helps. Open ones stay as parents, without their state.
    private void Missed(PathNode candidate, ref PathNode? previous)
    {
        if (++candidate.Misses <= (candidate.Hits * 3) + 3)
        {
            previous = candidate;
            return;
        }

        if (previous is null) stored[slot] = candidate.Next;
        else previous.Next = candidate.Next;
        pool.Give(candidate.State!);
        candidate.State = null;
    }

    private void StoreState()
    {
        node = new PathNode { State = pool.TakeCopy(path), Parent = node, Next = stored[slot], Open = 1 };
        stored[slot] = node;
        stepsAtStore = storedAt[slot] = steps;
        storedStates++;
    }

    // Whether an ancestor was in the same run of each function, so that being the same as it means a loop.
    private bool SameRun(PathState other)
    {
        if (other.FrameCount != path.FrameCount) return false;
        for (int i = 0; i < path.FrameCount; i++)
        {
            if (other.Frames[i]!.Activation != path.Frames[i]!.Activation) return false;
        }

        return true;
    }

    /// <summary>The register's state, which must be initialized.</summary>
    private ref RegisterState Initialized(int register)
    {
        ref RegisterState state = ref Top.Registers[register];
        if (state.Kind == RegisterKind.Uninitialized) throw Refuse($"r{register} isn't initialized");
        return ref state;
    }

    private uint NewId() => ++lastId;

    private string Describe(in RegisterState state) => RegisterText.Of(state, maps);

    private Exception Refuse(string reason)
    {
        if (log is null) return new RefusalException(steps);
        return new VerifierException(program.Name, slot, log.Explain(slot, reason), log.Refused(slot, reason, path, steps));
    }

    // Maps of maps: what they hold gets an index after the program's own maps.
    internal static (MapDefinition[] Maps, int[] Inner) CollectMaps(EbpfProgram program)
    {
        var all = new List<MapDefinition>(program.Maps);
        var inner = new int[program.Maps.Length];
        for (int i = 0; i < program.Maps.Length; i++)
        {
            inner[i] = -1;
            if (program.Maps[i].InnerMap is not { } definition) continue;
            inner[i] = all.Count;
            all.Add(definition);
        }

        return ([.. all], inner);
    }
}
