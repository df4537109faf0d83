namespace Anneal.Ebpf;

/// <summary>What an update of a map may do.</summary>
public enum MapUpdate
{
    /// <summary>Make an entry or change it.</summary>
    Any = 0,

    /// <summary>Only make an entry.</summary>
    NoExist = 1,

    /// <summary>Only change an entry.</summary>
    Exist = 2,
}
