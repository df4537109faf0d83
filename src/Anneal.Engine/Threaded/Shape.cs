namespace Anneal.Threaded;

/// <summary>How an instruction of the bytecode becomes one of the stream.</summary>
internal enum Shape : byte
{
    /// <summary>Fields only: they are copied.</summary>
    Fields,

    /// <summary>A load or store: two fields and the offset; the memory's place if it isn't memory 0.</summary>
    Access,

    /// <summary>An atomic access: four fields, the last two of which the bytecode has in words; the memory's place and the offset.</summary>
    Atomic,

    /// <summary>A constant of 32 or of 64 bits.</summary>
    Const,

    /// <summary>Three fields and a fourth slot that the bytecode has in a word.</summary>
    Select,

    /// <summary>A slot and the place of a global.</summary>
    Global,

    /// <summary>A slot and the place of a function's reference.</summary>
    FunctionReference,

    /// <summary>Slots and the place of a table, whose index is the last field.</summary>
    Table,

    /// <summary>A slot and the place of a memory, whose index is the second field.</summary>
    MemorySize,

    /// <summary>A branch.</summary>
    Jump,

    /// <summary>A compare and branch.</summary>
    Branch,

    /// <summary>A branch table.</summary>
    BranchTable,

    /// <summary>A loop header with its heat.</summary>
    Loop,

    /// <summary>A charge of fuel: an immediate of 32 bits.</summary>
    Fuel,

    /// <summary>Two slots beyond 16 bits.</summary>
    FarMove,

    /// <summary>A trap; the kind is part of the handler.</summary>
    Trap,

    /// <summary>A call of the unit's own function, or of an import.</summary>
    Call,

    /// <summary>A call through a table.</summary>
    IndirectCall,

    /// <summary>A call through a reference.</summary>
    ReferenceCall,

    /// <summary>memory.fill and memory.copy.</summary>
    Bulk,

    /// <summary>An op that the runtime executes.</summary>
    Rare,

    /// <summary>An op that the interpreter doesn't know: functions that have it aren't predecoded.</summary>
    Unknown,
}
