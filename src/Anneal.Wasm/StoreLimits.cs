namespace Anneal.Wasm;

/// <summary>
/// What the guests of one <see cref="Store"/> may use. Exceeding a limit fails an instantiation with
/// <see cref="StoreLimitException"/>; in running guests <c>memory.grow</c> and <c>table.grow</c> answer -1, as WebAssembly has it.
/// The stack is limited by the engine's options.
/// </summary>
public sealed record StoreLimits
{
    /// <summary>The most bytes of one memory. Default: no limit but the type's, at most 4 GiB.</summary>
    public long MaxMemoryBytes { get; init; } = long.MaxValue;

    /// <summary>The most bytes of all memories that the store made, together. Default: no limit.</summary>
    public long MaxTotalMemoryBytes { get; init; } = long.MaxValue;

    /// <summary>The most elements of one table. Default: ten million.</summary>
    public long MaxTableElements { get; init; } = 10_000_000;

    /// <summary>The most instances. Default: ten thousand.</summary>
    public int MaxInstances { get; init; } = 10_000;

    /// <summary>The most memories that the store makes. Default: ten thousand.</summary>
    public int MaxMemories { get; init; } = 10_000;

    /// <summary>The most tables that the store makes. Default: ten thousand.</summary>
    public int MaxTables { get; init; } = 10_000;

    /// <summary>Checks the limits' ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is negative.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxMemoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxTotalMemoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxTableElements);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxInstances);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxMemories);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxTables);
    }
}
