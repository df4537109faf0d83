// The immediates of instructions: read in the order of the text, written in the order of the binary.

using System.Numerics;

namespace Anneal.Wasm.Text;

internal sealed partial class WatCodeEncoder
{
    private static void Opcode(InstructionRow row, WasmBytes output, uint offset = 0)
    {
        if (row.Prefix == 0)
        {
            output.Byte((byte)(row.Opcode + offset));
            return;
        }
        output.Byte(row.Prefix);
        output.U32(row.Opcode + offset);
    }

    private void BlockHeader(InstructionRow row, WasmBytes output)
    {
        Opcode(row, output);
        types.BlockType(output);
        if (row.Immediate != ImmediateKind.TryTable)
            return;
        _scratch.Clear();
        uint count = 0;
        for (; TryCatchClause(); count++)
            cursor.Close();
        output.U32(count);
        output.Bytes(_scratch.Span);
    }

    private bool TryCatchClause()
    {
        bool reference = cursor.TryOpen("catch_ref"u8);
        if (reference || cursor.TryOpen("catch"u8))
        {
            _scratch.Byte((byte)(reference ? 1 : 0));
            _scratch.U32(spaces.Tags.Read(cursor));
            _scratch.U32(Label());
            return true;
        }
        reference = cursor.TryOpen("catch_all_ref"u8);
        if (!reference && !cursor.TryOpen("catch_all"u8))
            return false;
        _scratch.Byte((byte)(reference ? 3 : 2));
        _scratch.U32(Label());
        return true;
    }

    private void WithImmediates(InstructionRow row, WasmBytes output)
    {
        switch (row.Immediate)
        {
            case ImmediateKind.None:
                Opcode(row, output);
                break;
            case ImmediateKind.Local:
                if (LocalsUnknown && cursor.NextKind == WatTokenKind.Identifier)
                    throw cursor.Error("unknown type of the function, so its locals have no numbers");
                Index(row, Locals.Read(cursor), output);
                break;
            case ImmediateKind.Global:
                Index(row, spaces.Globals.Read(cursor), output);
                break;
            case ImmediateKind.Func:
                Index(row, spaces.Functions.Read(cursor), output);
                break;
            case ImmediateKind.Label:
                Index(row, Label(), output);
                break;
            case ImmediateKind.LabelTable:
                LabelTable(row, output);
                break;
            case ImmediateKind.CallIndirect:
                uint table = Optional(spaces.Tables);
                Index(row, types.TypeUse(null, named: false, out _), output);
                output.U32(table);
                break;
            case ImmediateKind.Tag:
                Index(row, spaces.Tags.Read(cursor), output);
                break;
            case ImmediateKind.Table:
                Index(row, Optional(spaces.Tables), output);
                break;
            case ImmediateKind.TableTable:
                BothOrNone(row, spaces.Tables, output);
                break;
            case ImmediateKind.TableElem:
                SegmentFirst(row, spaces.Tables, spaces.Elements, output);
                break;
            case ImmediateKind.Elem:
                Index(row, spaces.Elements.Read(cursor), output);
                break;
            case ImmediateKind.Memory:
                Index(row, Optional(spaces.Memories), output);
                break;
            case ImmediateKind.MemoryMemory:
                BothOrNone(row, spaces.Memories, output);
                break;
            case ImmediateKind.MemoryData:
                UsesDataIndex = true;
                SegmentFirst(row, spaces.Memories, spaces.Data, output);
                break;
            case ImmediateKind.Data:
                UsesDataIndex = true;
                Index(row, spaces.Data.Read(cursor), output);
                break;
            case ImmediateKind.Access or ImmediateKind.AccessLane:
                Access(row, output);
                break;
            case ImmediateKind.ConstI32 or ImmediateKind.ConstI64 or ImmediateKind.ConstF32 or ImmediateKind.ConstF64:
                Constant(row, output);
                break;
            default:
                RareImmediates(row, output);
                break;
        }
    }

    private void RareImmediates(InstructionRow row, WasmBytes output)
    {
        switch (row.Immediate)
        {
            case ImmediateKind.Type:
                Index(row, types.Space.Read(cursor), output);
                break;
            case ImmediateKind.TypeField:
                uint type = types.Space.Read(cursor);
                Index(row, type, output);
                output.U32(types.FieldsOf(type) is { } fields ? fields.Read(cursor) : cursor.U32());
                break;
            case ImmediateKind.TypeType:
                Index(row, types.Space.Read(cursor), output);
                output.U32(types.Space.Read(cursor));
                break;
            case ImmediateKind.TypeCount:
                Index(row, types.Space.Read(cursor), output);
                output.U32(cursor.U32());
                break;
            case ImmediateKind.TypeData:
                UsesDataIndex = true;
                Index(row, types.Space.Read(cursor), output);
                output.U32(spaces.Data.Read(cursor));
                break;
            case ImmediateKind.TypeElem:
                Index(row, types.Space.Read(cursor), output);
                output.U32(spaces.Elements.Read(cursor));
                break;
            case ImmediateKind.HeapType:
                Opcode(row, output);
                output.S64(types.HeapType());
                break;
            case ImmediateKind.RefType:
                bool nullable = types.ReferenceType(out long heapType);
                Opcode(row, output, nullable ? 1u : 0u);
                output.S64(heapType);
                break;
            case ImmediateKind.LabelCast:
                LabelCast(row, output);
                break;
            case ImmediateKind.Lane:
                Opcode(row, output);
                output.Byte(cursor.Lane());
                break;
            case ImmediateKind.Lanes:
                Opcode(row, output);
                for (int i = 0; i < 16; i++)
                {
                    if (cursor.NextKind != WatTokenKind.Number)
                        throw cursor.Error("invalid lane length: sixteen lanes are expected");
                    output.Byte(cursor.Lane());
                }
                break;
            case ImmediateKind.ConstV128:
                Opcode(row, output);
                WatVectorLiteral.Read(cursor, output.Take(16));
                break;
            case ImmediateKind.Select:
                Select(row, output);
                break;
            case ImmediateKind.Fence:
                Opcode(row, output);
                output.Byte(0);
                break;
            default:
                throw new InvalidOperationException($"no reader for immediate {row.Immediate}");
        }
    }

