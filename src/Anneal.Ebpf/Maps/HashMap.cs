// Hash maps: plain, for each processor, and those that remove what was used least recently when they are full (about: a clock
// over one bit an element, not a list).

using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Maps;

/// <summary>A hash map.</summary>
internal sealed unsafe class HashMap : EbpfMap
{
    private readonly HashTable table;
    private readonly int stride;
    private readonly bool isPerProcessor;
    private readonly bool evicts;

    public HashMap(MapDefinition definition, MapSpace space)
        : base(definition, space)
    {
        isPerProcessor = definition.Type is MapType.PerCpuHash or MapType.LruPerCpuHash;
        evicts = definition.Type is MapType.LruHash or MapType.LruPerCpuHash;
        stride = definition.ValueStride;
        ulong seed = (definition.Flags & MapFlags.ZeroSeed) != 0 ? 0 : (ulong)Random.Shared.NextInt64();
        table = new HashTable(definition.KeySize, HostValueBytes, definition.MaxEntries, seed);
    }

    public override int Count => table.Count;

    public override int HostValueSize => isPerProcessor ? stride * Processors : ValueSize;

    internal override MapMemory ValueMemory => table.Values;

    internal override MapMemory KeyMemory => table.Keys;

    private long HostValueBytes => isPerProcessor ? (long)stride * Processors : stride;

    internal override byte* Lookup(byte* key, int processor)
    {
        int element = table.Find(key);
        if (element < 0) return null;
        if (evicts) table.Touch(element);
        return table.ValueOf(element) + (isPerProcessor ? (long)processor * stride : 0);
    }

    internal override long Update(byte* key, byte* value, ulong flags, int processor)
    {
        if (IsReadOnlyToPrograms) return MapError.NotPermitted;
        lock (Gate)
        {
            long result = Place(key, flags, out int element, out bool isNew);
            if (result != MapError.None) return result;
            byte* place = table.ValueOf(element);
            if (isNew && isPerProcessor) new Span<byte>(place, (int)HostValueBytes).Clear();
            Buffer.MemoryCopy(value, place + (isPerProcessor ? (long)processor * stride : 0), ValueSize, ValueSize);
            if (isNew) table.Publish(element, key);
            return MapError.None;
        }
    }

    internal override long Delete(byte* key)
    {
        lock (Gate) return table.Remove(key) ? MapError.None : MapError.NoEntry;
    }

    internal override long Read(byte* key, Span<byte> value)
    {
        // Under the lock, so that what is read isn't half of an update by another thread.
        lock (Gate)
        {
            int element = table.Find(key);
            if (element < 0) return MapError.NoEntry;
            new ReadOnlySpan<byte>(table.ValueOf(element), value.Length).CopyTo(value);
            return MapError.None;
        }
    }

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags)
    {
        lock (Gate)
        {
            long result = Place(key, flags, out int element, out bool isNew);
            if (result != MapError.None) return result;
            value.CopyTo(new Span<byte>(table.ValueOf(element), value.Length));
            if (isNew) table.Publish(element, key);
            return MapError.None;
        }
    }

    internal override int Next(int position, Span<byte> key)
    {
        int element = table.Next(position);
        if (element >= 0) new ReadOnlySpan<byte>(table.KeyOf(element), KeySize).CopyTo(key);
        return element;
    }

    internal override int NextElement(int position, int processor, out byte* key, out byte* value)
    {
        int element = table.Next(position);
        key = element < 0 ? null : table.KeyOf(element);
        value = element < 0 ? null : table.ValueOf(element) + (isPerProcessor ? (long)processor * stride : 0);
        return element;
    }

    private long Place(byte* key, ulong flags, out int element, out bool isNew)
    {
        isNew = false;
        element = -1;
        if (flags > (ulong)MapUpdate.Exist) return MapError.Invalid;
        element = table.Find(key);
        if (element >= 0) return flags == (ulong)MapUpdate.NoExist ? MapError.Exists : MapError.None;
        if (flags == (ulong)MapUpdate.Exist) return MapError.NoEntry;
        isNew = true;
        element = table.Take();
        if (element < 0 && evicts)
        {
            table.Evict();
            element = table.Take();
        }

        return element < 0 ? MapError.TooBig : MapError.None;
    }
}
