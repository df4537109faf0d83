// The types of an object's .BTF section. Read once into a table; what follows a type (members, variables) is decoded when asked
// for. All numbers in it are hostile: type references are checked where they are followed, and chains of them are bounded.

using System.Buffers.Binary;
using Anneal.Ebpf.Elf;

namespace Anneal.Ebpf.Btf;

/// <summary>The BTF types of an object.</summary>
internal sealed class BtfTypes
{
    private const string Where = ".BTF";
    private const ushort Magic = 0xEB9F;
    private const int MinHeader = 24;
    private const int MaxDepth = 32;
    private readonly ReadOnlyMemory<byte> typeData;
    private readonly ReadOnlyMemory<byte> strings;
    private readonly List<BtfType> types = [default];

    // A short record can name a long text, and many records the same one.
    private readonly Dictionary<uint, string> names = [];

    private BtfTypes(ReadOnlyMemory<byte> section)
    {
        ReadOnlySpan<byte> bytes = section.Span;
        if (bytes.Length < MinHeader || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Magic) throw Invalid(0, "not BTF of this byte order");
        if (bytes[2] != 1) throw Invalid(2, $"version {bytes[2]}");
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (header < MinHeader || header > bytes.Length) throw Invalid(4, $"a header of {header} bytes");
        typeData = Part(section, header, 8, "types");
        strings = Part(section, header, 16, "names");
        ReadTypes();
    }

    /// <summary>The number of types, the void type included.</summary>
    public int Count => types.Count;

    /// <summary>Reads a .BTF section.</summary>
    /// <exception cref="ObjectFormatException">It's damaged.</exception>
    public static BtfTypes Read(ReadOnlyMemory<byte> section) => new(section);

    /// <summary>A type by number.</summary>
    public BtfType this[int number] => (uint)number < (uint)types.Count ? types[number] : throw Invalid(-1, $"type {number} of {types.Count}");

    /// <summary>A name by offset.</summary>
    public string NameAt(uint offset)
    {
        if (names.TryGetValue(offset, out string? known)) return known;
        string name = ElfFile.TextAt(strings.Span, offset, Where);
        names.Add(offset, name);
        return name;
    }

    /// <summary>The type behind typedefs and qualifiers.</summary>
    public int Resolve(int number)
    {
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            BtfType type = this[number];
            if (type.Kind is not (BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag)) return number;
            number = Reference(type.SizeOrType);
        }

        throw Invalid(-1, $"type {number}: more than {MaxDepth} types one behind the other");
    }

    /// <summary>The size of a type's values in bytes.</summary>
    public long SizeOf(int number)
    {
        long elements = 1;
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            number = Resolve(number);
            BtfType type = this[number];
            switch (type.Kind)
            {
                case BtfKind.Int or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Float or BtfKind.DataSection:
                    return Checked(elements, type.SizeOrType, number);
                case BtfKind.Pointer:
                    return Checked(elements, sizeof(ulong), number);
                case BtfKind.Array:
                    (int element, uint count) = ArrayOf(type);
                    elements = Checked(elements, count, number);
                    number = element;
                    break;
                case BtfKind.Variable:
                    number = Reference(type.SizeOrType);
                    break;
                default:
                    throw Invalid(-1, $"type {number} ({type.Kind} {type.Name}) has no size");
            }
        }

        throw Invalid(-1, $"type {number}: too deep");
    }

    /// <summary>An array's element type and count.</summary>
    public (int Element, uint Count) ArrayOf(BtfType type) =>
        (Reference(UInt32(type.Data)), UInt32(type.Data + 8));

    /// <summary>The members of a structure or union.</summary>
    public IEnumerable<BtfMember> Members(int number)
    {
        BtfType type = this[Resolve(number)];
        if (type.Kind is not (BtfKind.Struct or BtfKind.Union)) throw Invalid(-1, $"type {number} ({type.Kind} {type.Name}) isn't a structure");
        for (int i = 0; i < type.Count; i++)
        {
            int at = type.Data + (i * 12);
            // With the kind flag, the upper byte is the width of a bit field.
            yield return new BtfMember(NameAt(UInt32(at)), Reference(UInt32(at + 4)), (UInt32(at + 8) & 0xFF_FFFF) / 8, 0);
        }
    }

    /// <summary>The variables of a data section; empty if there's no such section.</summary>
    public IEnumerable<BtfMember> Variables(string section)
    {
        foreach (BtfType type in types)
        {
            if (type.Kind != BtfKind.DataSection || type.Name != section) continue;
            for (int i = 0; i < type.Count; i++)
            {
                int at = type.Data + (i * 12);
                int variable = Reference(UInt32(at));
                if (this[variable].Kind != BtfKind.Variable) throw Invalid(at, $"type {variable} in {section} isn't a variable");
                yield return new BtfMember(this[variable].Name, Reference(this[variable].SizeOrType), UInt32(at + 4), UInt32(at + 8));
            }
        }
    }

    public static ObjectFormatException Invalid(long offset, string message) => new(Where, offset, message);

    private static ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> section, uint header, int at, string what)
    {
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(section.Span[at..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(section.Span[(at + 4)..]);
        if ((ulong)header + offset + length > (ulong)section.Length) throw Invalid(at, $"the {what} are beyond the end");
        return section.Slice((int)(header + offset), (int)length);
    }

    private void ReadTypes()
    {
        int at = 0;
        while (at < typeData.Length)
        {
            if (typeData.Length - at < 12) throw Invalid(at, "a type is cut off");
            uint info = UInt32(at + 4);
            int count = (int)(info & 0xFFFF);
            var kind = (BtfKind)((info >> 24) & 31);
            int extra = kind switch
            {
                BtfKind.Int or BtfKind.Variable or BtfKind.DeclarationTag => 4,
                BtfKind.Array => 12,
                BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => count * 12,
                BtfKind.Enum or BtfKind.Prototype => count * 8,
                > BtfKind.Void and <= BtfKind.Enum64 => 0,
                _ => throw Invalid(at, $"a type of kind {(int)kind}"),
            };
            if (typeData.Length - at - 12 < extra) throw Invalid(at, $"what belongs to type {types.Count} is cut off");
            types.Add(new BtfType(kind, NameAt(UInt32(at)), count, UInt32(at + 8), at + 12));
            at += 12 + extra;
        }
    }

    private uint UInt32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(typeData.Span[at..]);

    private static int Reference(uint number) => number <= int.MaxValue ? (int)number : throw Invalid(-1, $"type {number}");

    private static long Checked(long elements, uint size, int number)
    {
        UInt128 total = (UInt128)(ulong)elements * size;
        return total <= int.MaxValue ? (long)total : throw Invalid(-1, $"type {number} has {total} bytes");
    }
}
