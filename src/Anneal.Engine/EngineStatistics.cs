namespace Anneal;

/// <summary>What an engine's tiers have done up to a moment: see <see cref="Engine.GetStatistics"/>.</summary>
public sealed record EngineStatistics
{
    /// <summary>The tier that the engine runs guest code in, or <see cref="Anneal.Tier.Auto"/>.</summary>
    public required Tier Tier { get; init; }

    /// <summary>Functions whose bytecode has been made: all that have been called. In the portable tier, which interprets that, nothing more is done to them.</summary>
    public long FunctionsLowered { get; init; }

    /// <summary>The time spent in making bytecode, on all threads together.</summary>
    public TimeSpan LoweringTime { get; init; }

    /// <summary>Functions that were made ready for the threaded interpreter.</summary>
    public long FunctionsPredecoded { get; init; }

    /// <summary>Bytes of the streams that were made for it.</summary>
    public long StreamBytes { get; init; }

    /// <summary>The time spent in making them, handlers of the interpreter included, on all threads together.</summary>
    public TimeSpan PredecodingTime { get; init; }

    /// <summary>Functions that the baseline tier has compiled.</summary>
    public long FunctionsCompiled { get; init; }

    /// <summary>Bytes of machine code that it has made.</summary>
    public long CodeBytes { get; init; }

    /// <summary>The time spent in compiling, lowering apart, on all threads together.</summary>
    public TimeSpan CompileTime { get; init; }

    /// <summary>Functions whose calls go to the threaded interpreter now.</summary>
    public long FunctionsInThreaded { get; init; }

    /// <summary>Functions whose calls go to baseline code now.</summary>
    public long FunctionsInBaseline { get; init; }

    /// <summary>How often a tier refused a function, which then stayed in the tier that it was in, or went to another one.</summary>
    public long Refusals { get; init; }

    /// <summary>Functions that became hot, so that a better tier was asked for.</summary>
    public long HotFunctions { get; init; }

    /// <summary>Running frames that went up to compiled code at a loop header (on-stack replacement).</summary>
    public long OsrEntries { get; init; }

    /// <summary>Running frames that went down to the threaded interpreter at a loop header.</summary>
    public long OsrExits { get; init; }

    /// <summary>How often a guest was suspended.</summary>
    public long Suspensions { get; init; }

    /// <summary>How often a suspended guest was resumed.</summary>
    public long Resumptions { get; init; }

    /// <summary>Traps of guest code.</summary>
    public long Traps { get; init; }

    /// <summary>Handlers of the threaded interpreter that exist now; they are the process's, shared by engines that check memory in the same way.</summary>
    public int Handlers { get; init; }

    /// <summary>Bytes of their machine code.</summary>
    public int HandlerBytes { get; init; }

    /// <summary>Bytes of code space that the engine's modules hold now, out of <see cref="EngineOptions.MaxCodeBytes"/>: code, trampolines and entries, in whole blocks.</summary>
    public long HeldCodeBytes { get; init; }
}
