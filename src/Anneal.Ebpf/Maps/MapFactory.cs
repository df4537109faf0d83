// Makes maps of definitions, which come from hostile objects: every size is checked here, before anything is allocated.

using System.Numerics;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Maps;

/// <summary>Makes maps.</summary>
internal static class MapFactory
{
    private const int MaxKeyBytes = 512;
    private const int MaxValueBytes = 1 << 25;
    private const int EntryOverhead = 24;

    /// <summary>Makes a map.</summary>
    /// <exception cref="InvalidMapException">The definition is of a kind that isn't supported, or doesn't make sense.</exception>
    public static EbpfMap Create(MapDefinition definition, MapSpace space)
    {
        CheckSizes(definition, space);
        return definition.Type switch
        {
            MapType.Array or MapType.PerCpuArray => new ArrayMap(definition, space),
            MapType.Hash or MapType.PerCpuHash or MapType.LruHash or MapType.LruPerCpuHash => new HashMap(definition, space),
            MapType.LpmTrie => new LpmTrieMap(definition, space),
            MapType.ProgramArray => new ProgramArray(definition, space),
            MapType.RingBuffer => new RingBuffer(definition, space),
            MapType.ArrayOfMaps or MapType.HashOfMaps => new MapOfMaps(definition, space),
            MapType.PerfEventArray => new PerfEventArray(definition, space),
            MapType.BloomFilter => new BloomFilter(definition, space),
            MapType.DeviceMap or MapType.DeviceHash or MapType.CpuMap or MapType.XskMap => new RedirectMap(definition, space),
            MapType.Queue or MapType.Stack => new QueueMap(definition, space),
            _ => throw new InvalidMapException(definition.Name, $"type {Describe(definition.Type)} isn't supported"),
        };
    }

    /// <summary>Name and number of a map type, for messages.</summary>
    public static string Describe(MapType type) => Enum.IsDefined(type) ? $"{(int)type} ({type})" : $"{(int)type}";

    private static void CheckSizes(MapDefinition d, MapSpace space)
    {
        const MapFlags Known = MapFlags.NoPreallocation | MapFlags.NoCommonLru | MapFlags.NumaNode | MapFlags.HostReadOnly | MapFlags.HostWriteOnly
            | MapFlags.ZeroSeed | MapFlags.ProgramReadOnly | MapFlags.ProgramWriteOnly | MapFlags.Mappable | MapFlags.InnerMap;
        if ((d.Flags & ~Known) != 0) throw Invalid($"flags 0x{(int)(d.Flags & ~Known):x}, which aren't supported");
        if (d.MaxEntries < 0 || (d.MaxEntries == 0 && d.Type != MapType.PerfEventArray)) throw Invalid($"{d.MaxEntries} entries");
        bool perProcessor = d.Type is MapType.PerCpuArray or MapType.PerCpuHash or MapType.LruPerCpuHash;
        switch (d.Type)
        {
            case MapType.RingBuffer:
                if (d.KeySize != 0 || d.ValueSize != 0) throw Invalid("a ring buffer has no keys or values");
                if (d.MaxEntries > space.MaxMapBytes) throw Invalid($"{d.MaxEntries} bytes are more than {space.MaxMapBytes}");
                if (!BitOperations.IsPow2(d.MaxEntries) || d.MaxEntries % 4096 != 0) throw Invalid($"{d.MaxEntries} bytes aren't a power of two of at least 4096");
                return;
            case MapType.Array or MapType.PerCpuArray or MapType.ProgramArray or MapType.ArrayOfMaps or MapType.PerfEventArray:
                if (d.KeySize != sizeof(uint)) throw Invalid($"keys of {d.KeySize} bytes: an array's have 4");
                break;
            case MapType.LpmTrie:
                if (d.KeySize is < 5 or > 260) throw Invalid($"keys of {d.KeySize} bytes: a trie's have 5 to 260");
                if ((d.Flags & MapFlags.NoPreallocation) == 0) throw Invalid("a trie needs the flag for no preallocation");
                break;
            case MapType.DeviceMap or MapType.DeviceHash or MapType.CpuMap or MapType.XskMap:
                if (d.KeySize != sizeof(uint)) throw Invalid($"keys of {d.KeySize} bytes: a map of redirect targets has 4");
                if (d.ValueSize != sizeof(uint) && (d.ValueSize != sizeof(ulong) || d.Type == MapType.XskMap)) throw Invalid($"values of {d.ValueSize} bytes, which no redirect target has");
                break;
            case MapType.BloomFilter:
                if (d.KeySize != 0) throw Invalid("a Bloom filter has no keys");
                if (d.HashFunctions is < 0 or > BloomFilter.MaxHashes) throw Invalid($"{d.HashFunctions} hash functions: a Bloom filter has up to {BloomFilter.MaxHashes}");
                if (d.ValueSize is <= 0 or > MaxValueBytes) throw Invalid($"values of {d.ValueSize} bytes");
                if (BloomFilter.BitsOf(d) > Math.Min(1L << 32, space.MaxMapBytes * 8)) throw Invalid($"{BloomFilter.BitsOf(d) / 8} bytes are more than {Math.Min(1L << 29, space.MaxMapBytes)}");
                return;
            case MapType.Queue or MapType.Stack:
                if (d.KeySize != 0) throw Invalid("queues and stacks have no keys");
                if ((long)d.ValueSize * d.MaxEntries > Array.MaxLength) throw Invalid($"{(long)d.ValueSize * d.MaxEntries} bytes are too many");
                break;
            default:
                if (d.KeySize is <= 0 or > MaxKeyBytes) throw Invalid($"keys of {d.KeySize} bytes");
                break;
        }

        if (d.ValueSize is <= 0 or > MaxValueBytes) throw Invalid($"values of {d.ValueSize} bytes");
        if (d.Type is MapType.PerfEventArray or MapType.ProgramArray or MapType.ArrayOfMaps or MapType.HashOfMaps && d.ValueSize != sizeof(uint)) throw Invalid($"values of {d.ValueSize} bytes: 4 are needed");
        if (d.InitialValue.Length > d.ValueSize) throw Invalid("more initial bytes than the value has");
        // Less than 2^38 bytes an entry, but not of all entries.
        ulong entry = ((ulong)d.ValueStride * (uint)(perProcessor ? space.Processors : 1)) + (uint)d.KeySize + EntryOverhead;
        if (entry > (ulong)space.MaxMapBytes / (uint)Math.Max(d.MaxEntries, 1)) throw Invalid($"{d.MaxEntries} entries of {entry} bytes are more than {space.MaxMapBytes}");
        return;

        InvalidMapException Invalid(string message) => new(d.Name, message);
    }
}
