using Anneal.Tiering;

namespace Anneal;

/// <summary>What can be chosen for an <see cref="Engine"/>. Immutable; change with a <c>with</c> expression.</summary>
public sealed record EngineOptions
{
    /// <summary>The tier that runs guest code. Default: <see cref="Anneal.Tier.Auto"/>.</summary>
    public Tier Tier { get; init; } = Tier.Auto;

    /// <summary>How linear memories are kept safe. Default: by the hardware.</summary>
    public MemoryChecks MemoryChecks { get; init; } = MemoryChecks.Hardware;

    /// <summary>The most native stack, in bytes, that guest code may use in one call from the host; less where the thread has less. Default: 4 MiB.</summary>
    public int GuestStackBytes { get; init; } = 4 << 20;

    /// <summary>The bytes of an execution's value stack, which holds the guest's locals in the interpreters and the baseline tier. A multiple of 64 KiB. Default: 16 MiB (reserved; used as touched).</summary>
    public int ValueStackBytes { get; init; } = 16 << 20;

    /// <summary>
    /// The most bytes of machine code that the engine's modules may have at a time; more fails with
    /// <see cref="CodeLimitException"/>. Code goes with its module, when that is collected. Default: 1 GiB, which is also the
    /// most that all engines of a process can have together.
    /// </summary>
    public long MaxCodeBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Whether, with <see cref="Tier.Auto"/>, a hot function is compiled at once on the thread that runs it instead of on a
    /// thread of the engine's own. Makes the moments at which code moves between tiers the same in each run. Default: false.
    /// </summary>
    public bool SynchronousTierUp { get; init; }

    /// <summary>How many calls, or rounds of a loop, make a function hot; null for the tuned numbers. For tests.</summary>
    internal int? TierUpHeat { get; init; }

    /// <summary>Moves between tiers that are to be made frequent. For tests.</summary>
    internal TierStress Stress { get; init; }

    /// <summary>
    /// Whether guest code is metered: it pays for all it does with the fuel that its host gives it, and traps with
    /// <see cref="TrapKind.OutOfFuel"/> before it does what it can't pay. What a run costs is the same in all tiers and on all
    /// machines. Default: off, and code has no trace of it.
    /// </summary>
    /// <remarks>
    /// A guest instruction costs 1 unit, those that only mark blocks nothing; a basic block is paid when it's entered, whether
    /// or not a trap ends it early. Operations on ranges cost 1 unit more for each 64 bytes or 8 table elements or part of them,
    /// and so does a call for each 8 locals that the function declares; growing a memory costs 1,024 units more, a call of a
    /// host function 16, and that function may take more.
    /// </remarks>
    public bool FuelMetering { get; init; }

    /// <summary>Checks the options' ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    internal void Validate()
    {
        if (Tier is not (Tier.Auto or Tier.Portable or Tier.Threaded or Tier.Baseline)) throw new ArgumentOutOfRangeException(nameof(Tier), Tier, "no such tier");
        if (MemoryChecks is not (MemoryChecks.Hardware or MemoryChecks.Explicit)) throw new ArgumentOutOfRangeException(nameof(MemoryChecks), MemoryChecks, "no such kind of check");
        ArgumentOutOfRangeException.ThrowIfLessThan(GuestStackBytes, 64 << 10, nameof(GuestStackBytes));
        ArgumentOutOfRangeException.ThrowIfNegative(MaxCodeBytes, nameof(MaxCodeBytes));
        if (ValueStackBytes < 64 << 10 || ValueStackBytes > 1 << 30 || ValueStackBytes % (64 << 10) != 0)
            throw new ArgumentOutOfRangeException(nameof(ValueStackBytes), ValueStackBytes, "64 KiB to 1 GiB, in steps of 64 KiB");
    }
}
