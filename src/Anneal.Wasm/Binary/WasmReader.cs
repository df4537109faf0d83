// A cursor over a range of a module's bytes that reads the binary format's primitives. Every read is checked against the
// range's end and fails with a typed exception, so a reader never leaves its range whatever the bytes are. The decoder
// reads sections with it, the validator whatever isn't on its fast path, and lowering function bodies: positions are
// offsets from the module's start throughout, which is what exceptions and source maps speak of.

using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Anneal.Wasm.Binary;

/// <summary>Reads LEB128 numbers, names, types and instructions from the range [position, end) of a module's bytes.</summary>
/// <param name="bytes">The whole module.</param>
/// <param name="start">Where to start reading.</param>
/// <param name="end">Where the range ends.</param>
/// <param name="types">The types that type indices refer to.</param>
internal ref struct WasmReader(ReadOnlySpan<byte> bytes, int start, int end, ReadOnlySpan<FunctionType> types)
{
    private readonly ReadOnlySpan<byte> bytes = bytes[..end];

    /// <summary>The types known so far; a type index beyond them is invalid.</summary>
    public ReadOnlySpan<FunctionType> Types = types;

    /// <summary>The index of the type being defined, which its own definition may name; -1 outside the type section.</summary>
    public int SelfIndex = -1;

    /// <summary>The offset of the next byte.</summary>
    public int Position = start;

    /// <summary>The offset at which the range ends.</summary>
    public readonly int End => bytes.Length;

    /// <summary>Whether the range is used up.</summary>
    public readonly bool AtEnd => Position >= bytes.Length;

    /// <summary>The bytes left.</summary>
    public readonly int Remaining => bytes.Length - Position;

    /// <summary>Reads a byte.</summary>
    public byte ReadByte()
    {
        if ((uint)Position >= (uint)bytes.Length) throw Malformed("unexpected end");
        return bytes[Position++];
    }

    /// <summary>The next byte, left where it is.</summary>
    public readonly byte PeekByte()
    {
        if ((uint)Position >= (uint)bytes.Length) throw Malformed("unexpected end");
        return bytes[Position];
    }

    /// <summary>Passes over <paramref name="count"/> bytes.</summary>
    public void Skip(uint count)
    {
        if (count > (uint)Remaining) throw Malformed("unexpected end: length out of bounds");
        Position += (int)count;
    }

    /// <summary>Reads an unsigned 32-bit number.</summary>
    public uint ReadUnsigned32()
    {
        if ((uint)Position < (uint)bytes.Length)
        {
            byte first = bytes[Position];
            if (first < 0x80)
            {
                Position++;
                return first;
            }
        }

        return Leb128.ReadUnsigned32(bytes, ref Position, bytes.Length);
    }

    /// <summary>Reads an unsigned 64-bit number.</summary>
    public ulong ReadUnsigned64() => Leb128.ReadUnsigned64(bytes, ref Position, bytes.Length);

    /// <summary>Reads a signed 32-bit number.</summary>
    public int ReadSigned32() => Leb128.ReadSigned32(bytes, ref Position, bytes.Length);

    /// <summary>Reads a signed 33-bit number.</summary>
    public long ReadSigned33() => Leb128.ReadSigned33(bytes, ref Position, bytes.Length);

    /// <summary>Reads a signed 64-bit number.</summary>
    public long ReadSigned64() => Leb128.ReadSigned64(bytes, ref Position, bytes.Length);

    /// <summary>Reads the bits of a 32-bit float.</summary>
    public uint ReadFloat32Bits()
    {
        int at = Position;
        Skip(4);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    }

    /// <summary>Reads the bits of a 64-bit float.</summary>
    public ulong ReadFloat64Bits()
    {
        int at = Position;
        Skip(8);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
    }

    /// <summary>
    /// Reads the element count of a vector whose elements take at least <paramref name="elementBytes"/> each: what is
    /// returned fits in the bytes left, so it is safe to allocate by.
    /// </summary>
    public int ReadCount(int elementBytes, int limit, string what)
    {
        int at = Position;
        uint count = ReadUnsigned32();
        if ((ulong)count * (uint)elementBytes > (uint)Remaining)
            throw new MalformedModuleException($"unexpected end: length out of bounds ({count} {what})", at);
        if (count > (uint)limit) throw new InvalidModuleException($"more than {limit} {what}", at);
        return (int)count;
    }

    /// <summary>Reads a name (section 5.2.4).</summary>
    public string ReadName()
    {
        uint length = ReadUnsigned32();
        int at = Position;
        Skip(length);
        ReadOnlySpan<byte> text = bytes.Slice(at, (int)length);
        if (!Utf8.IsValid(text)) throw new MalformedModuleException("malformed UTF-8 encoding", at);
        return Encoding.UTF8.GetString(text);
    }

    /// <summary>Reads a value type (section 5.3.4).</summary>
    public ValueType ReadValueType()
    {
        int at = Position;
        byte code = ReadByte();
        switch (code)
        {
            case 0x7F: return ValueType.I32;
            case 0x7E: return ValueType.I64;
            case 0x7D: return ValueType.F32;
            case 0x7C: return ValueType.F64;
            case 0x7B: throw new UnsupportedFeatureException(Features.Simd, at);
            default:
                Position = at;
                return ReadReferenceType();
        }
    }

    /// <summary>Reads a reference type (section 5.3.5).</summary>
    public ValueType ReadReferenceType()
    {
        int at = Position;
        byte code = ReadByte();
        switch (code)
        {
            case 0x64: return ReadHeapType(nullable: false);
            case 0x63: return ReadHeapType(nullable: true);
            case >= (byte)HeapKind.Exn and <= (byte)HeapKind.NoExn: return Abstract((HeapKind)code, nullable: true, at);
            default: throw new MalformedModuleException("malformed reference type", at);
        }
    }

    /// <summary>Reads a heap type and makes a reference type of it (section 5.3.3).</summary>
    public ValueType ReadHeapType(bool nullable)
    {
        int at = Position;
        byte code = PeekByte();
        if (code is >= 0x40 and < 0x80)
        {
            Position++;
            if (code is >= (byte)HeapKind.Exn and <= (byte)HeapKind.NoExn) return Abstract((HeapKind)code, nullable, at);
            throw new MalformedModuleException("malformed heap type", at);
        }

        long index = ReadSigned33();
        if (index < 0) throw new MalformedModuleException("malformed heap type", at);
        if (index == SelfIndex) return ValueType.Concrete(TypeRegistry.Self, nullable);
        return ValueType.Concrete(TypeAt(index, at).CanonicalId, nullable);
    }

    /// <summary>Reads a type index and resolves it.</summary>
    public FunctionType ReadTypeIndex()
    {
        int at = Position;
        return TypeAt(ReadUnsigned32(), at);
    }

    /// <summary>Reads a block type.</summary>
    public BlockType ReadBlockType()
    {
        int at = Position;
        byte code = PeekByte();
        if (code == 0x40)
        {
            Position++;
            return default;
        }

        if (code is >= 0x40 and < 0x80) return new BlockType(null, ReadValueType());
        long index = ReadSigned33();
        if (index < 0) throw new MalformedModuleException("malformed block type", at);
        return new BlockType(TypeAt(index, at), default);
    }

    /// <summary>Reads the immediates of a load or store.</summary>
    public MemoryArgument ReadMemoryArgument()
    {
        int at = Position;
        uint flags = ReadUnsigned32();
        if (flags >= 0x80) throw new MalformedModuleException("malformed memop flags", at);
        uint memory = (flags & 0x40) != 0 ? ReadUnsigned32() : 0;
        return new MemoryArgument(flags & 0x3F, memory, ReadUnsigned64());
    }

    /// <summary>Reads an opcode, prefix included.</summary>
    /// <exception cref="UnsupportedFeatureException">The opcode is one of a feature that the engine doesn't have.</exception>
    public WasmOpcode ReadOpcode()
    {
        int at = Position;
        byte first = ReadByte();
        uint index = WasmOpcodes.IsPrefix(first) ? ReadUnsigned32() : 0;
        WasmOpcode opcode = WasmOpcodes.IsPrefix(first) ? (WasmOpcode)((first << 8) | (byte)index) : (WasmOpcode)first;
        if (index > 0xFF || WasmOpcodes.Find(opcode) is null)
        {
            if (WasmOpcodes.FeatureOf(first, index) is { } feature) throw new UnsupportedFeatureException(feature, at);
            throw new MalformedModuleException(index == 0 ? $"illegal opcode {first:x2}" : $"illegal opcode {first:x2} {index:x2}", at);
        }

        return opcode;
    }

    /// <summary>Passes over an instruction's immediates, checking their form only.</summary>
    public void SkipImmediate(ImmediateKind kind)
    {
        switch (kind)
        {
            case ImmediateKind.None:
                break;
            case ImmediateKind.BlockType:
                ReadBlockType();
                break;
            case ImmediateKind.LabelTable:
                for (int i = ReadCount(1, ModuleLimits.BranchTableTargets, "branch table targets"); i >= 0; i--) ReadUnsigned32();
                break;
            case ImmediateKind.ValueTypes:
                for (int i = ReadCount(1, ModuleLimits.Results, "types"); i > 0; i--) ReadValueType();
                break;
            case ImmediateKind.MemoryArgument:
                ReadMemoryArgument();
                break;
            case ImmediateKind.I32:
                ReadSigned32();
                break;
            case ImmediateKind.I64:
                ReadSigned64();
                break;
            case ImmediateKind.F32:
                Skip(4);
                break;
            case ImmediateKind.F64:
                Skip(8);
                break;
            case ImmediateKind.HeapType:
                ReadHeapType(nullable: true);
                break;
            case ImmediateKind.TypeAndTable or ImmediateKind.TableAndTable or ImmediateKind.ElementAndTable
                or ImmediateKind.MemoryAndMemory or ImmediateKind.DataAndMemory:
                ReadUnsigned32();
                ReadUnsigned32();
                break;
            default:
                ReadUnsigned32();
                break;
        }
    }

    private readonly FunctionType TypeAt(long index, int at)
    {
        if (index >= Types.Length) throw new InvalidModuleException($"unknown type {index}", at);
        return Types[(int)index];
    }

    private static ValueType Abstract(HeapKind heap, bool nullable, int at) => heap switch
    {
        HeapKind.Func or HeapKind.NoFunc or HeapKind.Extern or HeapKind.NoExtern => ValueType.Reference(heap, nullable),
        HeapKind.Exn or HeapKind.NoExn => throw new UnsupportedFeatureException(Features.Exceptions, at),
        _ => throw new UnsupportedFeatureException(Features.Gc, at),
    };

    private readonly MalformedModuleException Malformed(string message) => new(message, Position);
}
