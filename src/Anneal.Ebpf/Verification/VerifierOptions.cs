namespace Anneal.Ebpf;

/// <summary>How a program is verified.</summary>
public sealed record VerifierOptions
{
    /// <summary>The defaults.</summary>
    public static VerifierOptions Default { get; } = new();

    /// <summary>How many instructions may be looked at, over all paths, before a program is refused as too complex.</summary>
    public long InstructionBudget { get; init; } = 1_000_000;

    /// <summary>How much memory the states of unfinished and stored paths may take, about, in bytes, before a program is refused as too complex.</summary>
    public long StateMemory { get; init; } = 256L << 20;

    /// <summary>
    /// Whether programs may turn addresses into numbers: return them, store them into maps and packets, give them to helpers as
    /// numbers. No danger for memory safety, but it tells a program where the host's memory is.
    /// </summary>
    public bool AllowPointerLeaks { get; init; }

    /// <summary>Whether to write down each step, for people. Slow. Refusals come with the steps in any case.</summary>
    public bool LogSteps { get; init; }

    /// <summary>The most lines that a log keeps: the last ones.</summary>
    public int LogLines { get; init; } = 2_000;
}
