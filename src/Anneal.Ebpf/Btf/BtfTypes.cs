// The types of an object's .BTF section. Read once into a table; what follows a type (members, variables) is decoded when asked
// for. All numbers in it are hostile: type references are checked where they are followed, and chains of them are bounded.

using System.Buffers.Binary;
using Anneal.Ebpf.Elf;

namespace Anneal.Ebpf.Btf;

/// <summary>The BTF types of an object.</summary>
internal sealed class BtfTypes
{
    private const string Own = ".BTF";
    private const ushort Magic = 0xEB9F;
    private const int MinHeader = 24;
    private const int MaxDepth = 32;
    private const int MaxText = 100;
    private readonly ReadOnlyMemory<byte> typeData;
    private readonly ReadOnlyMemory<byte> strings;
    private readonly List<BtfType> types = [new BtfType(BtfKind.Void, "", 0, 0, 0, false)];
    private readonly string where;

    // A short record can name a long text, and many records the same one.
    private readonly Dictionary<int, string> names = [];

    private BtfTypes(ReadOnlyMemory<byte> section, string where)
    {
        this.where = where;
        ReadOnlySpan<byte> bytes = section.Span;
        if (bytes.Length < MinHeader || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Magic) throw Fault(0, "not BTF of this byte order");
        if (bytes[2] != 1) throw Fault(2, $"version {bytes[2]}");
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (header < MinHeader || header > bytes.Length) throw Fault(4, $"a header of {header} bytes");
        typeData = Part(section, header, 8, "types");
        strings = Part(section, header, 16, "names");
        ReadTypes();
    }

    /// <summary>The number of types, the void type included.</summary>
    public int Count => types.Count;

    /// <summary>Reads a .BTF section.</summary>
    /// <param name="section">Its bytes.</param>
    /// <param name="where">What messages call it.</param>
    /// <exception cref="ObjectFormatException">It's damaged.</exception>
    public static BtfTypes Read(ReadOnlyMemory<byte> section, string where = Own) => new(section, where);

    /// <summary>A type by number.</summary>
    public BtfType this[int number] => (uint)number < (uint)types.Count ? types[number] : throw Fault(-1, $"type {number} of {types.Count}");

