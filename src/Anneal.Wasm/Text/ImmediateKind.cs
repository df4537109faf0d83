// What follows an instruction's mnemonic in the text and its opcode in the binary: the second column of InstructionTable.

namespace Anneal.Wasm.Text;

internal enum ImmediateKind : byte
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>block, loop: label and block type, then instructions up to `end`.</summary>
    Block,
    /// <summary>if: as a block, with an optional else.</summary>
    If,
    /// <summary>try_table: as a block, with catch clauses after the type.</summary>
    TryTable,
    Else,
    End,
    Label,
    /// <summary>br_table: one label or more.</summary>
    LabelTable,
    /// <summary>br_on_cast: a label and two reference types.</summary>
    LabelCast,
    Local,
    Global,
    Func,
    /// <summary>call_indirect: an optional table and a type use.</summary>
    CallIndirect,
    Type,
    TypeField,
    TypeType,
    /// <summary>array.new_fixed: a type and a count.</summary>
    TypeCount,
    TypeData,
    TypeElem,
    Tag,
    /// <summary>An optional table.</summary>
    Table,
    /// <summary>table.copy: none or two tables.</summary>
    TableTable,
    /// <summary>table.init: an optional table, an element segment.</summary>
    TableElem,
    Elem,
    /// <summary>An optional memory.</summary>
    Memory,
    /// <summary>memory.copy: none or two memories.</summary>
    MemoryMemory,
    /// <summary>memory.init: an optional memory, a data segment.</summary>
    MemoryData,
    Data,
    /// <summary>An optional memory, offset and alignment.</summary>
    Access,
    /// <summary>As Access, then a lane.</summary>
    AccessLane,
    Lane,
    /// <summary>i8x16.shuffle: sixteen lanes.</summary>
    Lanes,
    ConstI32,
    ConstI64,
    ConstF32,
    ConstF64,
    ConstV128,
    /// <summary>ref.null.</summary>
    HeapType,
    /// <summary>ref.test, ref.cast: the opcode is one more where the type is nullable.</summary>
    RefType,
    /// <summary>select: with result clauses it is another opcode.</summary>
    Select,
    /// <summary>atomic.fence: a zero byte.</summary>
    Fence,
}
