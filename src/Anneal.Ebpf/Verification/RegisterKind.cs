namespace Anneal.Ebpf.Verification;

/// <summary>What a register holds.</summary>
internal enum RegisterKind : byte
{
    /// <summary>Nothing that may be read.</summary>
    Uninitialized,

    /// <summary>A number.</summary>
    Scalar,

    /// <summary>The program's context.</summary>
    Context,

    /// <summary>A frame's stack; offsets count from its r10.</summary>
    Stack,

    /// <summary>Packet data; offsets count from its start.</summary>
    Packet,

    /// <summary>The metadata before the packet.</summary>
    PacketMeta,

    /// <summary>The end of the packet: to compare with only.</summary>
    PacketEnd,

    /// <summary>A value of a map.</summary>
    MapValue,

    /// <summary>A map.</summary>
    Map,

    /// <summary>Memory of a known size that a helper gave.</summary>
    Memory,

    /// <summary>A subprogram, for a helper to call back.</summary>
    Subprogram,
}
