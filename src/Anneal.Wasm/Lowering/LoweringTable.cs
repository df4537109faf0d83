// Every WebAssembly instruction that becomes one op of the bytecode whatever its surroundings: a row says which, and how a
// constant operand can go into the instruction. Instructions that aren't here have a case of their own.

using Anneal.Bytecode;
using Anneal.Wasm.Binary;
using static Anneal.Wasm.Lowering.OperandForm;

namespace Anneal.Wasm.Lowering;

/// <summary>What an instruction takes and leaves.</summary>
internal enum LoweringShape : byte
{
    /// <summary>The instruction isn't in the table.</summary>
    None,
    Unary,
    Binary,

    /// <summary>Compares with zero.</summary>
    Test,
    Load,
    Store,
}

/// <summary>What may be done with the operands of a binary op.</summary>
[Flags]
internal enum OperandForm : byte
{
    Plain = 0,

    /// <summary>The op computes this instruction with its operands exchanged.</summary>
    Swapped = 1,

    /// <summary>Operands may be exchanged.</summary>
    Commutes = 2,

    /// <summary>lt or ge: with a constant on the left it's the other one, of the constant plus one.</summary>
    Order = 4,

    /// <summary>An unsigned order: the constant plus one may wrap.</summary>
    Unsigned = 8,

    /// <summary>The immediate form takes the negated constant.</summary>
    Negated = 16,

    /// <summary>The constant is a shift count, of which only the low bits count.</summary>
    Count = 32,

    /// <summary>Operands are i64, else i32.</summary>
    Wide = 64,
}

/// <summary>How one WebAssembly instruction is lowered.</summary>
/// <param name="Opcode">The instruction.</param>
/// <param name="Shape">What it takes and leaves.</param>
/// <param name="Op">The op for it.</param>
/// <param name="Result">The result's type.</param>
/// <param name="Immediate">The op for it with a constant right operand; nop if there's none.</param>
/// <param name="Form">What may be done with the operands.</param>
internal readonly record struct LoweringRow(
    WasmOpcode Opcode,
    LoweringShape Shape,
    Op Op,
    ValueType Result,
    Op Immediate = Op.Nop,
    OperandForm Form = Plain);

