namespace Anneal.Cli.Commands;

/// <summary>What <c>anneal run</c> was asked to do.</summary>
internal sealed record RunOptions
{
    public required string File { get; init; }

    /// <summary>What follows the file: the program's arguments, or the function's.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public Tier Tier { get; init; }

    /// <summary>The exported function to call instead of <c>_start</c>; null for none.</summary>
    public string? Invoke { get; init; }

    /// <summary>Each <c>HOST</c> or <c>HOST::GUEST</c>.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    /// <summary>Each <c>NAME=VALUE</c>, or <c>NAME</c> for the tool's own value.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    public bool UnknownImportsTrap { get; init; }

    /// <summary>The most bytes of a memory; null for no limit.</summary>
    public long? MaxMemory { get; init; }

    /// <summary>How long the guest may run; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The fuel that the guest gets; null for no metering.</summary>
    public long? Fuel { get; init; }

    /// <summary>Whether options were given that only eBPF objects have.</summary>
    public bool HasEbpfOptions { get; init; }

    /// <summary>Whether to say at the end what the tiers have done.</summary>
    public bool Statistics { get; init; }
}
