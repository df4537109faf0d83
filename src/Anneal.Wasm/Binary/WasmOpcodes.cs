// The one table of instructions: a row says an opcode's mnemonic, what follows it in the bytes and, where the type doesn't
// depend on context, what it takes from and leaves on the operand stack. The validator runs on a packed form of these
// rows, the reader skips by them, dumps print by them. A new feature's instructions are further rows; until then its
// opcodes are listed in FeatureOf, so that a module that needs them is told so by name.

using static Anneal.Wasm.Binary.WasmOpcode;
using Follows = Anneal.Wasm.Binary.ImmediateKind;

namespace Anneal.Wasm.Binary;

/// <summary>What is known of each instruction without looking at the module.</summary>
internal static class WasmOpcodes
{
    /// <summary>The prefix byte of saturating conversions and bulk operations.</summary>
    public const byte MiscellaneousPrefix = 0xFC;

    private const byte GcPrefix = 0xFB;
    private const byte VectorPrefix = 0xFD;
    private const byte AtomicPrefix = 0xFE;

    // Letters of a signature: i = i32, l = i64, f = f32, d = f64. Null: the type depends on context, the validator has a case.
    private static readonly OpcodeInfo[] rows =
    [
        new(Unreachable, "unreachable"),
        new(Nop, "nop", Follows.None, "", ""),
        new(Block, "block", Follows.BlockType),
        new(Loop, "loop", Follows.BlockType),
        new(If, "if", Follows.BlockType),
        new(Else, "else"),
        new(End, "end"),
        new(Br, "br", Follows.Label),
        new(BrIf, "br_if", Follows.Label),
        new(BrTable, "br_table", Follows.LabelTable),
        new(Return, "return"),
        new(Call, "call", Follows.Function),
        new(CallIndirect, "call_indirect", Follows.TypeAndTable),
        new(ReturnCall, "return_call", Follows.Function),
        new(ReturnCallIndirect, "return_call_indirect", Follows.TypeAndTable),
        new(CallRef, "call_ref", Follows.Type),
        new(ReturnCallRef, "return_call_ref", Follows.Type),
        new(Drop, "drop"),
        new(Select, "select"),
        new(SelectTyped, "select", Follows.ValueTypes),
        new(LocalGet, "local.get", Follows.Local),
        new(LocalSet, "local.set", Follows.Local),
        new(LocalTee, "local.tee", Follows.Local),
        new(GlobalGet, "global.get", Follows.Global),
        new(GlobalSet, "global.set", Follows.Global),
        new(TableGet, "table.get", Follows.Table),
        new(TableSet, "table.set", Follows.Table),
        new(I32Load, "i32.load", Follows.MemoryArgument, "i", "i", 4),
        new(I64Load, "i64.load", Follows.MemoryArgument, "i", "l", 8),
        new(F32Load, "f32.load", Follows.MemoryArgument, "i", "f", 4),
        new(F64Load, "f64.load", Follows.MemoryArgument, "i", "d", 8),
        new(I32Load8S, "i32.load8_s", Follows.MemoryArgument, "i", "i", 1),
        new(I32Load8U, "i32.load8_u", Follows.MemoryArgument, "i", "i", 1),
        new(I32Load16S, "i32.load16_s", Follows.MemoryArgument, "i", "i", 2),
        new(I32Load16U, "i32.load16_u", Follows.MemoryArgument, "i", "i", 2),
        new(I64Load8S, "i64.load8_s", Follows.MemoryArgument, "i", "l", 1),
        new(I64Load8U, "i64.load8_u", Follows.MemoryArgument, "i", "l", 1),
        new(I64Load16S, "i64.load16_s", Follows.MemoryArgument, "i", "l", 2),
        new(I64Load16U, "i64.load16_u", Follows.MemoryArgument, "i", "l", 2),
        new(I64Load32S, "i64.load32_s", Follows.MemoryArgument, "i", "l", 4),
        new(I64Load32U, "i64.load32_u", Follows.MemoryArgument, "i", "l", 4),
        new(I32Store, "i32.store", Follows.MemoryArgument, "ii", "", 4),
        new(I64Store, "i64.store", Follows.MemoryArgument, "il", "", 8),
        new(F32Store, "f32.store", Follows.MemoryArgument, "if", "", 4),
        new(F64Store, "f64.store", Follows.MemoryArgument, "id", "", 8),
        new(I32Store8, "i32.store8", Follows.MemoryArgument, "ii", "", 1),
        new(I32Store16, "i32.store16", Follows.MemoryArgument, "ii", "", 2),
        new(I64Store8, "i64.store8", Follows.MemoryArgument, "il", "", 1),
        new(I64Store16, "i64.store16", Follows.MemoryArgument, "il", "", 2),
        new(I64Store32, "i64.store32", Follows.MemoryArgument, "il", "", 4),
        new(MemorySize, "memory.size", Follows.Memory, "", "i"),
        new(MemoryGrow, "memory.grow", Follows.Memory, "i", "i"),
        new(I32Const, "i32.const", Follows.I32, "", "i"),
        new(I64Const, "i64.const", Follows.I64, "", "l"),
        new(F32Const, "f32.const", Follows.F32, "", "f"),
        new(F64Const, "f64.const", Follows.F64, "", "d"),
        new(I32Eqz, "i32.eqz", Follows.None, "i", "i"),
        new(I32Eq, "i32.eq", Follows.None, "ii", "i"),
        new(I32Ne, "i32.ne", Follows.None, "ii", "i"),
        new(I32LtS, "i32.lt_s", Follows.None, "ii", "i"),
        new(I32LtU, "i32.lt_u", Follows.None, "ii", "i"),
        new(I32GtS, "i32.gt_s", Follows.None, "ii", "i"),
        new(I32GtU, "i32.gt_u", Follows.None, "ii", "i"),
        new(I32LeS, "i32.le_s", Follows.None, "ii", "i"),
        new(I32LeU, "i32.le_u", Follows.None, "ii", "i"),
        new(I32GeS, "i32.ge_s", Follows.None, "ii", "i"),
        new(I32GeU, "i32.ge_u", Follows.None, "ii", "i"),
        new(I64Eqz, "i64.eqz", Follows.None, "l", "i"),
        new(I64Eq, "i64.eq", Follows.None, "ll", "i"),
        new(I64Ne, "i64.ne", Follows.None, "ll", "i"),
        new(I64LtS, "i64.lt_s", Follows.None, "ll", "i"),
        new(I64LtU, "i64.lt_u", Follows.None, "ll", "i"),
        new(I64GtS, "i64.gt_s", Follows.None, "ll", "i"),
        new(I64GtU, "i64.gt_u", Follows.None, "ll", "i"),
        new(I64LeS, "i64.le_s", Follows.None, "ll", "i"),
        new(I64LeU, "i64.le_u", Follows.None, "ll", "i"),
        new(I64GeS, "i64.ge_s", Follows.None, "ll", "i"),
        new(I64GeU, "i64.ge_u", Follows.None, "ll", "i"),
        new(F32Eq, "f32.eq", Follows.None, "ff", "i"),
        new(F32Ne, "f32.ne", Follows.None, "ff", "i"),
        new(F32Lt, "f32.lt", Follows.None, "ff", "i"),
        new(F32Gt, "f32.gt", Follows.None, "ff", "i"),
        new(F32Le, "f32.le", Follows.None, "ff", "i"),
        new(F32Ge, "f32.ge", Follows.None, "ff", "i"),
        new(F64Eq, "f64.eq", Follows.None, "dd", "i"),
        new(F64Ne, "f64.ne", Follows.None, "dd", "i"),
        new(F64Lt, "f64.lt", Follows.None, "dd", "i"),
        new(F64Gt, "f64.gt", Follows.None, "dd", "i"),
        new(F64Le, "f64.le", Follows.None, "dd", "i"),
        new(F64Ge, "f64.ge", Follows.None, "dd", "i"),
        new(I32Clz, "i32.clz", Follows.None, "i", "i"),
        new(I32Ctz, "i32.ctz", Follows.None, "i", "i"),
        new(I32Popcnt, "i32.popcnt", Follows.None, "i", "i"),
        new(I32Add, "i32.add", Follows.None, "ii", "i"),
        new(I32Sub, "i32.sub", Follows.None, "ii", "i"),
        new(I32Mul, "i32.mul", Follows.None, "ii", "i"),
        new(I32DivS, "i32.div_s", Follows.None, "ii", "i"),
        new(I32DivU, "i32.div_u", Follows.None, "ii", "i"),
        new(I32RemS, "i32.rem_s", Follows.None, "ii", "i"),
        new(I32RemU, "i32.rem_u", Follows.None, "ii", "i"),
        new(I32And, "i32.and", Follows.None, "ii", "i"),
        new(I32Or, "i32.or", Follows.None, "ii", "i"),
        new(I32Xor, "i32.xor", Follows.None, "ii", "i"),
        new(I32Shl, "i32.shl", Follows.None, "ii", "i"),
        new(I32ShrS, "i32.shr_s", Follows.None, "ii", "i"),
        new(I32ShrU, "i32.shr_u", Follows.None, "ii", "i"),
        new(I32Rotl, "i32.rotl", Follows.None, "ii", "i"),
        new(I32Rotr, "i32.rotr", Follows.None, "ii", "i"),
        new(I64Clz, "i64.clz", Follows.None, "l", "l"),
        new(I64Ctz, "i64.ctz", Follows.None, "l", "l"),
        new(I64Popcnt, "i64.popcnt", Follows.None, "l", "l"),
        new(I64Add, "i64.add", Follows.None, "ll", "l"),
        new(I64Sub, "i64.sub", Follows.None, "ll", "l"),
        new(I64Mul, "i64.mul", Follows.None, "ll", "l"),
        new(I64DivS, "i64.div_s", Follows.None, "ll", "l"),
        new(I64DivU, "i64.div_u", Follows.None, "ll", "l"),
        new(I64RemS, "i64.rem_s", Follows.None, "ll", "l"),
        new(I64RemU, "i64.rem_u", Follows.None, "ll", "l"),
        new(I64And, "i64.and", Follows.None, "ll", "l"),
        new(I64Or, "i64.or", Follows.None, "ll", "l"),
        new(I64Xor, "i64.xor", Follows.None, "ll", "l"),
        new(I64Shl, "i64.shl", Follows.None, "ll", "l"),
        new(I64ShrS, "i64.shr_s", Follows.None, "ll", "l"),
        new(I64ShrU, "i64.shr_u", Follows.None, "ll", "l"),
        new(I64Rotl, "i64.rotl", Follows.None, "ll", "l"),
        new(I64Rotr, "i64.rotr", Follows.None, "ll", "l"),
        new(F32Abs, "f32.abs", Follows.None, "f", "f"),
        new(F32Neg, "f32.neg", Follows.None, "f", "f"),
        new(F32Ceil, "f32.ceil", Follows.None, "f", "f"),
        new(F32Floor, "f32.floor", Follows.None, "f", "f"),
        new(F32Trunc, "f32.trunc", Follows.None, "f", "f"),
        new(F32Nearest, "f32.nearest", Follows.None, "f", "f"),
        new(F32Sqrt, "f32.sqrt", Follows.None, "f", "f"),
        new(F32Add, "f32.add", Follows.None, "ff", "f"),
        new(F32Sub, "f32.sub", Follows.None, "ff", "f"),
        new(F32Mul, "f32.mul", Follows.None, "ff", "f"),
        new(F32Div, "f32.div", Follows.None, "ff", "f"),
        new(F32Min, "f32.min", Follows.None, "ff", "f"),
        new(F32Max, "f32.max", Follows.None, "ff", "f"),
        new(F32Copysign, "f32.copysign", Follows.None, "ff", "f"),
        new(F64Abs, "f64.abs", Follows.None, "d", "d"),
        new(F64Neg, "f64.neg", Follows.None, "d", "d"),
        new(F64Ceil, "f64.ceil", Follows.None, "d", "d"),
        new(F64Floor, "f64.floor", Follows.None, "d", "d"),
        new(F64Trunc, "f64.trunc", Follows.None, "d", "d"),
        new(F64Nearest, "f64.nearest", Follows.None, "d", "d"),
        new(F64Sqrt, "f64.sqrt", Follows.None, "d", "d"),
        new(F64Add, "f64.add", Follows.None, "dd", "d"),
        new(F64Sub, "f64.sub", Follows.None, "dd", "d"),
        new(F64Mul, "f64.mul", Follows.None, "dd", "d"),
        new(F64Div, "f64.div", Follows.None, "dd", "d"),
        new(F64Min, "f64.min", Follows.None, "dd", "d"),
        new(F64Max, "f64.max", Follows.None, "dd", "d"),
        new(F64Copysign, "f64.copysign", Follows.None, "dd", "d"),
        new(I32WrapI64, "i32.wrap_i64", Follows.None, "l", "i"),
        new(I32TruncF32S, "i32.trunc_f32_s", Follows.None, "f", "i"),
        new(I32TruncF32U, "i32.trunc_f32_u", Follows.None, "f", "i"),
        new(I32TruncF64S, "i32.trunc_f64_s", Follows.None, "d", "i"),
        new(I32TruncF64U, "i32.trunc_f64_u", Follows.None, "d", "i"),
        new(I64ExtendI32S, "i64.extend_i32_s", Follows.None, "i", "l"),
        new(I64ExtendI32U, "i64.extend_i32_u", Follows.None, "i", "l"),
        new(I64TruncF32S, "i64.trunc_f32_s", Follows.None, "f", "l"),
        new(I64TruncF32U, "i64.trunc_f32_u", Follows.None, "f", "l"),
        new(I64TruncF64S, "i64.trunc_f64_s", Follows.None, "d", "l"),
        new(I64TruncF64U, "i64.trunc_f64_u", Follows.None, "d", "l"),
        new(F32ConvertI32S, "f32.convert_i32_s", Follows.None, "i", "f"),
        new(F32ConvertI32U, "f32.convert_i32_u", Follows.None, "i", "f"),
        new(F32ConvertI64S, "f32.convert_i64_s", Follows.None, "l", "f"),
        new(F32ConvertI64U, "f32.convert_i64_u", Follows.None, "l", "f"),
        new(F32DemoteF64, "f32.demote_f64", Follows.None, "d", "f"),
        new(F64ConvertI32S, "f64.convert_i32_s", Follows.None, "i", "d"),
        new(F64ConvertI32U, "f64.convert_i32_u", Follows.None, "i", "d"),
        new(F64ConvertI64S, "f64.convert_i64_s", Follows.None, "l", "d"),
        new(F64ConvertI64U, "f64.convert_i64_u", Follows.None, "l", "d"),
        new(F64PromoteF32, "f64.promote_f32", Follows.None, "f", "d"),
        new(I32ReinterpretF32, "i32.reinterpret_f32", Follows.None, "f", "i"),
        new(I64ReinterpretF64, "i64.reinterpret_f64", Follows.None, "d", "l"),
        new(F32ReinterpretI32, "f32.reinterpret_i32", Follows.None, "i", "f"),
        new(F64ReinterpretI64, "f64.reinterpret_i64", Follows.None, "l", "d"),
        new(I32Extend8S, "i32.extend8_s", Follows.None, "i", "i"),
        new(I32Extend16S, "i32.extend16_s", Follows.None, "i", "i"),
        new(I64Extend8S, "i64.extend8_s", Follows.None, "l", "l"),
        new(I64Extend16S, "i64.extend16_s", Follows.None, "l", "l"),
        new(I64Extend32S, "i64.extend32_s", Follows.None, "l", "l"),
        new(RefNull, "ref.null", Follows.HeapType),
        new(RefIsNull, "ref.is_null"),
        new(RefFunc, "ref.func", Follows.Function),
        new(RefAsNonNull, "ref.as_non_null"),
        new(BrOnNull, "br_on_null", Follows.Label),
        new(BrOnNonNull, "br_on_non_null", Follows.Label),
        new(I32TruncSatF32S, "i32.trunc_sat_f32_s", Follows.None, "f", "i"),
        new(I32TruncSatF32U, "i32.trunc_sat_f32_u", Follows.None, "f", "i"),
        new(I32TruncSatF64S, "i32.trunc_sat_f64_s", Follows.None, "d", "i"),
        new(I32TruncSatF64U, "i32.trunc_sat_f64_u", Follows.None, "d", "i"),
        new(I64TruncSatF32S, "i64.trunc_sat_f32_s", Follows.None, "f", "l"),
        new(I64TruncSatF32U, "i64.trunc_sat_f32_u", Follows.None, "f", "l"),
        new(I64TruncSatF64S, "i64.trunc_sat_f64_s", Follows.None, "d", "l"),
        new(I64TruncSatF64U, "i64.trunc_sat_f64_u", Follows.None, "d", "l"),
        new(MemoryInit, "memory.init", Follows.DataAndMemory, "iii", ""),
        new(DataDrop, "data.drop", Follows.Data, "", ""),
        new(MemoryCopy, "memory.copy", Follows.MemoryAndMemory, "iii", ""),
        new(MemoryFill, "memory.fill", Follows.Memory, "iii", ""),
        new(TableInit, "table.init", Follows.ElementAndTable, "iii", ""),
        new(ElemDrop, "elem.drop", Follows.Element, "", ""),
        new(TableCopy, "table.copy", Follows.TableAndTable, "iii", ""),
        new(TableGrow, "table.grow", Follows.Table),
        new(TableSize, "table.size", Follows.Table, "", "i"),
        new(TableFill, "table.fill", Follows.Table),
    ];

