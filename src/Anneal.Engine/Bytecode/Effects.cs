namespace Anneal.Bytecode;

/// <summary>What an op may do besides computing its result from its operands.</summary>
[Flags]
internal enum Effects : ushort
{
    /// <summary>Reads state of the instance that no other op changes.</summary>
    None = 0,

    /// <summary>The result depends on the operands alone; may be folded, merged, moved and dropped.</summary>
    Pure = 1,

    /// <summary>Exchanging the first two sources gives the same result.</summary>
    Commutes = 2,

    /// <summary>Reads a memory, table or global.</summary>
    ReadsMemory = 4,

    /// <summary>Writes a memory, table or global.</summary>
    WritesMemory = 8,

    /// <summary>May leave the function with a trap.</summary>
    Traps = 16,

    /// <summary>Leaves emitted code for another function or the runtime; registers don't survive.</summary>
    Calls = 32,

    /// <summary>Control doesn't simply go on to the next instruction.</summary>
    EndsBlock = 64,

    /// <summary>The frame can be inspected, suspended or moved to another tier here.</summary>
    SafePoint = 128,

    /// <summary>Works in chunks: keeps its progress in its own source slots and runs again until done.</summary>
    Progress = 256,

    /// <summary>Every slot must be recoverable when this op faults.</summary>
    Precise = 512,
}
