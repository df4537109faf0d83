// The host's access to a map: bytes, and unmanaged structures in place of them.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anneal.Ebpf.Maps;

namespace Anneal.Ebpf;

public abstract unsafe partial class EbpfMap
{
    /// <summary>Reads the value of a key; false if there's none.</summary>
    /// <exception cref="ArgumentException">Key or value have another size than the map's.</exception>
    public bool TryLookup(ReadOnlySpan<byte> key, Span<byte> value)
    {
        CheckUsable();
        CheckSize(key.Length, KeySize, nameof(key));
        CheckSize(value.Length, HostValueSize, nameof(value));
        if ((Definition.Flags & MapFlags.HostWriteOnly) != 0) throw new NotSupportedException($"map {Name} can't be read by the host");
        fixed (byte* k = key) return Check(Read(k, value), "looked up") == MapError.None;
    }

    /// <summary>Makes or changes an entry.</summary>
    /// <returns>False if the entry exists and mustn't, doesn't and must, or the map is full.</returns>
    /// <exception cref="ArgumentException">Key or value have another size than the map's.</exception>
    /// <exception cref="NotSupportedException">The map's kind or flags don't allow it.</exception>
    public bool Update(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdate update = MapUpdate.Any)
    {
        CheckUsable();
        CheckSize(key.Length, KeySize, nameof(key));
        CheckSize(value.Length, HostValueSize, nameof(value));
        CheckWritable();
        fixed (byte* k = key) return Check(Write(k, value, (ulong)update), "updated") == MapError.None;
    }

    /// <summary>Removes an entry; false if there's none.</summary>
    /// <exception cref="ArgumentException">The key has another size than the map's.</exception>
    /// <exception cref="NotSupportedException">Entries of this kind of map can't be removed.</exception>
    public bool Delete(ReadOnlySpan<byte> key)
    {
        CheckUsable();
        CheckSize(key.Length, KeySize, nameof(key));
        CheckWritable();
        fixed (byte* k = key) return Check(Delete(k), "deleted from") == MapError.None;
    }

    /// <summary>The keys that there are at some time during the enumeration.</summary>
    public IEnumerable<byte[]> Keys()
    {
        CheckUsable();
        int position = -1;
        while (true)
        {
            var key = new byte[KeySize];
            position = Next(position, key);
            if (position < 0) yield break;
            yield return key;
        }
    }

    /// <summary>Reads the value of a key as structures; false if there's none.</summary>
    public bool TryLookup<TKey, TValue>(TKey key, out TValue value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        value = default;
        return TryLookup(BytesOf(ref key), BytesOf(ref value));
    }

    /// <summary>Reads the value of a key as structures.</summary>
    /// <exception cref="KeyNotFoundException">There's none.</exception>
    public TValue Lookup<TKey, TValue>(TKey key)
        where TKey : unmanaged
        where TValue : unmanaged =>
        TryLookup(key, out TValue value) ? value : throw new KeyNotFoundException($"map {Name} has no entry for {key}");

    /// <summary>Makes or changes an entry; see <see cref="Update(ReadOnlySpan{byte}, ReadOnlySpan{byte}, MapUpdate)"/>.</summary>
    public bool Update<TKey, TValue>(TKey key, TValue value, MapUpdate update = MapUpdate.Any)
        where TKey : unmanaged
        where TValue : unmanaged =>
        Update(BytesOf(ref key), BytesOf(ref value), update);

    /// <summary>Removes an entry; false if there's none.</summary>
    public bool Delete<TKey>(TKey key)
        where TKey : unmanaged =>
        Delete(BytesOf(ref key));

    /// <summary>The values of a key on all processors, of a per-processor map; false if there's none.</summary>
    /// <exception cref="InvalidOperationException">The map isn't per-processor.</exception>
    public bool TryLookupAll<TKey, TValue>(TKey key, out TValue[] values)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        if (HostValueSize == ValueSize || sizeof(TValue) != ValueSize) throw new InvalidOperationException($"map {Name} has no values of {sizeof(TValue)} bytes per processor");
        byte[] bytes = new byte[HostValueSize];
        values = [];
        if (!TryLookup(BytesOf(ref key), bytes)) return false;
        values = new TValue[Processors];
        for (int i = 0; i < values.Length; i++) values[i] = Unsafe.ReadUnaligned<TValue>(ref bytes[i * Definition.ValueStride]);
        return true;
    }

    /// <summary>The entries as structures, as far as they are there during the enumeration.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Entries<TKey, TValue>()
        where TKey : unmanaged
        where TValue : unmanaged
    {
        CheckSize(Unsafe.SizeOf<TKey>(), KeySize, nameof(TKey));
        foreach (byte[] bytes in Keys())
        {
            TKey key = Unsafe.ReadUnaligned<TKey>(ref bytes[0]);
            if (TryLookup(key, out TValue value)) yield return new KeyValuePair<TKey, TValue>(key, value);
        }
    }

    private void CheckWritable()
    {
        if ((Definition.Flags & MapFlags.HostReadOnly) != 0) throw new NotSupportedException($"map {Name} can't be written by the host");
    }

    private static Span<byte> BytesOf<T>(ref T value)
        where T : unmanaged =>
        MemoryMarshal.AsBytes(new Span<T>(ref value));

    private void CheckSize(int actual, int expected, string what)
    {
        if (actual != expected) throw new ArgumentException($"map {Name}: {actual} bytes where {expected} are needed", what);
    }

    private long Check(long result, string what) => result is MapError.NotSupported or MapError.NotPermitted or MapError.Invalid
        ? throw new NotSupportedException($"map {Name} ({Type}) can't be {what} like that")
        : result;
}
