// The states that the verifier saw at each instruction, to be compared with the registers of concrete runs.

using Anneal.Ebpf.Verification;
using static Anneal.Ebpf.Tests.Verification.ConcreteMachine;

namespace Anneal.Ebpf.Tests.Verification;

internal sealed class SeenStates : IStepObserver, IConcreteObserver
{
    private readonly List<(int Frames, RegisterState[] Registers)>?[] seen;
    private readonly FlowAnalysis flow;

    public SeenStates(EbpfProgram program, HelperTable helpers)
    {
        seen = new List<(int, RegisterState[])>?[program.Instructions.Length];
        flow = new FlowAnalysis(program, helpers);
        flow.Run();
    }

    public VerifiedFacts? Facts { get; set; }

    void IStepObserver.Step(int slot, PathState path) =>
        (seen[slot] ??= []).Add((path.FrameCount, (RegisterState[])path.Top.Registers.Clone()));

    void IConcreteObserver.Step(ConcreteMachine machine, int slot, int frames, ulong[] registers)
    {
        if (!Facts!.Instructions[slot].IsReachable || seen[slot] is not { } states) throw new Violation(slot, "was thought unreachable");
        int relevant = flow.Relevant[slot].Registers;
        foreach ((int count, RegisterState[] state) in states)
        {
            if (count != frames) continue;
            bool fits = true;
            for (int r = 0; r <= 9 && fits; r++)
            {
                if ((relevant >> r & 1) != 0) fits = Fits(machine, state[r], registers[r]);
            }

            if (fits) return;
        }

        string values = string.Join(", ", registers.Select((v, r) => (relevant >> r & 1) != 0 ? $"r{r} = 0x{v:x}" : "").Where(v => v.Length > 0));
        string known = string.Join("\n  ", states.Where(s => s.Frames == frames).Take(20).Select(s => string.Join("; ", s.Registers.Select((v, r) => (relevant >> r & 1) != 0 ? $"r{r} = {RegisterText.Of(v, [.. TestMaps.All])}" : "").Where(v => v.Length > 0))));
        throw new Violation(slot, $"no state that the verifier saw has {values}\n  {known}");
    }

    void IConcreteObserver.Access(ConcreteMachine machine, int slot, ulong address, int size, int frames, IReadOnlyList<int> subprograms)
    {
        InstructionFacts facts = Facts!.Instructions[slot];
        ulong start = ObjectOf(address);
        bool context = start == ContextBase;
        if (start < ContextBase)
        {
            int frame = (int)((start - StackBase(0)) >> 30);
            if (frame >= frames) throw new Violation(slot, "access to a frame that's gone");
            int below = FrameState.StackBytes - (int)(address - start);
            if (below > Facts.StackBytes[subprograms[frame]]) throw new Violation(slot, $"{below} bytes of stack, said to be {Facts.StackBytes[subprograms[frame]]}");
        }

        if (facts.Region == AccessRegion.None) return;
        if (facts.IsContextAccess != context) throw new Violation(slot, "context or not, the fact says otherwise");
        AccessRegion region = context ? AccessRegion.Context : start < ContextBase ? AccessRegion.Stack : start == PacketBase ? AccessRegion.Packet
            : start < 0x5000_0000_0000 ? AccessRegion.MapValue : AccessRegion.Memory;
        if (facts.Region != AccessRegion.Several && facts.Region != region) throw new Violation(slot, $"accesses {region}, said to be {facts.Region}");
        if (context && facts.ContextOffset != (int)(address - start)) throw new Violation(slot, "another context field");
    }

    void IConcreteObserver.LookUp(int slot, int map, uint key)
    {
        InstructionFacts facts = Facts!.Instructions[slot];
        if (facts.MapIndex >= 0 && facts.MapIndex != map) throw new Violation(slot, $"map {map}, said to be {facts.MapIndex}");
        if (facts.ConstantKey >= 0 && facts.ConstantKey != key) throw new Violation(slot, $"key {key}, said to be {facts.ConstantKey}");
    }

    private static bool Fits(ConcreteMachine machine, in RegisterState state, ulong value)
    {
        switch (state.Kind)
        {
            case RegisterKind.Scalar:
                return state.Number.Contains(value);
            case RegisterKind.Stack:
                return state.Number.Contains(value - StackBase(state.Object) - FrameState.StackBytes - (ulong)(long)state.Offset);
            case RegisterKind.Context:
                return value == ContextBase + (ulong)(long)state.Offset;
            case RegisterKind.Packet:
                ulong from = value - (ulong)(long)state.Offset;
                return state.Number.Contains(from - PacketBase) && (state.Extent == 0 || from + (ulong)state.Extent <= machine.PacketEnd);
            case RegisterKind.PacketEnd:
                return value == machine.PacketEnd;
            case RegisterKind.MapValue or RegisterKind.Memory:
                if (state.MaybeNull && value == 0) return true;
                ulong moved = value - (ulong)(long)state.Offset;
                return state.Number.Contains(moved - ObjectOf(value)) || state.Number.Contains(moved - ObjectOf(moved));
            default:
                return true;
        }
    }
}
