namespace Anneal.Wasm.Lowering;

/// <summary>Where the value of an operand stack entry is.</summary>
internal enum EntryKind : byte
{
    /// <summary>In the entry's natural slot.</summary>
    Temporary,

    /// <summary>Still in a local: the entry is an alias until the local is written or a block starts.</summary>
    Local,

    /// <summary>Known; in no slot yet.</summary>
    Constant,
}

/// <summary>One entry of the operand stack during lowering.</summary>
internal struct StackEntry
{
    /// <summary>The value of a constant, as it stands in a slot.</summary>
    public ulong Constant;

    /// <summary>The natural slot: the one that this stack position has if the value must be in a temporary.</summary>
    public int Slot;

    /// <summary>The local that an alias stands for.</summary>
    public int Local;

    public ValueType Type;

    public EntryKind Kind;

    /// <summary>Whether tiers like to keep the value in a float register.</summary>
    public readonly bool IsFloat => Type.Bits is 0x7C or 0x7D;
}

/// <summary>A local variable of the function being lowered.</summary>
internal struct LocalVariable
{
    /// <summary>The slot that it lives in.</summary>
    public int Slot;

    /// <summary>How many stack entries are aliases of it.</summary>
    public int Aliases;

    public ValueType Type;
}
