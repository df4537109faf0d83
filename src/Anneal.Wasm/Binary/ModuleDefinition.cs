// What the decoder makes of a module's bytes: flat arrays in index-space order, imports first. Built once by
// ModuleDecoder, checked by the validator, read by lowering and instantiation; immutable afterwards and shared by all
// instances. Function bodies and segment payloads stay where they are in the bytes and are named by range.

using Anneal.Runtime;

namespace Anneal.Wasm.Binary;

/// <summary>A decoded module. All index spaces list imports first, then the module's own definitions.</summary>
internal sealed class ModuleDefinition
{
    /// <summary>The module's bytes; never written after decoding starts.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The type section: each local type index's interned type.</summary>
    public FunctionType[] Types = [];

    /// <summary>All imports in order of declaration.</summary>
    public ImportDefinition[] Imports = EmptyArray<ImportDefinition>.Value;

    /// <summary>The type of each function, imports first.</summary>
    public FunctionType[] Functions = [];

    public int ImportedFunctionCount;

    /// <summary>The bodies of the module's own functions: element i is function <c>ImportedFunctionCount + i</c>.</summary>
    public FunctionCode[] Codes = EmptyArray<FunctionCode>.Value;

    public TableDefinition[] Tables = EmptyArray<TableDefinition>.Value;

    public int ImportedTableCount;

    public MemoryType[] Memories = EmptyArray<MemoryType>.Value;

    public int ImportedMemoryCount;

    public GlobalDefinition[] Globals = EmptyArray<GlobalDefinition>.Value;

    public int ImportedGlobalCount;

    /// <summary>The type of each tag, imports first.</summary>
    public FunctionType[] Tags = [];

    public int ImportedTagCount;

    public ExportDefinition[] Exports = EmptyArray<ExportDefinition>.Value;

    /// <summary>The start function's index, or -1.</summary>
    public int StartFunction = -1;

    public ElementSegment[] Elements = [];

    public DataSegment[] Datas = EmptyArray<DataSegment>.Value;

    /// <summary>The data count section's value, or -1 where there is none.</summary>
    public long DataCount = -1;

    /// <summary>Custom sections in order, the name section included.</summary>
    public CustomSection[] CustomSections = EmptyArray<CustomSection>.Value;

    /// <summary>Where each section's payload starts, by section id; 0 for a section that isn't there. For messages.</summary>
    public readonly int[] SectionOffsets = new int[14];

    /// <summary>One bit a function: it is named by an export, a global, a segment or a <c>ref.func</c> outside bodies (section 3.5.17's refs).</summary>
    public bool[] DeclaredFunctionReferences = [];
}

/// <summary>An import: its two names, kind, and index in the space of its kind.</summary>
internal readonly record struct ImportDefinition(string Module, string Name, ExternalKind Kind, int Index, int Offset);

/// <summary>An export: its name, kind, and index in the space of its kind.</summary>
internal readonly record struct ExportDefinition(string Name, ExternalKind Kind, int Index);

/// <summary>A function's code entry: the range of local declarations plus body (up to and including the final end) in the bytes.</summary>
internal struct FunctionCode
{
    public int Start;
    public int End;

    /// <summary>Written by validation: number of inline-cache sites (call_indirect, call_ref, and their return_ forms) in this function.</summary>
    public int CallSiteCount;

    /// <summary>Written by validation: the first of this function's sites in the module's numbering (prefix sum over functions).</summary>
    public int FirstCallSite;
}

/// <summary>A table, imported or defined; a defined one may have an initializer expression for its elements.</summary>
internal readonly record struct TableDefinition(TableType Type, ConstantExpression Initializer);

/// <summary>A global, imported or defined; a defined one has an initializer.</summary>
internal readonly record struct GlobalDefinition(GlobalType Type, ConstantExpression Initializer);

/// <summary>A constant expression (section 3.3.13) as a range of the module's bytes, its final end included; empty if there is none.</summary>
internal readonly record struct ConstantExpression(int Start, int End)
{
    public bool IsNone => End == 0;
}

/// <summary>How a segment reaches its table or memory.</summary>
internal enum SegmentMode : byte
{
    Active,
    Passive,
    Declarative,
}

/// <summary>An element segment: either function indices or expressions, never both.</summary>
internal sealed class ElementSegment
{
    public SegmentMode Mode;
    public int Table;
    public ConstantExpression Offset;
    public ValueType Type;
    public int[]? Functions;
    public ConstantExpression[]? Expressions;

    public int Length => Functions?.Length ?? Expressions!.Length;
}

/// <summary>A data segment: its payload is the range [Start, Start + Length) of the module's bytes.</summary>
internal readonly record struct DataSegment(SegmentMode Mode, int Memory, ConstantExpression Offset, int Start, int Length);

/// <summary>A custom section: its name and the range of its payload in the module's bytes.</summary>
internal readonly record struct CustomSection(string Name, int Start, int Length);
