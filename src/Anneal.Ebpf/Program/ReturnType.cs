namespace Anneal.Ebpf;

/// <summary>What a helper returns in r0.</summary>
public enum ReturnType
{
    /// <summary>A number.</summary>
    Scalar,

    /// <summary>Nothing: r0 may not be read afterwards.</summary>
    Void,

    /// <summary>The memory of a value of the map that was an argument, or null. For a map of maps: a map, or null.</summary>
    MapValueOrNull,

    /// <summary>Memory of as many bytes as the <see cref="ArgumentType.ConstAllocationSize"/> argument says, or null.</summary>
    AllocatedMemoryOrNull,
}
