// The unmanaged memory behind a map. Programs hold raw addresses into it, so it goes only when nothing can run any more that
// does: whoever could (a loaded program, a run, the map) refers to this object, and its finalizer frees. That makes the garbage
// collector the grace period: no count, no fence in a run, and no way to free too early.

using Anneal.Runtime;

namespace Anneal.Ebpf.Maps;

/// <summary>Zeroed memory that lives as long as something refers to this.</summary>
internal sealed unsafe class MapMemory
{
    private readonly nuint reserved;

    /// <summary>Reserves memory; pages cost nothing until touched.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses it.</exception>
    public MapMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        nuint page = (nuint)Environment.SystemPageSize;
        reserved = ((nuint)Math.Max(bytes, 1) + page - 1) / page * page;
        void* start = Libc.Map(null, reserved, Libc.ProtRead | Libc.ProtWrite, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
        if (start == Libc.MapFailed)
        {
            GC.SuppressFinalize(this);
            throw new OutOfMemoryException($"no memory for a map of {bytes} bytes");
        }

        Start = (byte*)start;
        GC.AddMemoryPressure((long)reserved);
    }

    ~MapMemory()
    {
        _ = Libc.Unmap(Start, reserved);
        GC.RemoveMemoryPressure((long)reserved);
    }

    /// <summary>The first byte.</summary>
    public byte* Start { get; }

    /// <summary>The bytes asked for.</summary>
    public long Bytes { get; }
}
