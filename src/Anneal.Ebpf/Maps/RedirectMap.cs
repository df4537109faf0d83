// Maps of redirect targets: numbers of network devices, processors or sockets that mean something to the host, by index (or by any
// 32-bit key, DeviceHash). The host makes the entries; programs redirect to them, and may read them.

using System.Buffers.Binary;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Maps;

/// <summary>A map of redirect targets.</summary>
internal sealed unsafe class RedirectMap : EbpfMap
{
    private readonly HashTable table;

    public RedirectMap(MapDefinition definition, MapSpace space)
        : base(definition, space) => table = new HashTable(definition.KeySize, definition.ValueStride, definition.MaxEntries, (ulong)Random.Shared.NextInt64());

    public override int Count => table.Count;

    internal override MapMemory ValueMemory => table.Values;

    internal override MapMemory KeyMemory => table.Keys;

    /// <summary>The target of a key; false if there's none.</summary>
    public bool TryFind(uint key, out uint target)
    {
        byte* value = Lookup((byte*)&key, 0);
        target = value == null ? 0 : *(uint*)value;
        return value != null;
    }

    internal override byte* Lookup(byte* key, int processor)
    {
        int element = table.Find(key);
        return element < 0 ? null : table.ValueOf(element);
    }

    internal override long Update(byte* key, byte* value, ulong flags, int processor) => MapError.NotPermitted;

    internal override long Delete(byte* key)
    {
        if (!Fits(key)) return MapError.Invalid;
        lock (Gate) return table.Remove(key) ? MapError.None : MapError.NoEntry;
    }

    internal override long Read(byte* key, Span<byte> value)
    {
        lock (Gate)
        {
            byte* place = Lookup(key, 0);
            if (place == null) return MapError.NoEntry;
            new ReadOnlySpan<byte>(place, ValueSize).CopyTo(value);
            return MapError.None;
        }
    }

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags)
    {
        if (flags > (ulong)MapUpdate.Exist) return MapError.Invalid;
        // The second half would be a program to run behind the redirect.
        if (value.Length > sizeof(uint) && value[sizeof(uint)..].ContainsAnyExcept((byte)0)) return MapError.NotSupported;
        if (!Fits(key)) return MapError.TooBig;
        lock (Gate)
        {
            int element = table.Find(key);
            if (element >= 0 && flags == (ulong)MapUpdate.NoExist) return MapError.Exists;
            if (element < 0 && flags == (ulong)MapUpdate.Exist) return MapError.NoEntry;
            bool isNew = element < 0;
            if (isNew && (element = table.Take()) < 0) return MapError.TooBig;
            value.CopyTo(new Span<byte>(table.ValueOf(element), ValueSize));
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

    private bool Fits(byte* key) =>
        Type == MapType.DeviceHash || BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(key, sizeof(uint))) < (uint)MaxEntries;
}
