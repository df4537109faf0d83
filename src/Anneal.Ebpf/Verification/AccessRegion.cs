namespace Anneal.Ebpf.Verification;

/// <summary>What memory an instruction accesses, on all paths.</summary>
internal enum AccessRegion : byte
{
    /// <summary>None, or the instruction isn't an access.</summary>
    None,

    /// <summary>The context. An instruction that accesses it accesses nothing else.</summary>
    Context,

    /// <summary>The stack of the running frame or of a caller's.</summary>
    Stack,

    /// <summary>The packet or its metadata.</summary>
    Packet,

    /// <summary>A map's value.</summary>
    MapValue,

    /// <summary>Memory that a helper gave.</summary>
    Memory,

    /// <summary>Different ones on different paths (never the context).</summary>
    Several,
}
