namespace Anneal.Ebpf.Lowering;

/// <summary>What stands for maps and their values in a program's registers: host addresses when it's verified, guest addresses and numbers when it's sandboxed.</summary>
internal interface IMapAddresses
{
    /// <summary>The value that stands for a map.</summary>
    ulong HandleOf(int map);

    /// <summary>The address of a map's first value, for maps whose values are one array; 0 for others.</summary>
    ulong ValuesOf(int map);

    /// <summary>Whether look-ups can be done without a call: an array of values that all processors share.</summary>
    bool IsPlainArray(int map);
}
