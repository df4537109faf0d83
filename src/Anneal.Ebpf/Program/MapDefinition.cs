// What an object file says of a map, or a host that makes one. Checked by MapFactory when the map is made, not here.

namespace Anneal.Ebpf;

/// <summary>The definition of a map.</summary>
public sealed record MapDefinition
{
    /// <summary>The map's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its kind.</summary>
    public required MapType Type { get; init; }

    /// <summary>Bytes of a key.</summary>
    public required int KeySize { get; init; }

    /// <summary>Bytes of a value.</summary>
    public required int ValueSize { get; init; }

    /// <summary>The largest number of entries; bytes for a ring buffer; 0 for a perf event array with a buffer for each processor.</summary>
    public required int MaxEntries { get; init; }

    /// <summary>Flags.</summary>
    public MapFlags Flags { get; init; }

    /// <summary>How many hash functions a Bloom filter has (its <c>map_extra</c>); 0: as many as it likes.</summary>
    public int HashFunctions { get; init; }

    /// <summary>What the values of a map of maps look like.</summary>
    public MapDefinition? InnerMap { get; init; }

    /// <summary>For maps made from a data section: what its only value starts as. Bytes beyond are zero.</summary>
    public ReadOnlyMemory<byte> InitialValue { get; init; }

    /// <summary>
    /// Whether the contents can't change any more once a program using the map is loaded (<c>.rodata</c>), so that what a
    /// program loads from a constant address of it is a known value.
    /// </summary>
    public bool IsFrozen { get; init; }

    /// <summary>Bytes from one value to the next in memory: the value's size rounded up to eight.</summary>
    public int ValueStride => (ValueSize + 7) & ~7;

    /// <summary>Whether a look-up gives back the memory of one value (which a verifier needs to know).</summary>
    public bool HasValues => Type is MapType.Hash or MapType.Array or MapType.PerCpuHash or MapType.PerCpuArray
        or MapType.LruHash or MapType.LruPerCpuHash or MapType.LpmTrie or MapType.DeviceMap or MapType.DeviceHash or MapType.XskMap;

    /// <summary>Whether programs may only read the values: by its flags, or because they say where packets go.</summary>
    public bool IsReadOnlyToPrograms => (Flags & MapFlags.ProgramReadOnly) != 0 || HoldsTargets;

    /// <summary>Whether values are targets of redirects.</summary>
    public bool HoldsTargets => Type is MapType.DeviceMap or MapType.DeviceHash or MapType.CpuMap or MapType.XskMap;

    /// <summary>Whether values are maps.</summary>
    public bool HoldsMaps => Type is MapType.ArrayOfMaps or MapType.HashOfMaps;
}
