// Maps whose values are maps: by index or by key. What a program gets from a look-up stands for the inner map. Verified programs
// look arrays of maps up without a call, in a column of handles; a map that is taken out is retired until the runs that may
// have found it have ended.

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf;

/// <summary>An array or a hash map of maps.</summary>
public sealed unsafe class MapOfMaps : EbpfMap
{
    private readonly Dictionary<byte[], EbpfMap> inner = new(KeyComparer.Instance);

    private readonly MapMemory? column;

    internal MapOfMaps(MapDefinition definition, MapSpace space)
        : base(definition, space)
    {
        if (definition.Type == MapType.ArrayOfMaps) column = new MapMemory((long)definition.MaxEntries * sizeof(ulong));
    }

    /// <inheritdoc/>
    public override int Count
    {
        get
        {
            lock (Gate) return inner.Count;
        }
    }

    internal override MapMemory? ValueMemory => null;

    /// <summary>For an array: the address of the first of its maps' handles, 0 where there's none.</summary>
    internal ulong Column => (ulong)column!.Start;

    /// <summary>The map of a key; false if there's none.</summary>
    public bool TryLookup<TKey>(TKey key, out EbpfMap? map)
        where TKey : unmanaged
    {
        byte[] bytes = KeyOf(key);
        lock (Gate) return inner.TryGetValue(bytes, out map);
    }

    /// <summary>Sets the map of a key; null removes it.</summary>
    /// <exception cref="ArgumentException">The map differs from the inner definition, or the key isn't one of this map.</exception>
    /// <exception cref="InvalidOperationException">The map is full.</exception>
    public void Set<TKey>(TKey key, EbpfMap? map)
        where TKey : unmanaged
    {
        CheckUsable();
        byte[] bytes = KeyOf(key);
        if (map is not null && map.Space != Space) throw new ArgumentException($"map {map.Name} belongs to another runtime", nameof(map));
        if (map is not null && Definition.InnerMap is { } wanted) CheckInner(map, wanted);
        EbpfMap? old;
        lock (Gate)
        {
            bool exists = inner.TryGetValue(bytes, out old);
            if (map is not null && !exists && inner.Count == MaxEntries) throw new InvalidOperationException($"map {Name} is full");
            if (map is null) inner.Remove(bytes);
            else inner[bytes] = map;
            Publish(bytes, map);
        }

        if (old is not null && old != map) Space.Retirement.Retire(old);
    }

    /// <summary>The maps that are in it now.</summary>
    internal EbpfMap[] Contents()
    {
        lock (Gate) return [.. inner.Values];
    }

    internal EbpfMap? Find(byte* key)
    {
        lock (Gate) return inner.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(new ReadOnlySpan<byte>(key, KeySize), out EbpfMap? map) ? map : null;
    }

    internal override byte* Lookup(byte* key, int processor) => null;

    internal override long Update(byte* key, byte* value, ulong flags, int processor) => MapError.Invalid;

    internal override long Delete(byte* key)
    {
        byte[] bytes = new ReadOnlySpan<byte>(key, KeySize).ToArray();
        EbpfMap? old;
        lock (Gate)
        {
            if (!inner.Remove(bytes, out old)) return MapError.NoEntry;
            Publish(bytes, null);
        }

        Space.Retirement.Retire(old);
        return MapError.None;
    }

    internal override long Read(byte* key, Span<byte> value) => MapError.NotSupported;

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags) => MapError.NotSupported;

    internal override int Next(int position, Span<byte> key)
    {
        lock (Gate)
        {
            int index = 0;
            foreach (byte[] known in inner.Keys)
            {
                if (index++ <= position) continue;
                known.CopyTo(key);
                return index - 1;
            }
        }

        return -1;
    }

    private void Publish(byte[] key, EbpfMap? map)
    {
        if (column is null) return;
        Volatile.Write(ref ((ulong*)column.Start)[BinaryPrimitives.ReadUInt32LittleEndian(key)], map?.Handle ?? 0);
    }

    private static void CheckInner(EbpfMap map, MapDefinition wanted)
    {
        MapDefinition given = map.Definition;
        bool fits = given.Type == wanted.Type && given.KeySize == wanted.KeySize && given.ValueSize == wanted.ValueSize
            && (given.MaxEntries == wanted.MaxEntries || given.Type is not (MapType.Array or MapType.PerCpuArray))
            && (given.Flags & MapFlags.ProgramReadOnly) == (wanted.Flags & MapFlags.ProgramReadOnly);
        if (!fits) throw new ArgumentException($"map {map.Name} isn't like the definition of inner maps", nameof(map));
    }

    private byte[] KeyOf<TKey>(TKey key)
        where TKey : unmanaged
    {
        byte[] bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(ref key)).ToArray();
        if (bytes.Length != KeySize) throw new ArgumentException($"map {Name}: a key of {bytes.Length} bytes where {KeySize} are needed", nameof(key));
        if (Type == MapType.ArrayOfMaps && BinaryPrimitives.ReadUInt32LittleEndian(bytes) >= (uint)MaxEntries)
            throw new ArgumentException($"map {Name}: an index beyond {MaxEntries}", nameof(key));
        return bytes;
    }

    private sealed class KeyComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static KeyComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] key) => GetHashCode(key.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