/// <summary>The rows, by opcode.</summary>
internal static class LoweringTable
{
    private static readonly LoweringRow[] rows =
    [
        new(WasmOpcode.I32Eqz, LoweringShape.Test, Op.I32EqK, ValueType.I32),
        new(WasmOpcode.I32Eq, LoweringShape.Binary, Op.I32Eq, ValueType.I32, Op.I32EqK, Commutes),
        new(WasmOpcode.I32Ne, LoweringShape.Binary, Op.I32Ne, ValueType.I32, Op.I32NeK, Commutes),
        new(WasmOpcode.I32LtS, LoweringShape.Binary, Op.I32LtS, ValueType.I32, Op.I32LtSK, Order),
        new(WasmOpcode.I32LtU, LoweringShape.Binary, Op.I32LtU, ValueType.I32, Op.I32LtUK, Order | Unsigned),
        new(WasmOpcode.I32GtS, LoweringShape.Binary, Op.I32LtS, ValueType.I32, Op.I32LtSK, Order | Swapped),
        new(WasmOpcode.I32GtU, LoweringShape.Binary, Op.I32LtU, ValueType.I32, Op.I32LtUK, Order | Swapped | Unsigned),
        new(WasmOpcode.I32LeS, LoweringShape.Binary, Op.I32GeS, ValueType.I32, Op.I32GeSK, Order | Swapped),
        new(WasmOpcode.I32LeU, LoweringShape.Binary, Op.I32GeU, ValueType.I32, Op.I32GeUK, Order | Swapped | Unsigned),
        new(WasmOpcode.I32GeS, LoweringShape.Binary, Op.I32GeS, ValueType.I32, Op.I32GeSK, Order),
        new(WasmOpcode.I32GeU, LoweringShape.Binary, Op.I32GeU, ValueType.I32, Op.I32GeUK, Order | Unsigned),
        new(WasmOpcode.I32Clz, LoweringShape.Unary, Op.I32Clz, ValueType.I32),
        new(WasmOpcode.I32Ctz, LoweringShape.Unary, Op.I32Ctz, ValueType.I32),
        new(WasmOpcode.I32Popcnt, LoweringShape.Unary, Op.I32Popcnt, ValueType.I32),
        new(WasmOpcode.I32Add, LoweringShape.Binary, Op.I32Add, ValueType.I32, Op.I32AddK, Commutes),
        new(WasmOpcode.I32Mul, LoweringShape.Binary, Op.I32Mul, ValueType.I32, Op.I32MulK, Commutes),
        new(WasmOpcode.I32And, LoweringShape.Binary, Op.I32And, ValueType.I32, Op.I32AndK, Commutes),
        new(WasmOpcode.I32Or, LoweringShape.Binary, Op.I32Or, ValueType.I32, Op.I32OrK, Commutes),
        new(WasmOpcode.I32Xor, LoweringShape.Binary, Op.I32Xor, ValueType.I32, Op.I32XorK, Commutes),
        new(WasmOpcode.I32Sub, LoweringShape.Binary, Op.I32Sub, ValueType.I32, Op.I32AddK, Negated),
        new(WasmOpcode.I32DivS, LoweringShape.Binary, Op.I32DivS, ValueType.I32),
        new(WasmOpcode.I32DivU, LoweringShape.Binary, Op.I32DivU, ValueType.I32),
        new(WasmOpcode.I32RemS, LoweringShape.Binary, Op.I32RemS, ValueType.I32),
        new(WasmOpcode.I32RemU, LoweringShape.Binary, Op.I32RemU, ValueType.I32),
        new(WasmOpcode.I32Shl, LoweringShape.Binary, Op.I32Shl, ValueType.I32, Op.I32ShlK, Count),
        new(WasmOpcode.I32ShrS, LoweringShape.Binary, Op.I32ShrS, ValueType.I32, Op.I32ShrSK, Count),
        new(WasmOpcode.I32ShrU, LoweringShape.Binary, Op.I32ShrU, ValueType.I32, Op.I32ShrUK, Count),
        new(WasmOpcode.I32Rotl, LoweringShape.Binary, Op.I32Rotl, ValueType.I32, Op.I32RotlK, Count),
        new(WasmOpcode.I32Rotr, LoweringShape.Binary, Op.I32Rotr, ValueType.I32, Op.I32RotlK, Count | Negated),
        new(WasmOpcode.I32Extend8S, LoweringShape.Unary, Op.I32Extend8S, ValueType.I32),
        new(WasmOpcode.I32Extend16S, LoweringShape.Unary, Op.I32Extend16S, ValueType.I32),
        new(WasmOpcode.I64Eqz, LoweringShape.Test, Op.I64EqK, ValueType.I32),
        new(WasmOpcode.I64Eq, LoweringShape.Binary, Op.I64Eq, ValueType.I32, Op.I64EqK, Commutes | Wide),
        new(WasmOpcode.I64Ne, LoweringShape.Binary, Op.I64Ne, ValueType.I32, Op.I64NeK, Commutes | Wide),
        new(WasmOpcode.I64LtS, LoweringShape.Binary, Op.I64LtS, ValueType.I32, Op.I64LtSK, Order | Wide),
        new(WasmOpcode.I64LtU, LoweringShape.Binary, Op.I64LtU, ValueType.I32, Op.I64LtUK, Order | Unsigned | Wide),
        new(WasmOpcode.I64GtS, LoweringShape.Binary, Op.I64LtS, ValueType.I32, Op.I64LtSK, Order | Swapped | Wide),
        new(WasmOpcode.I64GtU, LoweringShape.Binary, Op.I64LtU, ValueType.I32, Op.I64LtUK, Order | Swapped | Unsigned | Wide),
        new(WasmOpcode.I64LeS, LoweringShape.Binary, Op.I64GeS, ValueType.I32, Op.I64GeSK, Order | Swapped | Wide),
        new(WasmOpcode.I64LeU, LoweringShape.Binary, Op.I64GeU, ValueType.I32, Op.I64GeUK, Order | Swapped | Unsigned | Wide),
        new(WasmOpcode.I64GeS, LoweringShape.Binary, Op.I64GeS, ValueType.I32, Op.I64GeSK, Order | Wide),
        new(WasmOpcode.I64GeU, LoweringShape.Binary, Op.I64GeU, ValueType.I32, Op.I64GeUK, Order | Unsigned | Wide),
        new(WasmOpcode.I64Clz, LoweringShape.Unary, Op.I64Clz, ValueType.I64),
        new(WasmOpcode.I64Ctz, LoweringShape.Unary, Op.I64Ctz, ValueType.I64),
        new(WasmOpcode.I64Popcnt, LoweringShape.Unary, Op.I64Popcnt, ValueType.I64),
        new(WasmOpcode.I64Add, LoweringShape.Binary, Op.I64Add, ValueType.I64, Op.I64AddK, Commutes | Wide),
        new(WasmOpcode.I64Mul, LoweringShape.Binary, Op.I64Mul, ValueType.I64, Op.I64MulK, Commutes | Wide),
        new(WasmOpcode.I64And, LoweringShape.Binary, Op.I64And, ValueType.I64, Op.I64AndK, Commutes | Wide),
        new(WasmOpcode.I64Or, LoweringShape.Binary, Op.I64Or, ValueType.I64, Op.I64OrK, Commutes | Wide),
        new(WasmOpcode.I64Xor, LoweringShape.Binary, Op.I64Xor, ValueType.I64, Op.I64XorK, Commutes | Wide),
        new(WasmOpcode.I64Sub, LoweringShape.Binary, Op.I64Sub, ValueType.I64, Op.I64AddK, Negated | Wide),
        new(WasmOpcode.I64DivS, LoweringShape.Binary, Op.I64DivS, ValueType.I64),
        new(WasmOpcode.I64DivU, LoweringShape.Binary, Op.I64DivU, ValueType.I64),
        new(WasmOpcode.I64RemS, LoweringShape.Binary, Op.I64RemS, ValueType.I64),
        new(WasmOpcode.I64RemU, LoweringShape.Binary, Op.I64RemU, ValueType.I64),
        new(WasmOpcode.I64Shl, LoweringShape.Binary, Op.I64Shl, ValueType.I64, Op.I64ShlK, Count | Wide),
        new(WasmOpcode.I64ShrS, LoweringShape.Binary, Op.I64ShrS, ValueType.I64, Op.I64ShrSK, Count | Wide),
        new(WasmOpcode.I64ShrU, LoweringShape.Binary, Op.I64ShrU, ValueType.I64, Op.I64ShrUK, Count | Wide),
        new(WasmOpcode.I64Rotl, LoweringShape.Binary, Op.I64Rotl, ValueType.I64, Op.I64RotlK, Count | Wide),
        new(WasmOpcode.I64Rotr, LoweringShape.Binary, Op.I64Rotr, ValueType.I64, Op.I64RotlK, Count | Negated | Wide),
        new(WasmOpcode.I64Extend8S, LoweringShape.Unary, Op.I64Extend8S, ValueType.I64),
        new(WasmOpcode.I64Extend16S, LoweringShape.Unary, Op.I64Extend16S, ValueType.I64),
        new(WasmOpcode.I64Extend32S, LoweringShape.Unary, Op.I64Extend32S, ValueType.I64),
        new(WasmOpcode.F32Eq, LoweringShape.Binary, Op.F32Eq, ValueType.I32),
        new(WasmOpcode.F32Ne, LoweringShape.Binary, Op.F32Ne, ValueType.I32),
        new(WasmOpcode.F32Lt, LoweringShape.Binary, Op.F32Lt, ValueType.I32),
        new(WasmOpcode.F32Le, LoweringShape.Binary, Op.F32Le, ValueType.I32),
        new(WasmOpcode.F32Gt, LoweringShape.Binary, Op.F32Lt, ValueType.I32, Op.Nop, Swapped),
        new(WasmOpcode.F32Ge, LoweringShape.Binary, Op.F32Le, ValueType.I32, Op.Nop, Swapped),
        new(WasmOpcode.F32Abs, LoweringShape.Unary, Op.F32Abs, ValueType.F32),
        new(WasmOpcode.F32Neg, LoweringShape.Unary, Op.F32Neg, ValueType.F32),
        new(WasmOpcode.F32Ceil, LoweringShape.Unary, Op.F32Ceil, ValueType.F32),
        new(WasmOpcode.F32Floor, LoweringShape.Unary, Op.F32Floor, ValueType.F32),
        new(WasmOpcode.F32Trunc, LoweringShape.Unary, Op.F32Trunc, ValueType.F32),
        new(WasmOpcode.F32Nearest, LoweringShape.Unary, Op.F32Nearest, ValueType.F32),
        new(WasmOpcode.F32Sqrt, LoweringShape.Unary, Op.F32Sqrt, ValueType.F32),
        new(WasmOpcode.F32Add, LoweringShape.Binary, Op.F32Add, ValueType.F32),
        new(WasmOpcode.F32Sub, LoweringShape.Binary, Op.F32Sub, ValueType.F32),
        new(WasmOpcode.F32Mul, LoweringShape.Binary, Op.F32Mul, ValueType.F32),
        new(WasmOpcode.F32Div, LoweringShape.Binary, Op.F32Div, ValueType.F32),
        new(WasmOpcode.F32Min, LoweringShape.Binary, Op.F32Min, ValueType.F32),
        new(WasmOpcode.F32Max, LoweringShape.Binary, Op.F32Max, ValueType.F32),
        new(WasmOpcode.F32Copysign, LoweringShape.Binary, Op.F32Copysign, ValueType.F32),
        new(WasmOpcode.F64Eq, LoweringShape.Binary, Op.F64Eq, ValueType.I32),
        new(WasmOpcode.F64Ne, LoweringShape.Binary, Op.F64Ne, ValueType.I32),
        new(WasmOpcode.F64Lt, LoweringShape.Binary, Op.F64Lt, ValueType.I32),
        new(WasmOpcode.F64Le, LoweringShape.Binary, Op.F64Le, ValueType.I32),
        new(WasmOpcode.F64Gt, LoweringShape.Binary, Op.F64Lt, ValueType.I32, Op.Nop, Swapped),
        new(WasmOpcode.F64Ge, LoweringShape.Binary, Op.F64Le, ValueType.I32, Op.Nop, Swapped),
        new(WasmOpcode.F64Abs, LoweringShape.Unary, Op.F64Abs, ValueType.F64),
        new(WasmOpcode.F64Neg, LoweringShape.Unary, Op.F64Neg, ValueType.F64),
        new(WasmOpcode.F64Ceil, LoweringShape.Unary, Op.F64Ceil, ValueType.F64),
        new(WasmOpcode.F64Floor, LoweringShape.Unary, Op.F64Floor, ValueType.F64),
        new(WasmOpcode.F64Trunc, LoweringShape.Unary, Op.F64Trunc, ValueType.F64),
        new(WasmOpcode.F64Nearest, LoweringShape.Unary, Op.F64Nearest, ValueType.F64),
        new(WasmOpcode.F64Sqrt, LoweringShape.Unary, Op.F64Sqrt, ValueType.F64),
        new(WasmOpcode.F64Add, LoweringShape.Binary, Op.F64Add, ValueType.F64),
        new(WasmOpcode.F64Sub, LoweringShape.Binary, Op.F64Sub, ValueType.F64),
        new(WasmOpcode.F64Mul, LoweringShape.Binary, Op.F64Mul, ValueType.F64),
        new(WasmOpcode.F64Div, LoweringShape.Binary, Op.F64Div, ValueType.F64),
        new(WasmOpcode.F64Min, LoweringShape.Binary, Op.F64Min, ValueType.F64),
        new(WasmOpcode.F64Max, LoweringShape.Binary, Op.F64Max, ValueType.F64),
        new(WasmOpcode.F64Copysign, LoweringShape.Binary, Op.F64Copysign, ValueType.F64),
        new(WasmOpcode.I32WrapI64, LoweringShape.Unary, Op.I32WrapI64, ValueType.I32),
        new(WasmOpcode.I64ExtendI32S, LoweringShape.Unary, Op.I64ExtendI32S, ValueType.I64),
        new(WasmOpcode.I64ExtendI32U, LoweringShape.Unary, Op.I64ExtendI32U, ValueType.I64),
        new(WasmOpcode.I32TruncF32S, LoweringShape.Unary, Op.I32TruncF32S, ValueType.I32),
        new(WasmOpcode.I32TruncF32U, LoweringShape.Unary, Op.I32TruncF32U, ValueType.I32),
        new(WasmOpcode.I32TruncF64S, LoweringShape.Unary, Op.I32TruncF64S, ValueType.I32),
        new(WasmOpcode.I32TruncF64U, LoweringShape.Unary, Op.I32TruncF64U, ValueType.I32),
        new(WasmOpcode.I64TruncF32S, LoweringShape.Unary, Op.I64TruncF32S, ValueType.I64),
        new(WasmOpcode.I64TruncF32U, LoweringShape.Unary, Op.I64TruncF32U, ValueType.I64),
        new(WasmOpcode.I64TruncF64S, LoweringShape.Unary, Op.I64TruncF64S, ValueType.I64),
        new(WasmOpcode.I64TruncF64U, LoweringShape.Unary, Op.I64TruncF64U, ValueType.I64),
        new(WasmOpcode.I32TruncSatF32S, LoweringShape.Unary, Op.I32TruncSatF32S, ValueType.I32),
        new(WasmOpcode.I32TruncSatF32U, LoweringShape.Unary, Op.I32TruncSatF32U, ValueType.I32),
        new(WasmOpcode.I32TruncSatF64S, LoweringShape.Unary, Op.I32TruncSatF64S, ValueType.I32),
        new(WasmOpcode.I32TruncSatF64U, LoweringShape.Unary, Op.I32TruncSatF64U, ValueType.I32),
        new(WasmOpcode.I64TruncSatF32S, LoweringShape.Unary, Op.I64TruncSatF32S, ValueType.I64),
        new(WasmOpcode.I64TruncSatF32U, LoweringShape.Unary, Op.I64TruncSatF32U, ValueType.I64),
        new(WasmOpcode.I64TruncSatF64S, LoweringShape.Unary, Op.I64TruncSatF64S, ValueType.I64),
        new(WasmOpcode.I64TruncSatF64U, LoweringShape.Unary, Op.I64TruncSatF64U, ValueType.I64),
        new(WasmOpcode.F32ConvertI32S, LoweringShape.Unary, Op.F32ConvertI32S, ValueType.F32),
        new(WasmOpcode.F32ConvertI32U, LoweringShape.Unary, Op.F32ConvertI32U, ValueType.F32),
        new(WasmOpcode.F32ConvertI64S, LoweringShape.Unary, Op.F32ConvertI64S, ValueType.F32),
        new(WasmOpcode.F32ConvertI64U, LoweringShape.Unary, Op.F32ConvertI64U, ValueType.F32),
        new(WasmOpcode.F64ConvertI32S, LoweringShape.Unary, Op.F64ConvertI32S, ValueType.F64),
        new(WasmOpcode.F64ConvertI32U, LoweringShape.Unary, Op.F64ConvertI32U, ValueType.F64),
        new(WasmOpcode.F64ConvertI64S, LoweringShape.Unary, Op.F64ConvertI64S, ValueType.F64),
        new(WasmOpcode.F64ConvertI64U, LoweringShape.Unary, Op.F64ConvertI64U, ValueType.F64),
        new(WasmOpcode.F32DemoteF64, LoweringShape.Unary, Op.F32DemoteF64, ValueType.F32),
        new(WasmOpcode.F64PromoteF32, LoweringShape.Unary, Op.F64PromoteF32, ValueType.F64),
        new(WasmOpcode.I32ReinterpretF32, LoweringShape.Unary, Op.I32ReinterpretF32, ValueType.I32),
        new(WasmOpcode.I64ReinterpretF64, LoweringShape.Unary, Op.I64ReinterpretF64, ValueType.I64),
        new(WasmOpcode.F32ReinterpretI32, LoweringShape.Unary, Op.F32ReinterpretI32, ValueType.F32),
        new(WasmOpcode.F64ReinterpretI64, LoweringShape.Unary, Op.F64ReinterpretI64, ValueType.F64),
        new(WasmOpcode.I32Load, LoweringShape.Load, Op.I32Load, ValueType.I32),
        new(WasmOpcode.I64Load, LoweringShape.Load, Op.I64Load, ValueType.I64),
        new(WasmOpcode.F32Load, LoweringShape.Load, Op.F32Load, ValueType.F32),
        new(WasmOpcode.F64Load, LoweringShape.Load, Op.F64Load, ValueType.F64),
        new(WasmOpcode.I32Load8S, LoweringShape.Load, Op.I32Load8S, ValueType.I32),
        new(WasmOpcode.I32Load8U, LoweringShape.Load, Op.I32Load8U, ValueType.I32),
        new(WasmOpcode.I32Load16S, LoweringShape.Load, Op.I32Load16S, ValueType.I32),
        new(WasmOpcode.I32Load16U, LoweringShape.Load, Op.I32Load16U, ValueType.I32),
        new(WasmOpcode.I64Load8S, LoweringShape.Load, Op.I64Load8S, ValueType.I64),
        new(WasmOpcode.I64Load8U, LoweringShape.Load, Op.I64Load8U, ValueType.I64),
        new(WasmOpcode.I64Load16S, LoweringShape.Load, Op.I64Load16S, ValueType.I64),
        new(WasmOpcode.I64Load16U, LoweringShape.Load, Op.I64Load16U, ValueType.I64),
        new(WasmOpcode.I64Load32S, LoweringShape.Load, Op.I64Load32S, ValueType.I64),
        new(WasmOpcode.I64Load32U, LoweringShape.Load, Op.I64Load32U, ValueType.I64),
        new(WasmOpcode.I32Store, LoweringShape.Store, Op.I32Store, ValueType.Bottom),
        new(WasmOpcode.I64Store, LoweringShape.Store, Op.I64Store, ValueType.Bottom),
        new(WasmOpcode.F32Store, LoweringShape.Store, Op.F32Store, ValueType.Bottom),
        new(WasmOpcode.F64Store, LoweringShape.Store, Op.F64Store, ValueType.Bottom),
        new(WasmOpcode.I32Store8, LoweringShape.Store, Op.I32Store8, ValueType.Bottom),
        new(WasmOpcode.I32Store16, LoweringShape.Store, Op.I32Store16, ValueType.Bottom),
        new(WasmOpcode.I64Store8, LoweringShape.Store, Op.I64Store8, ValueType.Bottom),
        new(WasmOpcode.I64Store16, LoweringShape.Store, Op.I64Store16, ValueType.Bottom),
        new(WasmOpcode.I64Store32, LoweringShape.Store, Op.I64Store32, ValueType.Bottom),
    ];

    private static readonly LoweringRow[] plain = Index(0);
    private static readonly LoweringRow[] miscellaneous = Index(WasmOpcodes.MiscellaneousPrefix);

    /// <summary>The rows of opcodes without prefix: 256, by opcode.</summary>
    public static LoweringRow[] Plain => plain;

    /// <summary>The rows of opcodes with prefix 0xFC: 256, by the number after the prefix.</summary>
    public static LoweringRow[] Miscellaneous => miscellaneous;

    private static LoweringRow[] Index(int prefix)
    {
        var index = new LoweringRow[256];
        foreach (LoweringRow row in rows)
        {
            if ((int)row.Opcode >> 8 == prefix) index[(byte)row.Opcode] = row;
        }

        return index;
    }
}
