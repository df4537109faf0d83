// Longest-prefix match. A key is a prefix length in bits and data; the entry that matches with the longest prefix is found by
// looking up the key's own prefixes in a hash table, longest first, of the lengths that there are entries of. So the cost
// is one look-up for each length in use, which for routing tables are few.

using System.Buffers.Binary;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Maps;

/// <summary>A map by longest matching prefix.</summary>
internal sealed unsafe class LpmTrieMap : EbpfMap
{
    private readonly HashTable table;
    private readonly int dataBytes;

    // Entries by prefix length, and the longest length that there has been.
    private readonly int[] lengths;

    public LpmTrieMap(MapDefinition definition, MapSpace space)
        : base(definition, space)
    {
        dataBytes = definition.KeySize - sizeof(uint);
        lengths = new int[(dataBytes * 8) + 1];
        table = new HashTable(definition.KeySize, definition.ValueStride, definition.MaxEntries, (ulong)Random.Shared.NextInt64());
    }

    public override int Count => table.Count;

    internal override MapMemory ValueMemory => table.Values;

    internal override MapMemory KeyMemory => table.Keys;

    internal override byte* Lookup(byte* key, int processor)
    {
        int element = FindLongest(key);
        return element < 0 ? null : table.ValueOf(element);
    }

    internal override long Update(byte* key, byte* value, ulong flags, int processor) =>
        IsReadOnlyToPrograms ? MapError.NotPermitted : Write(key, new ReadOnlySpan<byte>(value, ValueSize), flags);

    internal override long Delete(byte* key)
    {
        byte* masked = stackalloc byte[KeySize];
        if (!TryMask(key, masked, out int length)) return MapError.Invalid;
        lock (Gate)
        {
            if (!table.Remove(masked)) return MapError.NoEntry;
            lengths[length]--;
            return MapError.None;
        }
    }

    internal override long Read(byte* key, Span<byte> value)
    {
        lock (Gate)
        {
            int element = FindLongest(key);
            if (element < 0) return MapError.NoEntry;
            new ReadOnlySpan<byte>(table.ValueOf(element), ValueSize).CopyTo(value);
            return MapError.None;
        }
    }

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags)
    {
        byte* masked = stackalloc byte[KeySize];
        if (flags > (ulong)MapUpdate.Exist || !TryMask(key, masked, out int length)) return MapError.Invalid;
        lock (Gate)
        {
            int element = table.Find(masked);
            if (element >= 0 && flags == (ulong)MapUpdate.NoExist) return MapError.Exists;
            if (element < 0 && flags == (ulong)MapUpdate.Exist) return MapError.NoEntry;
            bool isNew = element < 0;
            if (isNew) element = table.Take();
            if (element < 0) return MapError.NoSpace;
            value.CopyTo(new Span<byte>(table.ValueOf(element), ValueSize));
            if (!isNew) return MapError.None;
            table.Publish(element, masked);
            Volatile.Write(ref lengths[length], lengths[length] + 1);
            return MapError.None;
        }
    }

    internal override int Next(int position, Span<byte> key)
    {
        int element = table.Next(position);
        if (element >= 0) new ReadOnlySpan<byte>(table.KeyOf(element), KeySize).CopyTo(key);
        return element;
    }

    private int FindLongest(byte* key)
    {
        uint bits = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(key, sizeof(uint)));
        if (bits >= (uint)lengths.Length) return -1;
        byte* masked = stackalloc byte[KeySize];
        Buffer.MemoryCopy(key + sizeof(uint), masked + sizeof(uint), dataBytes, dataBytes);
        for (int length = (int)bits; length >= 0; length--)
        {
            if (Volatile.Read(ref lengths[length]) == 0) continue;
            Mask(masked, length);
            int element = table.Find(masked);
            if (element >= 0) return element;
        }

        return -1;
    }

    private bool TryMask(byte* key, byte* masked, out int length)
    {
        uint bits = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(key, sizeof(uint)));
        length = (int)Math.Min(bits, int.MaxValue);
        if (bits >= (uint)lengths.Length) return false;
        Buffer.MemoryCopy(key + sizeof(uint), masked + sizeof(uint), dataBytes, dataBytes);
        Mask(masked, length);
        return true;
    }

    // Writes the length and clears all bits of the data behind it.
    private void Mask(byte* key, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(key, sizeof(int)), length);
        byte* data = key + sizeof(uint);
        int whole = length / 8;
        if (whole == dataBytes) return;
        data[whole] &= (byte)(0xFF00 >> (length % 8));
        new Span<byte>(data + whole + 1, dataBytes - whole - 1).Clear();
    }
}
