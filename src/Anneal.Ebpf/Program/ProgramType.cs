// What a kind of program gets as its context, may do and must return. Well-known ones are in ProgramTypes; a host can make
// its own.

using System.Collections.Immutable;

namespace Anneal.Ebpf;

/// <summary>A kind of program.</summary>
public sealed record ProgramType
{
    /// <summary>The name: "xdp", "sched_cls", …</summary>
    public required string Name { get; init; }

    /// <summary>Names of ELF sections that hold programs of this type: whole names, or prefixes before a "/" or ".".</summary>
    public required ImmutableArray<string> Sections { get; init; }

    /// <summary>What r1 points to at entry. Null when the program gets plain memory: r1 its address, r2 its length.</summary>
    public ContextLayout? Context { get; init; }

    /// <summary>Whether the packet may be written through packet pointers.</summary>
    public bool CanWritePacket { get; init; }

    /// <summary>Whether the legacy packet loads are allowed.</summary>
    public bool HasLegacyPacketLoads { get; init; }

    /// <summary>The smallest value that the program may return.</summary>
    public long MinResult { get; init; } = long.MinValue;

    /// <summary>The largest value that the program may return.</summary>
    public long MaxResult { get; init; } = long.MaxValue;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
