namespace Anneal.Wasm.Validation;

/// <summary>What opened a control frame.</summary>
internal enum FrameKind : byte
{
    Function,
    Block,
    Loop,
    If,
    Else,
}

/// <summary>An entry of the validator's control stack (appendix A.3 of the specification).</summary>
internal struct ControlFrame
{
    /// <summary>The type of the block if it has one; else it takes nothing and gives <see cref="Result"/>.</summary>
    public FunctionType? Function;

    /// <summary>The result of a block without function type; bottom for none.</summary>
    public ValueType Result;

    /// <summary>The height of the operand stack below the block's own operands.</summary>
    public int Floor;

    /// <summary>How many locals had been initialized (of those that need it) when the block was entered.</summary>
    public int InitializedLocals;

    /// <summary>The branch table that last checked this label, so that it checks each label once.</summary>
    public int Stamp;

    public FrameKind Kind;

    /// <summary>Branches to the label take no operands.</summary>
    public bool IsBareLabel;

    /// <summary>The rest of the block can't be reached: operands that aren't there have any type.</summary>
    public bool Unreachable;
}
