// The numbers that decide when work is done, never what it computes. Chosen by measuring (docs/experiments.md).

namespace Anneal.Tiering;

/// <summary>All knobs of the tiering policy.</summary>
internal static class Tuning
{
    /// <summary>Calls of a function until it's compiled.</summary>
    public const int EntryHeat = 3;

    /// <summary>Rounds of one of its loops until a function is compiled.</summary>
    public const int LoopHeat = 30;

    /// <summary>The heat of what is never to be heard of again.</summary>
    public const int Never = int.MaxValue;

    /// <summary>How long the compiling thread waits for work before it ends.</summary>
    public static readonly TimeSpan CompilerIdle = TimeSpan.FromSeconds(1);
}
