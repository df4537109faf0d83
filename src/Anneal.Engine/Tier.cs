namespace Anneal;

/// <summary>A way of running guest code.</summary>
public enum Tier
{
    /// <summary>The engine chooses.</summary>
    Auto = 0,

    /// <summary>A plain interpreter in C#. Slow; runs anywhere, also where machine code may not be written.</summary>
    Portable = 1,

    /// <summary>Machine code made in one pass over a function at its first call.</summary>
    Baseline = 3,
}
