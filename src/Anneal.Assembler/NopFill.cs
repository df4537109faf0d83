namespace Anneal.Assembler;

/// <summary>What <see cref="CodeBuffer.Align"/> puts in the gap.</summary>
internal enum NopFill
{
    /// <summary>Multi-byte no-ops: control may run through the gap.</summary>
    Nop,

    /// <summary>Breakpoints: control must never get here.</summary>
    Breakpoint,

    /// <summary>Zero bytes, for data.</summary>
    Zero,
}
