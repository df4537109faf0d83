namespace Anneal.Ebpf;

/// <summary>Flags of a map's definition, with the numbers that object files use. A flag that isn't named here is refused at load.</summary>
[Flags]
public enum MapFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Entries are allocated when they are made. Obligatory for tries.</summary>
    NoPreallocation = 1 << 0,

    /// <summary>An LRU list for each processor.</summary>
    NoCommonLru = 1 << 1,

    /// <summary>Placement on a memory node; nothing to do here.</summary>
    NumaNode = 1 << 2,

    /// <summary>The host may only read.</summary>
    HostReadOnly = 1 << 3,

    /// <summary>The host may only write.</summary>
    HostWriteOnly = 1 << 4,

    /// <summary>Hashes start from zero instead of a random seed.</summary>
    ZeroSeed = 1 << 6,

    /// <summary>Programs may only read (<c>.rodata</c>).</summary>
    ProgramReadOnly = 1 << 7,

    /// <summary>Programs may only write.</summary>
    ProgramWriteOnly = 1 << 8,

    /// <summary>The host can map the values.</summary>
    Mappable = 1 << 10,

    /// <summary>Inner maps may have another number of entries.</summary>
    InnerMap = 1 << 12,
}
