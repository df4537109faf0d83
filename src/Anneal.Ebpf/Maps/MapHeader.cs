namespace Anneal.Ebpf.Maps;

/// <summary>What a map's handle points to in verified programs: enough of the map for emitted code to look up without a call.</summary>
internal unsafe struct MapHeader
{
    /// <summary>A weak GCHandle of the <see cref="EbpfMap"/>.</summary>
    public nint Owner;

    /// <summary>The first value where values are one array; null for other maps.</summary>
    public byte* Values;

    /// <summary>The offset of <see cref="Values"/>, for emitted code.</summary>
    public const int ValuesOffset = 8;
}