    private static readonly OpcodeInfo?[] plain = Index(prefix: 0);
    private static readonly OpcodeInfo?[] miscellaneous = Index(MiscellaneousPrefix);

    // Pinned, so that validators can hold a pointer to it for as long as they live.
    private static readonly uint[] packed = Pack();

    /// <summary>All rows, in order of opcode.</summary>
    public static ReadOnlySpan<OpcodeInfo> Rows => rows;

    /// <summary>The row of an instruction; null if the engine doesn't have it.</summary>
    public static OpcodeInfo? Find(WasmOpcode opcode) => ((int)opcode >> 8) switch
    {
        0 => plain[(int)opcode],
        MiscellaneousPrefix => miscellaneous[(byte)opcode],
        _ => null,
    };

    /// <summary>
    /// One word a plain opcode, laid out as <see cref="PackedOpcode"/> says: 256 words that never move and aren't to be written.
    /// </summary>
    public static uint[] Packed => packed;

    /// <summary>The feature that an opcode belongs to, if it is one that the engine knows of but doesn't have; else null.</summary>
    public static string? FeatureOf(byte prefix, uint index) => prefix switch
    {
        0x06 or 0x07 or 0x08 or 0x09 or 0x0A or 0x18 or 0x19 or 0x1F => Features.Exceptions,
        0xD3 or GcPrefix => Features.Gc,
        VectorPrefix => index < 0x100 ? Features.Simd : Features.RelaxedSimd,
        AtomicPrefix => Features.Threads,
        MiscellaneousPrefix when index is >= 0x13 and <= 0x16 => Features.WideArithmetic,
        _ => null,
    };

    /// <summary>Whether the byte is followed by a LEB128 number that completes the opcode.</summary>
    public static bool IsPrefix(byte value) => value is >= GcPrefix and <= AtomicPrefix;

    /// <summary>The value type that a letter of a signature stands for.</summary>
    public static ValueType TypeOf(char letter) => letter switch
    {
        'i' => ValueType.I32,
        'l' => ValueType.I64,
        'f' => ValueType.F32,
        'd' => ValueType.F64,
        _ => throw new ArgumentOutOfRangeException(nameof(letter)),
    };

    private static OpcodeInfo?[] Index(byte prefix)
    {
        var table = new OpcodeInfo?[256];
        foreach (OpcodeInfo row in rows)
        {
            if ((int)row.Opcode >> 8 == prefix) table[(byte)row.Opcode] = row;
        }

        return table;
    }

    private static uint[] Pack()
    {
        uint[] table = GC.AllocateArray<uint>(256, pinned: true);
        foreach (OpcodeInfo row in rows)
        {
            if ((int)row.Opcode < 256) table[(int)row.Opcode] = PackedOpcode.Of(row);
        }

        return table;
    }
}
