// Every instruction of the text format, one row each: mnemonic, opcode (hexadecimal; two digits, or a prefix byte and the
// number after it), what follows it (a word for an ImmediateKind), and for memory accesses the natural alignment in bytes.
// The rows are text, read into an open-addressing table at first use: that takes tens of microseconds, where a static
// constructor of as many objects would cost more. Looked up by WatCodeEncoder for each instruction.

namespace Anneal.Wasm.Text;

/// <summary>A row: opcode without its prefix, the prefix or 0, immediates, log2 of the natural alignment.</summary>
internal readonly record struct InstructionRow(uint Opcode, byte Prefix, ImmediateKind Immediate, byte AlignmentLog2);

internal static class InstructionTable
{
    private const int Buckets = 2048;

    private static readonly InstructionRow[] Entries = new InstructionRow[Buckets];
    private static readonly (ushort Start, ushort Length)[] Mnemonics = new (ushort, ushort)[Buckets];

    static InstructionTable()
    {
        ReadOnlySpan<byte> rows = Rows;
        int line = 0;
        while (line < rows.Length)
        {
            int length = rows[line..].IndexOf((byte)'\n');
            if (length < 0)
                length = rows.Length - line;
            if (length > 0 && rows[line] != ';')
                Add(line, rows.Slice(line, length));
            line += length + 1;
        }
    }

    /// <summary>The row of a mnemonic; false when there is no such instruction.</summary>
    public static bool TryFind(ReadOnlySpan<byte> mnemonic, out InstructionRow row)
    {
        int bucket = Bucket(mnemonic);
        row = Entries[bucket];
        return Mnemonics[bucket].Length != 0;
    }

    /// <summary>Every mnemonic, for tests.</summary>
    internal static IEnumerable<byte[]> All()
    {
        foreach ((ushort start, ushort length) in Mnemonics)
        {
            if (length != 0)
                yield return Rows.Slice(start, length).ToArray();
        }
    }

    // The bucket that holds the mnemonic, or the free one where it would go.
    private static int Bucket(ReadOnlySpan<byte> mnemonic)
    {
        uint hash = 2166136261;
        foreach (byte c in mnemonic)
            hash = (hash ^ c) * 16777619;
        int bucket = (int)((hash ^ hash >> 15) % Buckets);
        for (; ; bucket = (bucket + 1) % Buckets)
        {
            (ushort start, ushort length) = Mnemonics[bucket];
            if (length == 0 || Rows.Slice(start, length).SequenceEqual(mnemonic))
                return bucket;
        }
    }

    private static void Add(int start, ReadOnlySpan<byte> row)
    {
        int mnemonicLength = row.IndexOf((byte)' ');
        int bucket = Bucket(row[..mnemonicLength]);
        if (Mnemonics[bucket].Length != 0)
            throw new InvalidOperationException("an instruction has two rows");
        Mnemonics[bucket] = (checked((ushort)start), (ushort)mnemonicLength);
        ReadOnlySpan<byte> rest = row[mnemonicLength..].TrimStart((byte)' ');
        int opcodeLength = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> digits = rest[..opcodeLength];
        byte prefix = opcodeLength > 2 ? (byte)Number(digits[..2], hexadecimal: true) : (byte)0;
        uint opcode = Number(prefix == 0 ? digits : digits[2..], hexadecimal: true);
        rest = rest[opcodeLength..].TrimStart((byte)' ');
        int space = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = space < 0 ? rest : rest[..space];
        uint alignment = space < 0 ? 1 : Number(rest[space..].TrimStart((byte)' '), hexadecimal: false);
        Entries[bucket] = new InstructionRow(opcode, prefix, Kind(word), (byte)uint.Log2(alignment));
    }

    private static uint Number(ReadOnlySpan<byte> digits, bool hexadecimal) =>
        WatNumber.TryDigits(digits, hexadecimal, out ulong value, out _)
            ? (uint)value
            : throw new InvalidOperationException("an instruction row has no number where one belongs");

