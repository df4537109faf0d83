// A Bloom filter: values are put in and never leave; a value that was put in is always found, one that wasn't is found now and then.
// Each value sets a few bits (map_extra says how many, 5 if it doesn't), of so many that with all entries put in about one
// value of a hundred is found wrongly. Setting and testing bits needs no lock.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf;

/// <summary>A set of values that may be asked whether it may contain one.</summary>
public sealed unsafe class BloomFilter : EbpfMap
{
    /// <summary>The most hash functions.</summary>
    public const int MaxHashes = 15;

    private const int DefaultHashes = 5;
    private readonly uint[] bits;
    private readonly uint mask;
    private readonly int hashes;
    private readonly ulong seed;
    private int count;

    internal BloomFilter(MapDefinition definition, MapSpace space)
        : base(definition, space)
    {
        hashes = definition.HashFunctions == 0 ? DefaultHashes : definition.HashFunctions;
        mask = (uint)(BitsOf(definition) - 1);
        bits = new uint[(mask >> 5) + 1];
        seed = (definition.Flags & MapFlags.ZeroSeed) != 0 ? 0 : (ulong)Random.Shared.NextInt64();
    }

    /// <summary>How often a value was put in.</summary>
    public override int Count => Volatile.Read(ref count);

    internal override MapMemory? ValueMemory => null;

    /// <summary>Puts a value in.</summary>
    /// <exception cref="ArgumentException">It has another size than the map's values.</exception>
    public void Add<T>(T value)
        where T : unmanaged =>
        Update([], MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Whether a value may have been put in; false: it certainly wasn't.</summary>
    /// <exception cref="ArgumentException">It has another size than the map's values.</exception>
    public bool MayContain<T>(T value)
        where T : unmanaged =>
        TryLookup([], MemoryMarshal.AsBytes(new Span<T>(ref value)));

    /// <summary>The number of bits that a filter has: a power of two.</summary>
    internal static long BitsOf(MapDefinition definition)
    {
        // n * k / ln 2, as 7/5.
        UInt128 wanted = (UInt128)(uint)definition.MaxEntries * (uint)(definition.HashFunctions == 0 ? DefaultHashes : definition.HashFunctions) * 7 / 5;
        return (long)BitOperations.RoundUpToPowerOf2((ulong)UInt128.Max(wanted, 32));
    }

    /// <summary>Puts a value in; 0 or a negative error number.</summary>
    internal long Push(ReadOnlySpan<byte> value, ulong flags)
    {
        if (flags != (ulong)MapUpdate.Any) return MapError.Invalid;
        for (int i = 0; i < hashes; i++)
        {
            uint bit = HashOf(value, i) & mask;
            Interlocked.Or(ref bits[bit >> 5], 1u << (int)(bit & 31));
        }

        Interlocked.Increment(ref count);
        return MapError.None;
    }

    /// <summary>0 if a value may have been put in, otherwise a negative error number.</summary>
    internal long Peek(ReadOnlySpan<byte> value)
    {
        for (int i = 0; i < hashes; i++)
        {
            uint bit = HashOf(value, i) & mask;
            if ((Volatile.Read(ref bits[bit >> 5]) >> (int)(bit & 31) & 1) == 0) return MapError.NoEntry;
        }

        return MapError.None;
    }

    internal override byte* Lookup(byte* key, int processor) => null;

    internal override long Update(byte* key, byte* value, ulong flags, int processor) => MapError.Invalid;

    internal override long Delete(byte* key) => MapError.Invalid;

    // What the value says is looked up.
    internal override long Read(byte* key, Span<byte> value) => Peek(value);

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags) => Push(value, flags);

    internal override int Next(int position, Span<byte> key) => -1;

    private uint HashOf(ReadOnlySpan<byte> value, int function)
    {
        ulong hash = Mix(seed + (ulong)function);
        for (; value.Length >= 8; value = value[8..]) hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference(value)));
        foreach (byte one in value) hash = Mix(hash ^ one ^ 0x100);
        return (uint)(hash ^ (hash >> 32));
    }

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value ^ 0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93, out ulong low);
        return high ^ low;
    }
}
