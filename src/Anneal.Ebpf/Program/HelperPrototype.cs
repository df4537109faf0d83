// A helper as a program sees it: number, name, types. The verifier checks calls against it; Helpers/ binds it to code.

using System.Collections.Immutable;

namespace Anneal.Ebpf;

/// <summary>The declared prototype of a helper.</summary>
public sealed record HelperPrototype
{
    /// <summary>Registers that arguments can take: r1 to r5.</summary>
    public const int MaxArguments = 5;

    /// <summary>The number that call instructions name.</summary>
    public required int Id { get; init; }

    /// <summary>The name, without prefix.</summary>
    public required string Name { get; init; }

    /// <summary>The types of r1 and on; at most five.</summary>
    public required ImmutableArray<ArgumentType> Arguments { get; init; }

    /// <summary>What r0 holds afterwards.</summary>
    public required ReturnType Returns { get; init; }

    /// <summary>Further effects.</summary>
    public HelperEffects Effects { get; init; }

    /// <summary>What the callback's arguments are, if there's one.</summary>
    public CallbackKind Callback { get; init; }

    /// <summary>
    /// Whether the registers behind the declared arguments, up to r5, are passed on too, as numbers. They need not be
    /// initialized: what isn't is any number.
    /// </summary>
    public bool PassesAllRegisters { get; init; }

    /// <summary>
    /// The argument (0 is r1) with the format of values that the helper prints; -1: it prints none. The values are in the memory of
    /// <see cref="ValuesArgument"/>, or in r3 to r5 with <see cref="PassesAllRegisters"/>. A value may be a pointer where the
    /// format is known, in memory that can't change, and follows it.
    /// </summary>
    public int FormatArgument { get; init; } = -1;

    /// <summary>The memory argument (0 is r1), of eight bytes a value, with the values of the format; -1: there's none.</summary>
    public int ValuesArgument { get; init; } = -1;

    /// <summary>The map types that the map argument may have; empty when any.</summary>
    public ImmutableArray<MapType> MapTypes { get; init; } = [];

    /// <summary>Program types (by name) that may call it; empty when all.</summary>
    public ImmutableArray<string> ProgramTypes { get; init; } = [];

    /// <summary>The smallest value that a <see cref="ReturnType.Scalar"/> result has, as a signed number.</summary>
    public long MinResult { get; init; } = long.MinValue;

    /// <summary>The largest value that a <see cref="ReturnType.Scalar"/> result has, as a signed number.</summary>
    public long MaxResult { get; init; } = long.MaxValue;

    /// <summary>Whether the helper reads memory at addresses that nobody has checked.</summary>
    internal bool FollowsAddresses => FormatArgument >= 0 || Arguments.Contains(ArgumentType.ProbedMemory) || Arguments.Contains(ArgumentType.ProbedText);

    /// <summary>The type of argument <paramref name="index"/> (0 is r1).</summary>
    public ArgumentType Argument(int index) => index < Arguments.Length ? Arguments[index] : ArgumentType.None;
}
