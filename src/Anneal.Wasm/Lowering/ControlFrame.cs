using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Lowering;

/// <summary>The constructs that a label can belong to.</summary>
internal enum ControlKind : byte
{
    Function,
    Block,
    Loop,
    If,
    Else,
}

/// <summary>An open block during lowering.</summary>
internal struct ControlFrame
{
    private static readonly ImmutableArray<ValueType> NoTypes = ImmutableCollectionsMarshal.AsImmutableArray(EmptyArray<ValueType>.Value);

    public ControlKind Kind;

    /// <summary>Whether a branch to the label has been written.</summary>
    public bool IsTargeted;

    public BlockType Type;

    /// <summary>Entries of the operand stack below the block's parameters.</summary>
    public int Height;

    /// <summary>The natural slot of the block's first parameter, and of its first result.</summary>
    public int BaseSlot;

    /// <summary>Where branches to this block go.</summary>
    public BytecodeLabel Label;

    /// <summary>Where an if goes when its condition is zero.</summary>
    public BytecodeLabel ElseLabel;

    /// <summary>The branch table that <see cref="Stub"/> was made for.</summary>
    public int StubTable;

    /// <summary>Where that table's branch to this block goes, to move values on the way.</summary>
    public BytecodeLabel Stub;

    public readonly int ParameterCount => Type.Function is { } function ? function.Parameters.Length : 0;

    public readonly int ResultCount => Type.Function is { } function ? function.Results.Length : Type.Result == ValueType.Bottom ? 0 : 1;

    /// <summary>How many values a branch to this block carries.</summary>
    public readonly int LabelCount => Kind == ControlKind.Loop ? ParameterCount : ResultCount;

    /// <summary>The slot that the first of these values goes to.</summary>
    public readonly int LabelSlot => Kind == ControlKind.Function ? 0 : BaseSlot;

    public readonly int ParameterSlots => Type.Function is { } function ? function.ParameterSlots : 0;

    public readonly int ResultSlots =>
        Type.Function is { } function ? function.ResultSlots : Type.Result == ValueType.Bottom ? 0 : Type.Result.SlotCount;

    public readonly ImmutableArray<ValueType> Parameters => Type.Function is { } function ? function.Parameters : NoTypes;
}
