namespace Anneal.Wasm.Binary;

/// <summary>What follows an opcode in the bytes of a function body. Indices are unsigned LEB128.</summary>
internal enum ImmediateKind : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A block type: 0x40, a value type, or a type index as a signed 33-bit number.</summary>
    BlockType,

    /// <summary>A label index, counted outwards.</summary>
    Label,

    /// <summary>A vector of label indices and the default label's index.</summary>
    LabelTable,

    /// <summary>A function index.</summary>
    Function,

    /// <summary>A type index.</summary>
    Type,

    /// <summary>A type index, then a table index.</summary>
    TypeAndTable,

    /// <summary>A vector of value types.</summary>
    ValueTypes,

    /// <summary>A local index.</summary>
    Local,

    /// <summary>A global index.</summary>
    Global,

    /// <summary>A table index.</summary>
    Table,

    /// <summary>Two table indices: destination, source.</summary>
    TableAndTable,

    /// <summary>An element segment index.</summary>
    Element,

    /// <summary>An element segment index, then a table index.</summary>
    ElementAndTable,

    /// <summary>Alignment, memory index if not zero, offset.</summary>
    MemoryArgument,

    /// <summary>A memory index.</summary>
    Memory,

    /// <summary>Two memory indices: destination, source.</summary>
    MemoryAndMemory,

    /// <summary>A data segment index.</summary>
    Data,

    /// <summary>A data segment index, then a memory index.</summary>
    DataAndMemory,

    /// <summary>A signed 32-bit LEB128 number.</summary>
    I32,

    /// <summary>A signed 64-bit LEB128 number.</summary>
    I64,

    /// <summary>Four bytes, little-endian.</summary>
    F32,

    /// <summary>Eight bytes, little-endian.</summary>
    F64,

    /// <summary>A heap type: an abstract one's byte, or a type index as a signed 33-bit number.</summary>
    HeapType,
}
