namespace Anneal.Ebpf.Runtime;

/// <summary>What the maps of one runtime share: numbering, and the number of processors that they keep values for.</summary>
internal sealed class MapSpace(int processors)
{
    private const int MaxNumber = 1 << 27;
    private int last;

    /// <summary>Values of an entry in per-processor maps.</summary>
    public int Processors { get; } = processors;

    /// <summary>A number that no other map of the runtime has.</summary>
    public int NextNumber()
    {
        int number = Interlocked.Increment(ref last);
        return (uint)number < MaxNumber ? number : throw new InvalidOperationException("a runtime has had too many maps");
    }
}