    private static ImmediateKind Kind(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("-"u8)) return ImmediateKind.None;
        if (word.SequenceEqual("block"u8)) return ImmediateKind.Block;
        if (word.SequenceEqual("if"u8)) return ImmediateKind.If;
        if (word.SequenceEqual("try_table"u8)) return ImmediateKind.TryTable;
        if (word.SequenceEqual("else"u8)) return ImmediateKind.Else;
        if (word.SequenceEqual("end"u8)) return ImmediateKind.End;
        if (word.SequenceEqual("label"u8)) return ImmediateKind.Label;
        if (word.SequenceEqual("labels"u8)) return ImmediateKind.LabelTable;
        if (word.SequenceEqual("label_cast"u8)) return ImmediateKind.LabelCast;
        if (word.SequenceEqual("local"u8)) return ImmediateKind.Local;
        if (word.SequenceEqual("global"u8)) return ImmediateKind.Global;
        if (word.SequenceEqual("func"u8)) return ImmediateKind.Func;
        if (word.SequenceEqual("indirect"u8)) return ImmediateKind.CallIndirect;
        if (word.SequenceEqual("type"u8)) return ImmediateKind.Type;
        if (word.SequenceEqual("field"u8)) return ImmediateKind.TypeField;
        if (word.SequenceEqual("type_type"u8)) return ImmediateKind.TypeType;
        if (word.SequenceEqual("type_count"u8)) return ImmediateKind.TypeCount;
        if (word.SequenceEqual("type_data"u8)) return ImmediateKind.TypeData;
        if (word.SequenceEqual("type_elem"u8)) return ImmediateKind.TypeElem;
        if (word.SequenceEqual("tag"u8)) return ImmediateKind.Tag;
        if (word.SequenceEqual("table"u8)) return ImmediateKind.Table;
        if (word.SequenceEqual("table_table"u8)) return ImmediateKind.TableTable;
        if (word.SequenceEqual("table_elem"u8)) return ImmediateKind.TableElem;
        if (word.SequenceEqual("elem"u8)) return ImmediateKind.Elem;
        if (word.SequenceEqual("memory"u8)) return ImmediateKind.Memory;
        if (word.SequenceEqual("memory_memory"u8)) return ImmediateKind.MemoryMemory;
        if (word.SequenceEqual("memory_data"u8)) return ImmediateKind.MemoryData;
        if (word.SequenceEqual("data"u8)) return ImmediateKind.Data;
        if (word.SequenceEqual("access"u8)) return ImmediateKind.Access;
        if (word.SequenceEqual("access_lane"u8)) return ImmediateKind.AccessLane;
        if (word.SequenceEqual("lane"u8)) return ImmediateKind.Lane;
        if (word.SequenceEqual("lanes"u8)) return ImmediateKind.Lanes;
        if (word.SequenceEqual("i32"u8)) return ImmediateKind.ConstI32;
        if (word.SequenceEqual("i64"u8)) return ImmediateKind.ConstI64;
        if (word.SequenceEqual("f32"u8)) return ImmediateKind.ConstF32;
        if (word.SequenceEqual("f64"u8)) return ImmediateKind.ConstF64;
        if (word.SequenceEqual("v128"u8)) return ImmediateKind.ConstV128;
        if (word.SequenceEqual("heap"u8)) return ImmediateKind.HeapType;
        if (word.SequenceEqual("ref"u8)) return ImmediateKind.RefType;
        if (word.SequenceEqual("select"u8)) return ImmediateKind.Select;
        if (word.SequenceEqual("fence"u8)) return ImmediateKind.Fence;
        throw new InvalidOperationException("an instruction row names no immediate kind");
    }

    private static ReadOnlySpan<byte> Rows => """
        ; control
        unreachable                          00     -
        nop                                  01     -
        block                                02     block
        loop                                 03     block
        if                                   04     if
        else                                 05     else
        throw                                08     tag
        throw_ref                            0A     -
        end                                  0B     end
        br                                   0C     label
        br_if                                0D     label
        br_table                             0E     labels
        return                               0F     -
        call                                 10     func
        call_indirect                        11     indirect
        return_call                          12     func
        return_call_indirect                 13     indirect
        call_ref                             14     type
        return_call_ref                      15     type
        drop                                 1A     -
        select                               1B     select
        try_table                            1F     try_table
        br_on_null                           D5     label
        br_on_non_null                       D6     label
        ; variables, tables
        local.get                            20     local
        local.set                            21     local
        local.tee                            22     local
        global.get                           23     global
        global.set                           24     global
        table.get                            25     table
        table.set                            26     table
        table.init                           FC0C   table_elem
        elem.drop                            FC0D   elem
        table.copy                           FC0E   table_table
        table.grow                           FC0F   table
        table.size                           FC10   table
        table.fill                           FC11   table
        ; memory
        i32.load                             28     access 4
        i64.load                             29     access 8
        f32.load                             2A     access 4
        f64.load                             2B     access 8
        i32.load8_s                          2C     access 1
        i32.load8_u                          2D     access 1
        i32.load16_s                         2E     access 2
        i32.load16_u                         2F     access 2
        i64.load8_s                          30     access 1
        i64.load8_u                          31     access 1
        i64.load16_s                         32     access 2
        i64.load16_u                         33     access 2
        i64.load32_s                         34     access 4
        i64.load32_u                         35     access 4
        i32.store                            36     access 4
        i64.store                            37     access 8
        f32.store                            38     access 4
        f64.store                            39     access 8
        i32.store8                           3A     access 1
        i32.store16                          3B     access 2
        i64.store8                           3C     access 1
        i64.store16                          3D     access 2
        i64.store32                          3E     access 4
        memory.size                          3F     memory
        memory.grow                          40     memory
        memory.init                          FC08   memory_data
        data.drop                            FC09   data
        memory.copy                          FC0A   memory_memory
        memory.fill                          FC0B   memory
        ; numbers
        i32.const                            41     i32
        i64.const                            42     i64
        f32.const                            43     f32
        f64.const                            44     f64
        i32.eqz                              45     -
        i32.eq                               46     -
        i32.ne                               47     -
        i32.lt_s                             48     -
        i32.lt_u                             49     -
        i32.gt_s                             4A     -
        i32.gt_u                             4B     -
        i32.le_s                             4C     -
        i32.le_u                             4D     -
        i32.ge_s                             4E     -
        i32.ge_u                             4F     -
        i64.eqz                              50     -
        i64.eq                               51     -
        i64.ne                               52     -
        i64.lt_s                             53     -
        i64.lt_u                             54     -
        i64.gt_s                             55     -
        i64.gt_u                             56     -
        i64.le_s                             57     -
        i64.le_u                             58     -
        i64.ge_s                             59     -
        i64.ge_u                             5A     -
        f32.eq                               5B     -
        f32.ne                               5C     -
        f32.lt                               5D     -
        f32.gt                               5E     -
        f32.le                               5F     -
        f32.ge                               60     -
        f64.eq                               61     -
        f64.ne                               62     -
        f64.lt                               63     -
        f64.gt                               64     -
        f64.le                               65     -
        f64.ge                               66     -
        i32.clz                              67     -
        i32.ctz                              68     -
        i32.popcnt                           69     -
        i32.add                              6A     -
        i32.sub                              6B     -
        i32.mul                              6C     -
        i32.div_s                            6D     -
        i32.div_u                            6E     -
        i32.rem_s                            6F     -
        i32.rem_u                            70     -
        i32.and                              71     -
        i32.or                               72     -
        i32.xor                              73     -
        i32.shl                              74     -
        i32.shr_s                            75     -
        i32.shr_u                            76     -
        i32.rotl                             77     -
        i32.rotr                             78     -
        i64.clz                              79     -
        i64.ctz                              7A     -
        i64.popcnt                           7B     -
        i64.add                              7C     -
        i64.sub                              7D     -
        i64.mul                              7E     -
        i64.div_s                            7F     -
        i64.div_u                            80     -
        i64.rem_s                            81     -
        i64.rem_u                            82     -
        i64.and                              83     -
        i64.or                               84     -
        i64.xor                              85     -
        i64.shl                              86     -
        i64.shr_s                            87     -
        i64.shr_u                            88     -
        i64.rotl                             89     -
        i64.rotr                             8A     -
        f32.abs                              8B     -
        f32.neg                              8C     -
        f32.ceil                             8D     -
        f32.floor                            8E     -
        f32.trunc                            8F     -
        f32.nearest                          90     -
        f32.sqrt                             91     -
        f32.add                              92     -
        f32.sub                              93     -
        f32.mul                              94     -
        f32.div                              95     -
        f32.min                              96     -
        f32.max                              97     -
        f32.copysign                         98     -
        f64.abs                              99     -
        f64.neg                              9A     -
        f64.ceil                             9B     -
        f64.floor                            9C     -
        f64.trunc                            9D     -
        f64.nearest                          9E     -
        f64.sqrt                             9F     -
        f64.add                              A0     -
        f64.sub                              A1     -
        f64.mul                              A2     -
        f64.div                              A3     -
        f64.min                              A4     -
        f64.max                              A5     -
        f64.copysign                         A6     -
        i32.wrap_i64                         A7     -
        i32.trunc_f32_s                      A8     -
        i32.trunc_f32_u                      A9     -
        i32.trunc_f64_s                      AA     -
        i32.trunc_f64_u                      AB     -
        i64.extend_i32_s                     AC     -
        i64.extend_i32_u                     AD     -
        i64.trunc_f32_s                      AE     -
        i64.trunc_f32_u                      AF     -
        i64.trunc_f64_s                      B0     -
        i64.trunc_f64_u                      B1     -
        f32.convert_i32_s                    B2     -
        f32.convert_i32_u                    B3     -
        f32.convert_i64_s                    B4     -
        f32.convert_i64_u                    B5     -
        f32.demote_f64                       B6     -
        f64.convert_i32_s                    B7     -
        f64.convert_i32_u                    B8     -
        f64.convert_i64_s                    B9     -
        f64.convert_i64_u                    BA     -
        f64.promote_f32                      BB     -
        i32.reinterpret_f32                  BC     -
        i64.reinterpret_f64                  BD     -
        f32.reinterpret_i32                  BE     -
        f64.reinterpret_i64                  BF     -
        i32.extend8_s                        C0     -
        i32.extend16_s                       C1     -
        i64.extend8_s                        C2     -
        i64.extend16_s                       C3     -
        i64.extend32_s                       C4     -
        i32.trunc_sat_f32_s                  FC00   -
        i32.trunc_sat_f32_u                  FC01   -
        i32.trunc_sat_f64_s                  FC02   -
        i32.trunc_sat_f64_u                  FC03   -
        i64.trunc_sat_f32_s                  FC04   -
        i64.trunc_sat_f32_u                  FC05   -
        i64.trunc_sat_f64_s                  FC06   -
        i64.trunc_sat_f64_u                  FC07   -
        i64.add128                           FC13   -
        i64.sub128                           FC14   -
        i64.mul_wide_s                       FC15   -
        i64.mul_wide_u                       FC16   -
        ; references and aggregates
        ref.null                             D0     heap
        ref.is_null                          D1     -
        ref.func                             D2     func
        ref.eq                               D3     -
        ref.as_non_null                      D4     -
        struct.new                           FB00   type
        struct.new_default                   FB01   type
        struct.get                           FB02   field
        struct.get_s                         FB03   field
        struct.get_u                         FB04   field
        struct.set                           FB05   field
        array.new                            FB06   type
        array.new_default                    FB07   type
        array.new_fixed                      FB08   type_count
        array.new_data                       FB09   type_data
        array.new_elem                       FB0A   type_elem
        array.get                            FB0B   type
        array.get_s                          FB0C   type
        array.get_u                          FB0D   type
        array.set                            FB0E   type
        array.len                            FB0F   -
        array.fill                           FB10   type
        array.copy                           FB11   type_type
        array.init_data                      FB12   type_data
        array.init_elem                      FB13   type_elem
        ref.test                             FB14   ref
        ref.cast                             FB16   ref
        br_on_cast                           FB18   label_cast
        br_on_cast_fail                      FB19   label_cast
        any.convert_extern                   FB1A   -
        extern.convert_any                   FB1B   -
        ref.i31                              FB1C   -
        i31.get_s                            FB1D   -
        i31.get_u                            FB1E   -
        ; vectors
        v128.load                            FD00   access 16
        v128.load8x8_s                       FD01   access 8
        v128.load8x8_u                       FD02   access 8
        v128.load16x4_s                      FD03   access 8
        v128.load16x4_u                      FD04   access 8
        v128.load32x2_s                      FD05   access 8
        v128.load32x2_u                      FD06   access 8
        v128.load8_splat                     FD07   access 1
        v128.load16_splat                    FD08   access 2
        v128.load32_splat                    FD09   access 4
        v128.load64_splat                    FD0A   access 8
        v128.store                           FD0B   access 16
        v128.const                           FD0C   v128
        i8x16.shuffle                        FD0D   lanes
        i8x16.swizzle                        FD0E   -
        i8x16.splat                          FD0F   -
        i16x8.splat                          FD10   -
        i32x4.splat                          FD11   -
        i64x2.splat                          FD12   -
        f32x4.splat                          FD13   -
        f64x2.splat                          FD14   -
        i8x16.extract_lane_s                 FD15   lane
        i8x16.extract_lane_u                 FD16   lane
        i8x16.replace_lane                   FD17   lane
        i16x8.extract_lane_s                 FD18   lane
        i16x8.extract_lane_u                 FD19   lane
        i16x8.replace_lane                   FD1A   lane
        i32x4.extract_lane                   FD1B   lane
        i32x4.replace_lane                   FD1C   lane
        i64x2.extract_lane                   FD1D   lane
        i64x2.replace_lane                   FD1E   lane
        f32x4.extract_lane                   FD1F   lane
        f32x4.replace_lane                   FD20   lane
        f64x2.extract_lane                   FD21   lane
        f64x2.replace_lane                   FD22   lane
        i8x16.eq                             FD23   -
        i8x16.ne                             FD24   -
        i8x16.lt_s                           FD25   -
        i8x16.lt_u                           FD26   -
        i8x16.gt_s                           FD27   -
        i8x16.gt_u                           FD28   -
        i8x16.le_s                           FD29   -
        i8x16.le_u                           FD2A   -
        i8x16.ge_s                           FD2B   -
        i8x16.ge_u                           FD2C   -
        i16x8.eq                             FD2D   -
        i16x8.ne                             FD2E   -
        i16x8.lt_s                           FD2F   -
        i16x8.lt_u                           FD30   -
        i16x8.gt_s                           FD31   -
        i16x8.gt_u                           FD32   -
        i16x8.le_s                           FD33   -
        i16x8.le_u                           FD34   -
        i16x8.ge_s                           FD35   -
        i16x8.ge_u                           FD36   -
        i32x4.eq                             FD37   -
        i32x4.ne                             FD38   -
        i32x4.lt_s                           FD39   -
        i32x4.lt_u                           FD3A   -
        i32x4.gt_s                           FD3B   -
        i32x4.gt_u                           FD3C   -
        i32x4.le_s                           FD3D   -
        i32x4.le_u                           FD3E   -
        i32x4.ge_s                           FD3F   -
        i32x4.ge_u                           FD40   -
        f32x4.eq                             FD41   -
        f32x4.ne                             FD42   -
        f32x4.lt                             FD43   -
        f32x4.gt                             FD44   -
        f32x4.le                             FD45   -
        f32x4.ge                             FD46   -
        f64x2.eq                             FD47   -
        f64x2.ne                             FD48   -
        f64x2.lt                             FD49   -
        f64x2.gt                             FD4A   -
        f64x2.le                             FD4B   -
        f64x2.ge                             FD4C   -
        v128.not                             FD4D   -
        v128.and                             FD4E   -
        v128.andnot                          FD4F   -
        v128.or                              FD50   -
        v128.xor                             FD51   -
        v128.bitselect                       FD52   -
        v128.any_true                        FD53   -
        v128.load8_lane                      FD54   access_lane 1
        v128.load16_lane                     FD55   access_lane 2
        v128.load32_lane                     FD56   access_lane 4
        v128.load64_lane                     FD57   access_lane 8
        v128.store8_lane                     FD58   access_lane 1
        v128.store16_lane                    FD59   access_lane 2
        v128.store32_lane                    FD5A   access_lane 4
        v128.store64_lane                    FD5B   access_lane 8
        v128.load32_zero                     FD5C   access 4
        v128.load64_zero                     FD5D   access 8
        f32x4.demote_f64x2_zero              FD5E   -
        f64x2.promote_low_f32x4              FD5F   -
        i8x16.abs                            FD60   -
        i8x16.neg                            FD61   -
        i8x16.popcnt                         FD62   -
        i8x16.all_true                       FD63   -
        i8x16.bitmask                        FD64   -
        i8x16.narrow_i16x8_s                 FD65   -
        i8x16.narrow_i16x8_u                 FD66   -
        f32x4.ceil                           FD67   -
        f32x4.floor                          FD68   -
        f32x4.trunc                          FD69   -
        f32x4.nearest                        FD6A   -
        i8x16.shl                            FD6B   -
        i8x16.shr_s                          FD6C   -
        i8x16.shr_u                          FD6D   -
        i8x16.add                            FD6E   -
        i8x16.add_sat_s                      FD6F   -
        i8x16.add_sat_u                      FD70   -
        i8x16.sub                            FD71   -
        i8x16.sub_sat_s                      FD72   -
        i8x16.sub_sat_u                      FD73   -
        f64x2.ceil                           FD74   -
        f64x2.floor                          FD75   -
        i8x16.min_s                          FD76   -
        i8x16.min_u                          FD77   -
        i8x16.max_s                          FD78   -
        i8x16.max_u                          FD79   -
        f64x2.trunc                          FD7A   -
        i8x16.avgr_u                         FD7B   -
        i16x8.extadd_pairwise_i8x16_s        FD7C   -
        i16x8.extadd_pairwise_i8x16_u        FD7D   -
        i32x4.extadd_pairwise_i16x8_s        FD7E   -
        i32x4.extadd_pairwise_i16x8_u        FD7F   -
        i16x8.abs                            FD80   -
        i16x8.neg                            FD81   -
        i16x8.q15mulr_sat_s                  FD82   -
        i16x8.all_true                       FD83   -
        i16x8.bitmask                        FD84   -
        i16x8.narrow_i32x4_s                 FD85   -
        i16x8.narrow_i32x4_u                 FD86   -
        i16x8.extend_low_i8x16_s             FD87   -
        i16x8.extend_high_i8x16_s            FD88   -
        i16x8.extend_low_i8x16_u             FD89   -
        i16x8.extend_high_i8x16_u            FD8A   -
        i16x8.shl                            FD8B   -
        i16x8.shr_s                          FD8C   -
        i16x8.shr_u                          FD8D   -
        i16x8.add                            FD8E   -
        i16x8.add_sat_s                      FD8F   -
        i16x8.add_sat_u                      FD90   -
        i16x8.sub                            FD91   -
        i16x8.sub_sat_s                      FD92   -
        i16x8.sub_sat_u                      FD93   -
        f64x2.nearest                        FD94   -
        i16x8.mul                            FD95   -
        i16x8.min_s                          FD96   -
        i16x8.min_u                          FD97   -
        i16x8.max_s                          FD98   -
        i16x8.max_u                          FD99   -
        i16x8.avgr_u                         FD9B   -
        i16x8.extmul_low_i8x16_s             FD9C   -
        i16x8.extmul_high_i8x16_s            FD9D   -
        i16x8.extmul_low_i8x16_u             FD9E   -
        i16x8.extmul_high_i8x16_u            FD9F   -
        i32x4.abs                            FDA0   -
        i32x4.neg                            FDA1   -
        i32x4.all_true                       FDA3   -
        i32x4.bitmask                        FDA4   -
        i32x4.extend_low_i16x8_s             FDA7   -
        i32x4.extend_high_i16x8_s            FDA8   -
        i32x4.extend_low_i16x8_u             FDA9   -
        i32x4.extend_high_i16x8_u            FDAA   -
        i32x4.shl                            FDAB   -
        i32x4.shr_s                          FDAC   -
        i32x4.shr_u                          FDAD   -
        i32x4.add                            FDAE   -
        i32x4.sub                            FDB1   -
        i32x4.mul                            FDB5   -
        i32x4.min_s                          FDB6   -
        i32x4.min_u                          FDB7   -
        i32x4.max_s                          FDB8   -
        i32x4.max_u                          FDB9   -
        i32x4.dot_i16x8_s                    FDBA   -
        i32x4.extmul_low_i16x8_s             FDBC   -
        i32x4.extmul_high_i16x8_s            FDBD   -
        i32x4.extmul_low_i16x8_u             FDBE   -
        i32x4.extmul_high_i16x8_u            FDBF   -
        i64x2.abs                            FDC0   -
        i64x2.neg                            FDC1   -
        i64x2.all_true                       FDC3   -
        i64x2.bitmask                        FDC4   -
        i64x2.extend_low_i32x4_s             FDC7   -
        i64x2.extend_high_i32x4_s            FDC8   -
        i64x2.extend_low_i32x4_u             FDC9   -
        i64x2.extend_high_i32x4_u            FDCA   -
        i64x2.shl                            FDCB   -
        i64x2.shr_s                          FDCC   -
        i64x2.shr_u                          FDCD   -
        i64x2.add                            FDCE   -
        i64x2.sub                            FDD1   -
        i64x2.mul                            FDD5   -
        i64x2.eq                             FDD6   -
        i64x2.ne                             FDD7   -
        i64x2.lt_s                           FDD8   -
        i64x2.gt_s                           FDD9   -
        i64x2.le_s                           FDDA   -
        i64x2.ge_s                           FDDB   -
        i64x2.extmul_low_i32x4_s             FDDC   -
        i64x2.extmul_high_i32x4_s            FDDD   -
        i64x2.extmul_low_i32x4_u             FDDE   -
        i64x2.extmul_high_i32x4_u            FDDF   -
        f32x4.abs                            FDE0   -
        f32x4.neg                            FDE1   -
        f32x4.sqrt                           FDE3   -
        f32x4.add                            FDE4   -
        f32x4.sub                            FDE5   -
        f32x4.mul                            FDE6   -
        f32x4.div                            FDE7   -
        f32x4.min                            FDE8   -
        f32x4.max                            FDE9   -
        f32x4.pmin                           FDEA   -
        f32x4.pmax                           FDEB   -
        f64x2.abs                            FDEC   -
        f64x2.neg                            FDED   -
        f64x2.sqrt                           FDEF   -
        f64x2.add                            FDF0   -
        f64x2.sub                            FDF1   -
        f64x2.mul                            FDF2   -
        f64x2.div                            FDF3   -
        f64x2.min                            FDF4   -
        f64x2.max                            FDF5   -
        f64x2.pmin                           FDF6   -
        f64x2.pmax                           FDF7   -
        i32x4.trunc_sat_f32x4_s              FDF8   -
        i32x4.trunc_sat_f32x4_u              FDF9   -
        f32x4.convert_i32x4_s                FDFA   -
        f32x4.convert_i32x4_u                FDFB   -
        i32x4.trunc_sat_f64x2_s_zero         FDFC   -
        i32x4.trunc_sat_f64x2_u_zero         FDFD   -
        f64x2.convert_low_i32x4_s            FDFE   -
        f64x2.convert_low_i32x4_u            FDFF   -
        i8x16.relaxed_swizzle                FD100  -
        i32x4.relaxed_trunc_f32x4_s          FD101  -
        i32x4.relaxed_trunc_f32x4_u          FD102  -
        i32x4.relaxed_trunc_f64x2_s_zero     FD103  -
        i32x4.relaxed_trunc_f64x2_u_zero     FD104  -
        f32x4.relaxed_madd                   FD105  -
        f32x4.relaxed_nmadd                  FD106  -
        f64x2.relaxed_madd                   FD107  -
        f64x2.relaxed_nmadd                  FD108  -
        i8x16.relaxed_laneselect             FD109  -
        i16x8.relaxed_laneselect             FD10A  -
        i32x4.relaxed_laneselect             FD10B  -
        i64x2.relaxed_laneselect             FD10C  -
        f32x4.relaxed_min                    FD10D  -
        f32x4.relaxed_max                    FD10E  -
        f64x2.relaxed_min                    FD10F  -
        f64x2.relaxed_max                    FD110  -
        i16x8.relaxed_q15mulr_s              FD111  -
        i16x8.relaxed_dot_i8x16_i7x16_s      FD112  -
        i32x4.relaxed_dot_i8x16_i7x16_add_s  FD113  -
        ; atomics
        memory.atomic.notify                 FE00   access 4
        memory.atomic.wait32                 FE01   access 4
        memory.atomic.wait64                 FE02   access 8
        atomic.fence                         FE03   fence
        i32.atomic.load                      FE10   access 4
        i64.atomic.load                      FE11   access 8
        i32.atomic.load8_u                   FE12   access 1
        i32.atomic.load16_u                  FE13   access 2
        i64.atomic.load8_u                   FE14   access 1
        i64.atomic.load16_u                  FE15   access 2
        i64.atomic.load32_u                  FE16   access 4
        i32.atomic.store                     FE17   access 4
        i64.atomic.store                     FE18   access 8
        i32.atomic.store8                    FE19   access 1
        i32.atomic.store16                   FE1A   access 2
        i64.atomic.store8                    FE1B   access 1
        i64.atomic.store16                   FE1C   access 2
        i64.atomic.store32                   FE1D   access 4
        i32.atomic.rmw.add                   FE1E   access 4
        i64.atomic.rmw.add                   FE1F   access 8
        i32.atomic.rmw8.add_u                FE20   access 1
        i32.atomic.rmw16.add_u               FE21   access 2
        i64.atomic.rmw8.add_u                FE22   access 1
        i64.atomic.rmw16.add_u               FE23   access 2
        i64.atomic.rmw32.add_u               FE24   access 4
        i32.atomic.rmw.sub                   FE25   access 4
        i64.atomic.rmw.sub                   FE26   access 8
        i32.atomic.rmw8.sub_u                FE27   access 1
        i32.atomic.rmw16.sub_u               FE28   access 2
        i64.atomic.rmw8.sub_u                FE29   access 1
        i64.atomic.rmw16.sub_u               FE2A   access 2
        i64.atomic.rmw32.sub_u               FE2B   access 4
        i32.atomic.rmw.and                   FE2C   access 4
        i64.atomic.rmw.and                   FE2D   access 8
        i32.atomic.rmw8.and_u                FE2E   access 1
        i32.atomic.rmw16.and_u               FE2F   access 2
        i64.atomic.rmw8.and_u                FE30   access 1
        i64.atomic.rmw16.and_u               FE31   access 2
        i64.atomic.rmw32.and_u               FE32   access 4
        i32.atomic.rmw.or                    FE33   access 4
        i64.atomic.rmw.or                    FE34   access 8
        i32.atomic.rmw8.or_u                 FE35   access 1
        i32.atomic.rmw16.or_u                FE36   access 2
        i64.atomic.rmw8.or_u                 FE37   access 1
        i64.atomic.rmw16.or_u                FE38   access 2
        i64.atomic.rmw32.or_u                FE39   access 4
        i32.atomic.rmw.xor                   FE3A   access 4
        i64.atomic.rmw.xor                   FE3B   access 8
        i32.atomic.rmw8.xor_u                FE3C   access 1
        i32.atomic.rmw16.xor_u               FE3D   access 2
        i64.atomic.rmw8.xor_u                FE3E   access 1
        i64.atomic.rmw16.xor_u               FE3F   access 2
        i64.atomic.rmw32.xor_u               FE40   access 4
        i32.atomic.rmw.xchg                  FE41   access 4
        i64.atomic.rmw.xchg                  FE42   access 8
        i32.atomic.rmw8.xchg_u               FE43   access 1
        i32.atomic.rmw16.xchg_u              FE44   access 2
        i64.atomic.rmw8.xchg_u               FE45   access 1
        i64.atomic.rmw16.xchg_u              FE46   access 2
        i64.atomic.rmw32.xchg_u              FE47   access 4
        i32.atomic.rmw.cmpxchg               FE48   access 4
        i64.atomic.rmw.cmpxchg               FE49   access 8
        i32.atomic.rmw8.cmpxchg_u            FE4A   access 1
        i32.atomic.rmw16.cmpxchg_u           FE4B   access 2
        i64.atomic.rmw8.cmpxchg_u            FE4C   access 1
        i64.atomic.rmw16.cmpxchg_u           FE4D   access 2
        i64.atomic.rmw32.cmpxchg_u           FE4E   access 4
        """u8;
}
