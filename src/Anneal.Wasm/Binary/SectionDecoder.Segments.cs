// The parts shared by several sections (entity types, constant expressions) and the element and data segments.

namespace Anneal.Wasm.Binary;

internal sealed partial class SectionDecoder
{
    private const uint SegmentPassive = 1;
    private const uint SegmentExplicit = 2;
    private const uint SegmentExpressions = 4;

    private static TableType DecodeTableType(ref WasmReader reader)
    {
        ValueType element = reader.ReadReferenceType();
        (Limits limits, bool isShared, bool is64) = DecodeLimits(ref reader);
        return isShared ? throw new UnsupportedFeatureException(Features.Threads, reader.Position) : new TableType(element, limits, is64);
    }

    private static MemoryType DecodeMemoryType(ref WasmReader reader)
    {
        (Limits limits, bool isShared, bool is64) = DecodeLimits(ref reader);
        return new MemoryType(limits, isShared, is64);
    }

    private static (Limits Limits, bool IsShared, bool Is64) DecodeLimits(ref WasmReader reader)
    {
        int at = reader.Position;
        byte flags = reader.ReadByte();
        if (flags > 7) throw new MalformedModuleException("malformed limits flags", at);
        if ((flags & 2) != 0) throw new UnsupportedFeatureException(Features.Threads, at);
        if ((flags & 4) != 0) throw new UnsupportedFeatureException(Features.Memory64, at);
        ulong minimum = reader.ReadUnsigned64();
        ulong? maximum = (flags & 1) != 0 ? reader.ReadUnsigned64() : null;
        return (new Limits(minimum, maximum), false, false);
    }

    private static GlobalType DecodeGlobalType(ref WasmReader reader)
    {
        ValueType content = reader.ReadValueType();
        byte mutability = reader.ReadByte();
        if (mutability > 1) throw new MalformedModuleException("malformed mutability", reader.Position - 1);
        return new GlobalType(content, mutability == 1);
    }

    private static FunctionType DecodeTag(ref WasmReader reader)
    {
        if (reader.ReadByte() != 0) throw new MalformedModuleException("zero byte expected: tag attribute", reader.Position - 1);
        return reader.ReadTypeIndex();
    }

    // Finds where an expression ends. It may be any expression: that only some instructions are constant is validity.
    private ConstantExpression DecodeExpression(ref WasmReader reader)
    {
        int start = reader.Position;
        int depth = 0;
        while (true)
        {
            if (reader.AtEnd) throw new MalformedModuleException("unexpected end: END opcode expected", reader.Position);
            WasmOpcode opcode = reader.ReadOpcode();
            switch (opcode)
            {
                case WasmOpcode.Block or WasmOpcode.Loop or WasmOpcode.If:
                    depth++;
                    goto default;
                case WasmOpcode.End when depth-- == 0:
                    return new ConstantExpression(start, reader.Position);
                case WasmOpcode.RefFunc:
                    referencedFunctions.Add((int)reader.ReadUnsigned32());
                    break;
                default:
                    reader.SkipImmediate(WasmOpcodes.Find(opcode)!.Immediate);
                    break;
            }
        }
    }

    private void DecodeElements(ref WasmReader reader)
    {
        int count = reader.ReadCount(2, ModuleLimits.ElementSegments, "element segments");
        module.Elements = new ElementSegment[count];
        for (int i = 0; i < count; i++) module.Elements[i] = DecodeElement(ref reader);
    }

    private ElementSegment DecodeElement(ref WasmReader reader)
    {
        int at = reader.Position;
        uint flags = reader.ReadUnsigned32();
        if (flags > 7) throw new MalformedModuleException("malformed elements segment kind", at);
        var segment = new ElementSegment();
        bool isExplicit = (flags & SegmentExplicit) != 0;
        bool hasExpressions = (flags & SegmentExpressions) != 0;
        if ((flags & SegmentPassive) != 0)
        {
            segment.Mode = isExplicit ? SegmentMode.Declarative : SegmentMode.Passive;
        }
        else
        {
            segment.Table = isExplicit ? (int)reader.ReadUnsigned32() : 0;
            segment.Offset = DecodeExpression(ref reader);
        }

        // Only the flags' shortest forms, 0 and 4, leave the type out.
        bool hasType = (flags & (SegmentPassive | SegmentExplicit)) != 0;
        if (hasExpressions) segment.Type = hasType ? reader.ReadReferenceType() : ValueType.FuncRef;
        else segment.Type = ValueType.Reference(HeapKind.Func, nullable: false);
        if (!hasExpressions && hasType && reader.ReadByte() != 0)
            throw new MalformedModuleException("malformed element kind", reader.Position - 1);

        int length = reader.ReadCount(1, ModuleLimits.TableElements, "elements");
        if (hasExpressions)
        {
            segment.Expressions = new ConstantExpression[length];
            for (int i = 0; i < length; i++) segment.Expressions[i] = DecodeExpression(ref reader);
        }
        else
        {
            segment.Functions = new int[length];
            for (int i = 0; i < length; i++) segment.Functions[i] = (int)reader.ReadUnsigned32();
            foreach (int function in segment.Functions) referencedFunctions.Add(function);
        }

        return segment;
    }

    private void DecodeData(ref WasmReader reader)
    {
        int count = reader.ReadCount(2, ModuleLimits.DataSegments, "data segments");
        module.Datas = new DataSegment[count];
        for (int i = 0; i < count; i++)
        {
            int at = reader.Position;
            uint flags = reader.ReadUnsigned32();
            if (flags > SegmentExplicit) throw new MalformedModuleException("malformed data segment kind", at);
            SegmentMode mode = flags == SegmentPassive ? SegmentMode.Passive : SegmentMode.Active;
            int memory = flags == SegmentExplicit ? (int)reader.ReadUnsigned32() : 0;
            ConstantExpression offset = mode == SegmentMode.Active ? DecodeExpression(ref reader) : default;
            uint length = reader.ReadUnsigned32();
            int start = reader.Position;
            reader.Skip(length);
            module.Datas[i] = new DataSegment(mode, memory, offset, start, (int)length);
        }
    }
}
