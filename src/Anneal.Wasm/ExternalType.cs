// The type of an import or export of any kind, and the rule for when one can stand for another. Used by the module's
// lists, by linking, and in messages.

using Anneal.Wasm.Validation;

namespace Anneal.Wasm;

/// <summary>The type of an import or export. Exactly the property of its <see cref="Kind"/> has a value.</summary>
public readonly struct ExternalType : IEquatable<ExternalType>
{
    private readonly FunctionType? function;
    private readonly TableType table;
    private readonly MemoryType memory;
    private readonly GlobalType global;

    /// <summary>The type of a function.</summary>
    public ExternalType(FunctionType function)
        : this(ExternalKind.Function, function)
    {
    }

    /// <summary>The type of a table.</summary>
    public ExternalType(TableType table) => (Kind, this.table) = (ExternalKind.Table, table);

    /// <summary>The type of a memory.</summary>
    public ExternalType(MemoryType memory) => (Kind, this.memory) = (ExternalKind.Memory, memory);

    /// <summary>The type of a global.</summary>
    public ExternalType(GlobalType global) => (Kind, this.global) = (ExternalKind.Global, global);

    private ExternalType(ExternalKind kind, FunctionType function)
    {
        ArgumentNullException.ThrowIfNull(function);
        Kind = kind;
        this.function = function;
    }

    /// <summary>The kind of thing.</summary>
    public ExternalKind Kind { get; }

    /// <summary>The type of the function; null if it's none.</summary>
    public FunctionType? Function => Kind == ExternalKind.Function ? function : null;

    /// <summary>The type of the table; null if it's none.</summary>
    public TableType? Table => Kind == ExternalKind.Table ? table : null;

    /// <summary>The type of the memory; null if it's none.</summary>
    public MemoryType? Memory => Kind == ExternalKind.Memory ? memory : null;

    /// <summary>The type of the global; null if it's none.</summary>
    public GlobalType? Global => Kind == ExternalKind.Global ? global : null;

    /// <summary>The type of the tag, whose parameters are what an exception of it carries; null if it's none.</summary>
    public FunctionType? Tag => Kind == ExternalKind.Tag ? function : null;

    /// <summary>The type of an exception tag.</summary>
    public static ExternalType OfTag(FunctionType type) => new(ExternalKind.Tag, type);

    /// <summary>Whether something of this type can be given for an import of the type <paramref name="import"/> (section 3.5).</summary>
    internal bool Matches(ExternalType import)
    {
        if (Kind != import.Kind) return false;
        return Kind switch
        {
            ExternalKind.Table => table.Element == import.table.Element && table.Is64 == import.table.Is64
                && table.Limits.Satisfies(import.table.Limits),
            ExternalKind.Memory => memory.IsShared == import.memory.IsShared && memory.Is64 == import.memory.Is64
                && memory.Limits.Satisfies(import.memory.Limits),
            ExternalKind.Global => global.IsMutable == import.global.IsMutable && (global.IsMutable
                ? global.Content == import.global.Content
                : Subtyping.Matches(global.Content, import.global.Content)),
            _ => ReferenceEquals(function, import.function),
        };
    }

    /// <inheritdoc/>
    public bool Equals(ExternalType other) =>
        Kind == other.Kind && ReferenceEquals(function, other.function) && table == other.table && memory == other.memory && global == other.global;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ExternalType other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, function, table, memory, global);

    /// <summary>Whether both are the same type.</summary>
    public static bool operator ==(ExternalType left, ExternalType right) => left.Equals(right);

    /// <summary>Whether the two are different types.</summary>
    public static bool operator !=(ExternalType left, ExternalType right) => !left.Equals(right);

    /// <summary>The type as a person reads it: <c>func [i32] -> [i32]</c>, <c>memory 1..2</c>.</summary>
    public override string ToString() => Kind switch
    {
        ExternalKind.Function => $"func {function}",
        ExternalKind.Table => $"table {Bounds(table.Limits)} {table.Element}",
        ExternalKind.Memory => $"memory {Bounds(memory.Limits)}{(memory.IsShared ? " shared" : "")}",
        ExternalKind.Global => $"global {(global.IsMutable ? "mut " : "")}{global.Content}",
        _ => $"tag {function}",
    };

    private static string Bounds(Limits limits) => limits.Maximum is { } maximum ? $"{limits.Minimum}..{maximum}" : $"{limits.Minimum}..";
}
