namespace Anneal.Ebpf.Lowering;

/// <summary>What stands for maps and their values in a program's registers: host addresses when it's verified, guest addresses and numbers when it's sandboxed.</summary>
internal interface IMapAddresses
{
    /// <summary>The value that stands for a map.</summary>
    ulong HandleOf(int map);

    /// <summary>The address of the first value of an array, or of an array per processor: that of processor 0.</summary>
    ulong ValuesOf(int map);

    /// <summary>
    /// The host address of the first of an array's words, one an entry, 0 where there's nothing: handles in an array of maps, function references in
    /// a program array. For verified programs only.
    /// </summary>
    ulong ColumnOf(int map);
}
