namespace Anneal.Bytecode;

/// <summary>What an operand is; numbered as the generator numbers roles.</summary>
internal enum OperandKind : byte
{
    None,
    Destination,
    Source,
    Immediate16,
    Number16,
    Memory,
    Offset,
    Immediate64,
    Index,
    Pair,
    Far,
    SourceWord,
    Target,
    Call,
}

/// <summary>The type of the value in a slot; <see cref="Any"/> where an op moves 64 bits whatever they mean.</summary>
internal enum SlotType : byte
{
    Any,
    I32,
    I64,
    F32,
    F64,

    /// <summary>i32 or i64, as the accessed memory's kind says.</summary>
    Address,
}

/// <summary>Kind and type of one operand of an op.</summary>
internal readonly struct OperandInfo(byte bits)
{
    public OperandKind Kind => (OperandKind)(bits & 15);

    public SlotType Type => (SlotType)(bits >> 4);

    /// <summary>Whether the operand is one of the 16-bit fields of the first word; else it's a word of its own.</summary>
    public bool IsField => Kind is >= OperandKind.Destination and <= OperandKind.Memory;
}
