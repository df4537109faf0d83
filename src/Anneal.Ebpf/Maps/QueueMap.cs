// Queues and stacks: values without keys.

using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Maps;

/// <summary>A queue (first in, first out) or a stack (last in, first out).</summary>
internal sealed unsafe class QueueMap : EbpfMap
{
    private readonly byte[] storage;
    private int head;
    private int count;

    public QueueMap(MapDefinition definition, MapSpace space)
        : base(definition, space) => storage = new byte[(long)definition.ValueSize * definition.MaxEntries];

    public override int Count => Volatile.Read(ref count);

    internal override MapMemory? ValueMemory => null;

    /// <summary>Adds a value; 0 or a negative error number.</summary>
    public long Push(ReadOnlySpan<byte> value, ulong flags)
    {
        if (flags is not ((ulong)MapUpdate.Any or (ulong)MapUpdate.Exist)) return MapError.Invalid;
        lock (Gate)
        {
            if (count == MaxEntries)
            {
                if (flags != (ulong)MapUpdate.Exist) return MapError.TooBig;
                // The oldest makes room.
                head = (head + 1) % MaxEntries;
                count--;
            }

            value.CopyTo(At((head + count) % MaxEntries));
            count++;
            return MapError.None;
        }
    }

    /// <summary>Copies the next value out, and removes it if that is wanted; 0 or a negative error number.</summary>
    public long Take(Span<byte> value, bool removes)
    {
        lock (Gate)
        {
            if (count == 0)
            {
                value.Clear();
                return MapError.NoEntry;
            }

            int index = Type == MapType.Queue ? head : (head + count - 1) % MaxEntries;
            At(index).CopyTo(value);
            if (!removes) return MapError.None;
            if (Type == MapType.Queue) head = (head + 1) % MaxEntries;
            count--;
            return MapError.None;
        }
    }

    internal override byte* Lookup(byte* key, int processor) => null;

    internal override long Update(byte* key, byte* value, ulong flags, int processor) => Push(new ReadOnlySpan<byte>(value, ValueSize), flags);

    internal override long Delete(byte* key) => MapError.Invalid;

    internal override long Read(byte* key, Span<byte> value) => Take(value, removes: false);

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags) => Push(value, flags);

    internal override int Next(int position, Span<byte> key) => -1;

    private Span<byte> At(int index) => storage.AsSpan(index * ValueSize, ValueSize);
}
