// The validator's view of an opcode row: one 32-bit word, so that the common instructions are typed by a table load and
// two comparisons. Layout: bits 0..7 OpcodeShape; 8..15 operand type; 16..23 result type; 24..31 log2 of the
// bytes that a load or store touches or a float constant takes.

namespace Anneal.Wasm.Binary;

/// <summary>How the validator treats an opcode. Zero is what no row claims: an illegal or unsupported opcode.</summary>
internal enum OpcodeShape : byte
{
    Unknown = 0,

    /// <summary>One operand, one result.</summary>
    Unary,

    /// <summary>Two operands of one type, one result.</summary>
    Binary,

    /// <summary>An i32 address to a value of the result type.</summary>
    Load,

    /// <summary>An i32 address and a value of the operand type.</summary>
    Store,

    I32Const,
    I64Const,

    /// <summary>A constant of fixed width, to a value of the result type.</summary>
    FloatConst,

    LocalGet,
    LocalSet,
    LocalTee,
    GlobalGet,
    GlobalSet,
    Drop,

    /// <summary>Blocks, branches, direct calls and the like: typed without further ado where no operands pass through them.</summary>
    Control,

    /// <summary>Everything else: its own case in the validator.</summary>
    Special,
}

/// <summary>Packs opcode rows into words.</summary>
internal static class PackedOpcode
{
    public static OpcodeShape Shape(uint word) => (OpcodeShape)(byte)word;

    public static uint Operand(uint word) => (byte)(word >> 8);

    public static uint Result(uint word) => (byte)(word >> 16);

    public static uint AccessLog2(uint word) => word >> 24;

    public static uint Of(OpcodeInfo row)
    {
        OpcodeShape shape = ShapeOf(row);
        if (shape == OpcodeShape.Special || row.Operands is null) return (uint)shape;
        uint operand = row.Operands.Length == 0 ? 0 : WasmOpcodes.TypeOf(row.Operands[^1]).Bits;
        uint result = row.Results!.Length == 0 ? 0 : WasmOpcodes.TypeOf(row.Results[0]).Bits;
        uint log2 = row.Immediate switch
        {
            ImmediateKind.F32 => 2,
            ImmediateKind.F64 => 3,
            _ => row.AccessSize switch
            {
                2 => 1,
                4 => 2,
                8 => 3,
                16 => 4,
                _ => 0u,
            },
        };
        return (uint)shape | (operand << 8) | (result << 16) | (log2 << 24);
    }

    private static OpcodeShape ShapeOf(OpcodeInfo row) => row.Immediate switch
    {
        ImmediateKind.None when row is { Operands.Length: 1, Results.Length: 1 } => OpcodeShape.Unary,
        ImmediateKind.None when row is { Operands.Length: 2, Results.Length: 1 } => OpcodeShape.Binary,
        ImmediateKind.MemoryArgument => row.Results!.Length == 1 ? OpcodeShape.Load : OpcodeShape.Store,
        ImmediateKind.I32 => OpcodeShape.I32Const,
        ImmediateKind.I64 => OpcodeShape.I64Const,
        ImmediateKind.F32 or ImmediateKind.F64 => OpcodeShape.FloatConst,
        ImmediateKind.Local => row.Opcode switch
        {
            WasmOpcode.LocalGet => OpcodeShape.LocalGet,
            WasmOpcode.LocalSet => OpcodeShape.LocalSet,
            _ => OpcodeShape.LocalTee,
        },
        _ => row.Opcode switch
        {
            WasmOpcode.GlobalGet => OpcodeShape.GlobalGet,
            WasmOpcode.GlobalSet => OpcodeShape.GlobalSet,
            WasmOpcode.Drop => OpcodeShape.Drop,
            WasmOpcode.Block or WasmOpcode.Loop or WasmOpcode.If or WasmOpcode.Else or WasmOpcode.End => OpcodeShape.Control,
            WasmOpcode.Br or WasmOpcode.BrIf or WasmOpcode.Return or WasmOpcode.Unreachable => OpcodeShape.Control,
            WasmOpcode.Call or WasmOpcode.Select => OpcodeShape.Control,
            _ => OpcodeShape.Special,
        },
    };
}