    private static void Index(InstructionRow row, uint index, WasmBytes output)
    {
        Opcode(row, output);
        output.U32(index);
    }

    private uint Optional(IndexSpace space) => IndexSpace.IsNext(cursor) ? space.Read(cursor) : 0;

    private void BothOrNone(InstructionRow row, IndexSpace space, WasmBytes output)
    {
        uint destination = 0, source = 0;
        if (IndexSpace.IsNext(cursor))
        {
            destination = space.Read(cursor);
            source = space.Read(cursor);
        }
        Index(row, destination, output);
        output.U32(source);
    }

    // The text has the table or memory first, where it has it at all; the binary has the segment first. A first index that
    // turns out to be alone was the segment's, so it is read only once the second is seen.
    private void SegmentFirst(InstructionRow row, IndexSpace space, IndexSpace segments, WasmBytes output)
    {
        uint index = 0;
        if (IndexSpace.IsNext(cursor)
            && cursor.Source[cursor.Position + 1].Kind is WatTokenKind.Identifier or WatTokenKind.Number)
            index = space.Read(cursor);
        Index(row, segments.Read(cursor), output);
        output.U32(index);
    }

    private void LabelTable(InstructionRow row, WasmBytes output)
    {
        Opcode(row, output);
        _scratch.Clear();
        uint count = 0;
        do
        {
            _scratch.U32(Label());
            count++;
        }
        while (IndexSpace.IsNext(cursor));
        output.U32(count - 1);
        output.Bytes(_scratch.Span);
    }

    private void LabelCast(InstructionRow row, WasmBytes output)
    {
        uint label = Label();
        bool fromNullable = types.ReferenceType(out long from);
        bool toNullable = types.ReferenceType(out long to);
        Opcode(row, output);
        output.Byte((byte)((fromNullable ? 1 : 0) | (toNullable ? 2 : 0)));
        output.U32(label);
        output.S64(from);
        output.S64(to);
    }

    private void Select(InstructionRow row, WasmBytes output)
    {
        if (!cursor.IsOpen("result"u8))
        {
            Opcode(row, output);
            return;
        }
        _scratch.Clear();
        uint count = 0;
        while (cursor.TryOpen("result"u8))
        {
            for (; cursor.NextKind != WatTokenKind.RightParen; count++)
                types.ValueType(_scratch);
            cursor.Close();
        }
        Opcode(row, output, 1);
        output.U32(count);
        output.Bytes(_scratch.Span);
    }

    private void Access(InstructionRow row, WasmBytes output)
    {
        bool lane = row.Immediate == ImmediateKind.AccessLane;
        uint memory = 0;
        if (cursor.NextKind == WatTokenKind.Identifier || (cursor.NextKind == WatTokenKind.Number && (!lane || !NumberIsLane())))
            memory = spaces.Memories.Read(cursor);
        ulong offset = 0;
        if (TryAssigned("offset="u8, out ulong written))
            offset = written;
        uint alignment = row.AlignmentLog2;
        if (TryAssigned("align="u8, out written))
        {
            if (!BitOperations.IsPow2(written))
                throw cursor.Source.Error(cursor.Source[cursor.Position - 1].Start, "alignment must be a power of two");
            alignment = (uint)BitOperations.Log2(written);
        }
        Opcode(row, output);
        output.U32(memory == 0 ? alignment : alignment | 0x40);
        if (memory != 0)
            output.U32(memory);
        output.U64(offset);
        if (lane)
            output.Byte(cursor.Lane());
    }

    // A number before a lane access's other immediates is a memory, alone it is the lane.
    private bool NumberIsLane()
    {
        WatToken second = cursor.Source[cursor.Position + 1];
        ReadOnlySpan<byte> word = cursor.Source.Bytes(second);
        return second.Kind != WatTokenKind.Number
            && !(second.Kind == WatTokenKind.Keyword && (word.StartsWith("offset="u8) || word.StartsWith("align="u8)));
    }

    private bool TryAssigned(ReadOnlySpan<byte> key, out ulong value)
    {
        value = 0;
        if (cursor.NextKind != WatTokenKind.Keyword || !cursor.Source.Bytes(cursor.Next).StartsWith(key))
            return false;
        ReadOnlySpan<byte> digits = cursor.Source.Bytes(cursor.Next)[key.Length..];
        switch (WatNumber.Unsigned(digits, ulong.MaxValue, out value))
        {
            case WatNumberStatus.Malformed:
                throw cursor.Error($"unknown operator {cursor.Source.Describe(cursor.Next)}");
            case WatNumberStatus.OutOfRange:
                throw cursor.Error("i64 constant out of range");
        }
        cursor.Position++;
        return true;
    }

    private void Constant(InstructionRow row, WasmBytes output)
    {
        Opcode(row, output);
        switch (row.Immediate)
        {
            case ImmediateKind.ConstI32:
                output.S64((int)cursor.Integer(32));
                break;
            case ImmediateKind.ConstI64:
                output.S64((long)cursor.Integer(64));
                break;
            case ImmediateKind.ConstF32:
                output.Fixed32(cursor.Float32());
                break;
            default:
                output.Fixed64(cursor.Float64());
                break;
        }
    }
}
