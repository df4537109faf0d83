// Ring buffer records that the run has reserved and not given back: what a sandboxed program may submit, and what is discarded
// when a run ends without having done so.

namespace Anneal.Ebpf.Runtime;

internal sealed unsafe partial class RunContext
{
    private readonly List<(ulong Host, EbpfMap Map)> reserved = [];
    private uint random;

    /// <summary>A pseudo-random number.</summary>
    public uint NextRandom()
    {
        // xorshift: good enough for sampling, which is what programs do with it.
        uint x = random;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        return random = x;
    }

    /// <summary>Notes a reserved record.</summary>
    public void NoteReserved(ulong host, EbpfMap map) => reserved.Add((host, map));

    /// <summary>Forgets a record that is given back; the map that it's in, or null.</summary>
    public EbpfMap? TakeReserved(ulong host)
    {
        for (int i = 0; i < reserved.Count; i++)
        {
            if (reserved[i].Host != host) continue;
            EbpfMap map = reserved[i].Map;
            reserved.RemoveAt(i);
            return map;
        }

        return null;
    }

    /// <summary>The host address of a record that a sandboxed program has reserved, by its guest address; 0 if there's none.</summary>
    public ulong FindReserved(ulong guest)
    {
        foreach ((ulong host, EbpfMap map) in reserved)
        {
            if (GuestAddresses.OfMap(map.Number) + (host - (ulong)map.ValueMemory!.Start) == guest) return host;
        }

        return 0;
    }

    private void EndReservations()
    {
        if (reserved.Count == 0) return;
        foreach ((ulong host, EbpfMap map) in reserved) map.Discard((byte*)host);
        reserved.Clear();
    }
}
