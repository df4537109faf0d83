namespace Anneal.Ebpf.Runtime;

/// <summary>What the maps of one runtime share: numbering, the number of processors that they keep values for, how large one may be.</summary>
internal sealed class MapSpace(int processors, long maxMapBytes)
{
    private const int MaxNumber = 1 << 27;
    private int last;

    /// <summary>Values of an entry in per-processor maps.</summary>
    public int Processors { get; } = processors;

    /// <summary>The most bytes that a map may take, what it needs beside keys and values included.</summary>
    public long MaxMapBytes { get; } = maxMapBytes;

    /// <summary>What was taken out of maps while programs ran.</summary>
    public Retirement Retirement { get; } = new();

    /// <summary>A number that no other map of the runtime has.</summary>
    public int NextNumber()
    {
        int number = Interlocked.Increment(ref last);
        return (uint)number < MaxNumber ? number : throw new InvalidOperationException("a runtime has had too many maps");
    }
}
