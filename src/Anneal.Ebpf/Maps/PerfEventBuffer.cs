// One processor's buffer of a perf event array: a bounded queue of records, each its length and its bytes, in a circle. Records wrap.
// What finds no room is counted and lost. Programs never see this memory.

using System.Runtime.InteropServices;

namespace Anneal.Ebpf.Maps;

/// <summary>A bounded queue of records.</summary>
internal sealed class PerfEventBuffer(int capacity)
{
    private readonly Lock gate = new();
    private byte[] bytes = [];
    private long produced;
    private long consumed;
    private int count;
    private ulong lost;

    /// <summary>The records that wait.</summary>
    public int Count
    {
        get
        {
            lock (gate) return count;
        }
    }

    /// <summary>Records that found no room.</summary>
    public ulong Lost
    {
        get
        {
            lock (gate) return lost;
        }
    }

    /// <summary>Adds a record of two parts; false if there's no room.</summary>
    public bool TryAdd(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        long length = (long)first.Length + second.Length;
        lock (gate)
        {
            if (length + sizeof(int) > capacity - (produced - consumed))
            {
                lost++;
                return false;
            }

            if (bytes.Length == 0) bytes = new byte[capacity];
            int size = (int)length;
            Put(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in size)));
            Put(first);
            Put(second);
            count++;
            return true;
        }
    }

    /// <summary>Takes the oldest record; null if there's none.</summary>
    public byte[]? Take()
    {
        lock (gate)
        {
            if (count == 0) return null;
            int size = 0;
            Get(MemoryMarshal.AsBytes(new Span<int>(ref size)));
            byte[] record = new byte[size];
            Get(record);
            count--;
            return record;
        }
    }

    private void Put(ReadOnlySpan<byte> part)
    {
        int at = (int)(produced % capacity), before = Math.Min(part.Length, capacity - at);
        part[..before].CopyTo(bytes.AsSpan(at));
        part[before..].CopyTo(bytes);
        produced += part.Length;
    }

    private void Get(Span<byte> part)
    {
        int at = (int)(consumed % capacity), before = Math.Min(part.Length, capacity - at);
        bytes.AsSpan(at, before).CopyTo(part);
        bytes.AsSpan(0, part.Length - before).CopyTo(part[before..]);
        consumed += part.Length;
    }
}