    /// <summary>A name by offset.</summary>
    public string NameAt(uint offset)
    {
        if (names.TryGetValue((int)offset, out string? known)) return known;
        string name = ElfFile.TextAt(strings.Span, offset, where);
        names.Add((int)offset, name);
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

        throw Fault(-1, $"type {number}: more than {MaxDepth} types one behind the other");
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
                    throw Fault(-1, $"type {number} ({type.Kind} {type.Name}) has no size");
            }
        }

        throw Fault(-1, $"type {number}: too deep");
    }

    /// <summary>An array's element type and count.</summary>
    public (int Element, uint Count) ArrayOf(BtfType type) =>
        (Reference(UInt32(type.Data)), UInt32(type.Data + 8));

    /// <summary>The members of a structure or union.</summary>
    public IEnumerable<BtfMember> Members(int number)
    {
        BtfType type = this[Resolve(number)];
        if (type.Kind is not (BtfKind.Struct or BtfKind.Union)) throw Fault(-1, $"type {number} ({type.Kind} {type.Name}) isn't a structure");
        for (int i = 0; i < type.Count; i++)
        {
            int at = type.Data + (i * 12);
            // With the kind flag, the upper byte is the width of a bit field.
            yield return new BtfMember(NameAt(UInt32(at)), Reference(UInt32(at + 4)), (UInt32(at + 8) & 0xFF_FFFF) / 8, 0);
        }
    }

    /// <summary>A type as messages name it.</summary>
    public string Describe(int number)
    {
        BtfType type = this[number];
        string kind = type.Kind switch
        {
            BtfKind.Struct => "struct",
            BtfKind.Union => "union",
            BtfKind.Enum or BtfKind.Enum64 => "enum",
            BtfKind.Int or BtfKind.Float or BtfKind.Typedef => "",
            _ => type.Kind.ToString().ToLowerInvariant(),
        };
        string name = type.Name.Length switch
        {
            0 => "without a name",
            > MaxText => $"{type.Name[..MaxText]}...",
            _ => type.Name,
        };
        return $"{kind} {name}".Trim();
    }

    /// <summary>A name without its flavor: what follows three underscores, with other characters around them, tells versions of a type apart.</summary>
    public static ReadOnlySpan<char> WithoutFlavor(ReadOnlySpan<char> name)
    {
        for (int at = name.Length - 5; at >= 0; at--)
        {
            if (name[at] != '_' && name[at + 4] != '_' && name.Slice(at + 1, 3).SequenceEqual("___")) return name[..(at + 1)];
        }

        return name;
    }

    /// <summary>The member of a structure or union with that index, which must be less than the count.</summary>
    public BtfField Field(BtfType composite, int index)
    {
        int at = composite.Data + (index * 12);
        uint offset = UInt32(at + 8);
        return composite.KindFlag
            ? new BtfField(NameAt(UInt32(at)), Reference(UInt32(at + 4)), offset & 0xFF_FFFF, (int)(offset >> 24))
            : new BtfField(NameAt(UInt32(at)), Reference(UInt32(at + 4)), offset, 0);
    }

    /// <summary>The name of an enumeration's constant with that index, which must be less than the count.</summary>
    public string EnumeratorName(BtfType enumeration, int index) =>
        NameAt(UInt32(enumeration.Data + (index * (enumeration.Kind == BtfKind.Enum64 ? 12 : 8))));

    /// <summary>The value of an enumeration's constant, as 64 bits.</summary>
    public ulong EnumeratorValue(BtfType enumeration, int index)
    {
        if (enumeration.Kind == BtfKind.Enum64) return UInt32(enumeration.Data + (index * 12) + 4) | ((ulong)UInt32(enumeration.Data + (index * 12) + 8) << 32);
        uint value = UInt32(enumeration.Data + (index * 8) + 4);
        // Old compilers don't say whether constants are signed, and mean that they are.
        return (ulong)(int)value;
    }

    /// <summary>The type of a function prototype's parameter.</summary>
    public int ParameterType(BtfType prototype, int index) => Reference(UInt32(prototype.Data + (index * 8) + 4));

    /// <summary>The type that a pointer, array element or prototype's result refers to.</summary>
    public int Referred(BtfType type) => Reference(type.SizeOrType);

    /// <summary>An integer's encoding (1: signed, 2: character, 4: boolean), and the offset of its first bit.</summary>
    public (int Encoding, int Offset) IntegerOf(BtfType integer)
    {
        uint data = UInt32(integer.Data);
        return ((int)(data >> 24) & 15, (int)(data >> 16) & 255);
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
                if (this[variable].Kind != BtfKind.Variable) throw Fault(at, $"type {variable} in {section} isn't a variable");
                yield return new BtfMember(this[variable].Name, Reference(this[variable].SizeOrType), UInt32(at + 4), UInt32(at + 8));
            }
        }
    }

    /// <summary>The error for something in the object's own types.</summary>
    public static ObjectFormatException Invalid(long offset, string message) => new(Own, offset, message);

    private ObjectFormatException Fault(long offset, string message) => new(where, offset, message);

    private ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> section, uint header, int at, string what)
    {
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(section.Span[at..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(section.Span[(at + 4)..]);
        if ((ulong)header + offset + length > (ulong)section.Length) throw Fault(at, $"the {what} are beyond the end");
        return section.Slice((int)(header + offset), (int)length);
    }

    private void ReadTypes()
    {
        int at = 0;
        while (at < typeData.Length)
        {
            if (typeData.Length - at < 12) throw Fault(at, "a type is cut off");
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
                _ => throw Fault(at, $"a type of kind {(int)kind}"),
            };
            if (typeData.Length - at - 12 < extra) throw Fault(at, $"what belongs to type {types.Count} is cut off");
            types.Add(new BtfType(kind, NameAt(UInt32(at)), count, UInt32(at + 8), at + 12, info >> 31 != 0));
            at += 12 + extra;
        }
    }

    private uint UInt32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(typeData.Span[at..]);

    private int Reference(uint number) => number <= int.MaxValue ? (int)number : throw Fault(-1, $"type {number}");

    private long Checked(long elements, uint size, int number)
    {
        // Elements are what came out of here, or a count: less than 2^32.
        ulong total = (ulong)elements * size;
        return total <= int.MaxValue ? (long)total : throw Fault(-1, $"type {number} has {total} bytes");
    }
}
