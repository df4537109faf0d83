// The types of the things a module imports, defines and exports, other than functions. Small value records, one file.

namespace Anneal.Wasm;

/// <summary>The kind of an import or export, numbered as in the binary format.</summary>
public enum ExternalKind : byte
{
    /// <summary>A function.</summary>
    Function = 0,

    /// <summary>A table of references.</summary>
    Table = 1,

    /// <summary>A linear memory.</summary>
    Memory = 2,

    /// <summary>A global variable.</summary>
    Global = 3,

    /// <summary>An exception tag.</summary>
    Tag = 4,
}

/// <summary>The size bounds of a memory (in pages) or table (in elements), both inclusive.</summary>
/// <param name="Minimum">The initial size.</param>
/// <param name="Maximum">The largest size it may grow to; null if none is declared.</param>
public readonly record struct Limits(ulong Minimum, ulong? Maximum)
{
    /// <summary>Whether something of these actual limits can stand for an import declared with <paramref name="required"/> (section 3.5.1).</summary>
    internal bool Satisfies(Limits required) =>
        Minimum >= required.Minimum && (required.Maximum is null || (Maximum is { } max && max <= required.Maximum));
}

/// <summary>The type of a linear memory.</summary>
/// <param name="Limits">Bounds in pages of 64 KiB.</param>
/// <param name="IsShared">Whether several threads may use the memory at once (threads proposal).</param>
/// <param name="Is64">Whether addresses are 64-bit (memory64).</param>
public readonly record struct MemoryType(Limits Limits, bool IsShared = false, bool Is64 = false)
{
    /// <summary>Bytes in a page.</summary>
    public const int PageSize = 65536;

    /// <summary>The most pages that a 32-bit memory can have.</summary>
    public const uint MaxPages = 65536;
}

/// <summary>The type of a table.</summary>
/// <param name="Element">The reference type of its elements.</param>
/// <param name="Limits">Bounds in elements.</param>
/// <param name="Is64">Whether indices are 64-bit (memory64).</param>
public readonly record struct TableType(ValueType Element, Limits Limits, bool Is64 = false);

/// <summary>The type of a global variable.</summary>
/// <param name="Content">The type of its value.</param>
/// <param name="IsMutable">Whether it can be assigned.</param>
public readonly record struct GlobalType(ValueType Content, bool IsMutable);
