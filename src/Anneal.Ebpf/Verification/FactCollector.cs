// Gathers what the lowering is told, over all paths: a fact stays only if every path agrees.

namespace Anneal.Ebpf.Verification;

/// <summary>Facts as they are found.</summary>
internal sealed class FactCollector
{
    private const int Unseen = -2, Differs = -1;

    private readonly EbpfProgram program;
    private readonly bool[] reached;
    private readonly AccessRegion[] regions;
    private readonly int[] contextOffsets;
    private readonly int[] mapIndices;
    private readonly long[] keys;
    private readonly int[] stackBytes;
    private readonly Dictionary<int, ProbedValues> probes = [];

    public FactCollector(EbpfProgram program)
    {
        this.program = program;
        int slots = program.Instructions.Length;
        reached = new bool[slots];
        regions = new AccessRegion[slots];
        contextOffsets = new int[slots];
        mapIndices = new int[slots];
        keys = new long[slots];
        stackBytes = new int[program.Subprograms.Length];
        for (int i = 0; i < slots; i++)
        {
            mapIndices[i] = contextOffsets[i] = Unseen;
            keys[i] = Unseen;
        }
    }

    public ReadOnlySpan<int> StackBytes => stackBytes;

    public bool IsReached(int slot) => reached[slot];

    public void Reach(int slot) => reached[slot] = true;

    /// <summary>Notes an access to something other than the context; false if another path accesses the context there.</summary>
    public bool Access(int slot, AccessRegion region)
    {
        ref AccessRegion known = ref regions[slot];
        if (known == AccessRegion.Context) return false;
        known = known == AccessRegion.None || known == region ? region : AccessRegion.Several;
        return true;
    }

    /// <summary>Notes a context access; false if another path accesses something else there.</summary>
    public bool Context(int slot, int offset)
    {
        bool same = regions[slot] is AccessRegion.None || (regions[slot] == AccessRegion.Context && contextOffsets[slot] == offset);
        regions[slot] = AccessRegion.Context;
        contextOffsets[slot] = offset;
        return same;
    }

    public void Map(int slot, int index) => mapIndices[slot] = mapIndices[slot] == Unseen || mapIndices[slot] == index ? index : Differs;

    public void Key(int slot, long key) => keys[slot] = keys[slot] == Unseen || keys[slot] == key ? key : Differs;

    /// <summary>What is known so far of the values that a call prints, or the address that it probes.</summary>
    public ProbedValues Probes(int slot, int values)
    {
        if (!probes.TryGetValue(slot, out ProbedValues? known)) probes.Add(slot, known = new ProbedValues(values));
        return known;
    }

    public void Stack(int subprogram, int lowestOffset) => stackBytes[subprogram] = Math.Max(stackBytes[subprogram], -lowestOffset);

    /// <summary>The facts, when all paths have been walked. The maps are the program's and, behind them, what maps of maps hold, as the indices given to <see cref="Map"/> have it.</summary>
    public VerifiedFacts Build(MapDefinition[] maps, long steps, int storedStates, VerifierLog? log)
    {
        var instructions = new InstructionFacts[reached.Length];
        for (int slot = 0; slot < instructions.Length; slot++)
        {
            bool context = regions[slot] == AccessRegion.Context;
            int map = Math.Max(mapIndices[slot], -1);
            bool isInner = map >= program.Maps.Length;
            instructions[slot] = new InstructionFacts(
                reached[slot],
                context,
                isInner ? -1 : map,
                context ? contextOffsets[slot] : -1,
                regions[slot],
                Math.Max(keys[slot], -1),
                isInner ? maps[map] : null,
                probes.GetValueOrDefault(slot));
        }

        return new VerifiedFacts { Instructions = instructions, StackBytes = stackBytes, Log = log?.Text ?? "", Steps = steps, StoredStates = storedStates };
    }
}
