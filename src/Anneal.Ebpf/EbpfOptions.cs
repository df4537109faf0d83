using System.Collections.Immutable;

namespace Anneal.Ebpf;

/// <summary>What can be chosen for an <see cref="EbpfRuntime"/>. Immutable; change with a <c>with</c> expression.</summary>
public sealed record EbpfOptions
{
    /// <summary>How programs are kept safe. Default: verified.</summary>
    public SafetyMode Mode { get; init; } = SafetyMode.Verified;

    /// <summary>How programs are verified.</summary>
    public VerifierOptions Verifier { get; init; } = VerifierOptions.Default;

    /// <summary>
    /// The most instructions that a run may execute, counted by basic block; more ends it with a
    /// <see cref="TrapException"/> of kind <see cref="TrapKind.OutOfFuel"/>. Null: as many as it wants. Sandboxed programs have a
    /// limit in any case, 2³¹ where none is set.
    /// </summary>
    public long? InstructionLimit { get; init; }

    /// <summary>
    /// How long a run may take; more ends it with a <see cref="GuestTimeoutException"/> at its next loop or call. Null: as long as
    /// it wants.
    /// </summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Values that entries of per-processor maps have. Default: as many as the machine has processors.</summary>
    public int Processors { get; init; } = Environment.ProcessorCount;

    /// <summary>The most bytes that one map may take, of address space (memory is used as touched). Default: 1 GiB; at most 4.</summary>
    public long MaxMapBytes { get; init; } = 1L << 30;

    /// <summary>Bytes that each processor's buffer of a perf event array has, for records that the host hasn't taken. Default: 256 KiB; at most 1 GiB.</summary>
    public int PerfEventBytes { get; init; } = 256 << 10;

    /// <summary>Where text that programs print goes, a line at a time without its end. Default: nowhere. Called on the thread of the run.</summary>
    public Action<string>? Print { get; init; }

    /// <summary>Helpers that the host adds, or puts in place of those that come with the engine.</summary>
    public ImmutableArray<HostHelper> Helpers { get; init; } = [];

    /// <summary>The seed of random numbers that programs get; null: a different one each time.</summary>
    public int? RandomSeed { get; init; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Verifier);
        if (!Enum.IsDefined(Mode)) throw new ArgumentOutOfRangeException(nameof(Mode), Mode, "no such mode");
        if (InstructionLimit is <= 0) throw new ArgumentOutOfRangeException(nameof(InstructionLimit), InstructionLimit, "a limit of instructions is positive");
        if (MaxMapBytes is <= 0 or > 1L << 32) throw new ArgumentOutOfRangeException(nameof(MaxMapBytes), MaxMapBytes, "1 byte to 4 GiB");
        if (TimeLimit is { } time && time <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(TimeLimit), TimeLimit, "a limit of time is positive");
        if (PerfEventBytes is < 64 or > 1 << 30) throw new ArgumentOutOfRangeException(nameof(PerfEventBytes), PerfEventBytes, "64 bytes to 1 GiB");
        if (Processors is <= 0 or > 4096) throw new ArgumentOutOfRangeException(nameof(Processors), Processors, "1 to 4096 processors");
    }
}
