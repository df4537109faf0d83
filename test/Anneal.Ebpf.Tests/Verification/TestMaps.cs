using System.Collections.Immutable;

namespace Anneal.Ebpf.Tests.Verification;

/// <summary>The maps that the verifier's test programs use.</summary>
internal static class TestMaps
{
    private static readonly MapDefinition Inner = new() { Name = "inner", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 };

    public static ImmutableArray<MapDefinition> All { get; } =
    [
        new() { Name = "array", Type = MapType.Array, KeySize = 4, ValueSize = 16, MaxEntries = 8 },
        new() { Name = "hash", Type = MapType.Hash, KeySize = 8, ValueSize = 32, MaxEntries = 8 },
        new() { Name = "data", Type = MapType.Array, KeySize = 4, ValueSize = 64, MaxEntries = 1 },
        new()
        {
            Name = "rodata", Type = MapType.Array, KeySize = 4, ValueSize = 16, MaxEntries = 1,
            Flags = MapFlags.ProgramReadOnly, IsFrozen = true, InitialValue = "%d\0abcdefghijklm"u8.ToArray(),
        },
        new() { Name = "progs", Type = MapType.ProgramArray, KeySize = 4, ValueSize = 4, MaxEntries = 4 },
        new() { Name = "ring", Type = MapType.RingBuffer, KeySize = 0, ValueSize = 0, MaxEntries = 1 << 16 },
        new() { Name = "outer", Type = MapType.ArrayOfMaps, KeySize = 4, ValueSize = 4, MaxEntries = 2, InnerMap = Inner },
        new() { Name = "writeonly", Type = MapType.Array, KeySize = 4, ValueSize = 16, MaxEntries = 1, Flags = MapFlags.ProgramWriteOnly },
        new() { Name = "bytes", Type = MapType.Hash, KeySize = 4, ValueSize = 13, MaxEntries = 8 },
        new() { Name = "large", Type = MapType.Array, KeySize = 4, ValueSize = 4096, MaxEntries = 1 },
        new() { Name = "percpu", Type = MapType.PerCpuArray, KeySize = 4, ValueSize = 16, MaxEntries = 4 },
        new() { Name = "trie", Type = MapType.LpmTrie, KeySize = 8, ValueSize = 16, MaxEntries = 8, Flags = MapFlags.NoPreallocation },
    ];

    public static int IndexOf(string name)
    {
        for (int i = 0; i < All.Length; i++)
        {
            if (All[i].Name == name) return i;
        }

        throw new FormatException($"no map {name}");
    }
}
