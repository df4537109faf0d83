namespace Anneal;

/// <summary>A way of running guest code.</summary>
public enum Tier
{
    /// <summary>Functions start in <see cref="Threaded"/>; those that run often are compiled and go on in better code.</summary>
    Auto = 0,

    /// <summary>A plain interpreter in C#. Slow; runs anywhere, also where machine code may not be written.</summary>
    Portable = 1,

    /// <summary>An interpreter in emitted machine code. Starts at once; several times as fast as <see cref="Portable"/>.</summary>
    Threaded = 2,

    /// <summary>Machine code made in one pass over a function at its first call.</summary>
    Baseline = 3,
}
