// Reads ELF files of the one kind that eBPF objects are: 64 bits, little-endian, relocatable, machine 247; for their types,
// others of 64 bits too. Everything in the file is hostile: offsets and sizes are checked before use, and tables against the
// file's size before memory is taken.

using System.Buffers.Binary;
using System.Text;

namespace Anneal.Ebpf.Elf;

/// <summary>An ELF file: sections, symbols, relocations.</summary>
internal sealed class ElfFile
{
    private const int HeaderBytes = 64;
    private const int SectionBytes = 64;
    private const int SymbolBytes = 24;
    private const int RelocationBytes = 16;
    private const int MaxSections = 0xFF00;
    private const ushort Relocatable = 1;
    private const ushort BpfMachine = 247;
    private const int MaxName = 4096;
    private readonly ReadOnlyMemory<byte> file;

    private ElfFile(ReadOnlyMemory<byte> file, bool anyKind)
    {
        this.file = file;
        Sections = ReadSections(anyKind);
        SymbolTable = Array.Find(Sections, section => section.Type == ElfSection.Symbols);
        Symbols = ReadSymbols();
    }

    public ElfSection[] Sections { get; }

    public ElfSymbol[] Symbols { get; }

    private ElfSection? SymbolTable { get; }

    private ReadOnlySpan<byte> Bytes => file.Span;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ObjectFormatException">It isn't an ELF file of the right kind, or is damaged.</exception>
    public static ElfFile Read(ReadOnlyMemory<byte> file) => new(file, anyKind: false);

    /// <summary>Reads a file that may be for another machine, or linked.</summary>
    /// <exception cref="ObjectFormatException">It isn't an ELF file of 64 bits, little-endian, or is damaged.</exception>
    public static ElfFile ReadAny(ReadOnlyMemory<byte> file) => new(file, anyKind: true);

    /// <summary>The section of that name, or null.</summary>
    public ElfSection? Find(string name) => Array.Find(Sections, section => section.Name == name);

    /// <summary>The bytes of a section; empty for one without.</summary>
    public ReadOnlyMemory<byte> BytesOf(ElfSection section) =>
        section.Type == ElfSection.NoBits ? default : file.Slice(section.Offset, (int)section.Size);

    /// <summary>The relocations that apply to a section, by offset.</summary>
    public List<ElfRelocation> RelocationsOf(ElfSection section)
    {
        var result = new List<ElfRelocation>();
        foreach (ElfSection table in Sections)
        {
            if (table.Info != section.Index || table.Type is not (ElfSection.Relocations or ElfSection.RelocationsWithAddends)) continue;
            if (table.Type == ElfSection.RelocationsWithAddends) throw new ObjectFormatException(table.Name, -1, "relocations with addends, which eBPF objects don't have");
            if (SymbolTable is null || table.Link != SymbolTable.Index) throw new ObjectFormatException(table.Name, -1, "relocations without the symbol table");
            ReadOnlySpan<byte> bytes = BytesOf(table).Span;
            if (bytes.Length % RelocationBytes != 0) throw new ObjectFormatException(table.Name, bytes.Length, "half a relocation at the end");
            for (int at = 0; at < bytes.Length; at += RelocationBytes)
            {
                ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
                ulong info = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at + 8)..]);
                if (offset >= (ulong)section.Size) throw new ObjectFormatException(table.Name, at, $"relocates 0x{offset:x}, beyond the section's end");
                uint symbol = (uint)(info >> 32);
                if (symbol >= (uint)Symbols.Length) throw new ObjectFormatException(table.Name, at, $"symbol {symbol} of {Symbols.Length}");
                result.Add(new ElfRelocation((long)offset, (uint)info, Symbols[symbol]));
            }
        }

        result.Sort(static (x, y) => x.Offset.CompareTo(y.Offset));
        return result;
    }

    /// <summary>The text up to a zero byte.</summary>
    public static string TextAt(ReadOnlySpan<byte> table, long offset, string where)
    {
        if ((ulong)offset >= (ulong)table.Length) throw new ObjectFormatException(where, offset, "a name beyond the end of the names");
        ReadOnlySpan<byte> rest = table[(int)offset..];
        int end = rest.IndexOf((byte)0);
        if (end < 0) throw new ObjectFormatException(where, offset, "a name without an end");
        if (end > MaxName) throw new ObjectFormatException(where, offset, $"a name of {end} characters");
        return Encoding.UTF8.GetString(rest[..end]);
    }

    private ElfSection[] ReadSections(bool anyKind)
    {
        ReadOnlySpan<byte> header = Bytes;
        if (header.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(header) != 0x7F45_4C46) throw Header(0, "not an ELF file");
        if (header.Length < HeaderBytes) throw Header(header.Length, "the ELF file ends inside its header");
        if (header[4] != 2) throw Header(4, "not an ELF file of 64 bits");
        if (header[5] != 1) throw Header(5, "not a little-endian ELF file");
        ushort kind = BinaryPrimitives.ReadUInt16LittleEndian(header[16..]);
        if (!anyKind && kind != Relocatable) throw Header(16, $"an ELF file of kind {kind}: only relocatable objects can be loaded");
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(header[18..]);
        if (!anyKind && machine != BpfMachine) throw Header(18, $"an ELF file for machine {machine}, not eBPF");
        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(header[40..]);
        int entry = BinaryPrimitives.ReadUInt16LittleEndian(header[58..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[60..]);
        int names = BinaryPrimitives.ReadUInt16LittleEndian(header[62..]);
        if (count == 0 || count > MaxSections) throw Header(60, $"{count} sections");
        if (entry != SectionBytes) throw Header(58, $"section headers of {entry} bytes");
        if (table > (ulong)header.Length || (ulong)count * SectionBytes > (ulong)header.Length - table) throw Header(40, "the section headers are beyond the end of the file");
        if (names >= count) throw Header(62, $"names in section {names} of {count}");
        ReadOnlySpan<byte> headers = header.Slice((int)table, count * SectionBytes);
        ElfSection nameSection = ReadSection(headers, names, default);
        ReadOnlySpan<byte> nameBytes = nameSection.Type == ElfSection.Strings ? BytesOf(nameSection).Span : throw Header(62, $"section {names} has no names");
        var sections = new ElfSection[count];
        for (int i = 0; i < count; i++) sections[i] = ReadSection(headers, i, nameBytes);
        return sections;
    }

    private ElfSection ReadSection(ReadOnlySpan<byte> headers, int index, ReadOnlySpan<byte> names)
    {
        ReadOnlySpan<byte> header = headers.Slice(index * SectionBytes, SectionBytes);
        uint nameOffset = BinaryPrimitives.ReadUInt32LittleEndian(header);
        string name = names.IsEmpty ? "names" : TextAt(names, nameOffset, "names");
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        if (size > int.MaxValue) throw new ObjectFormatException(name, -1, $"a section of {size} bytes");
        bool inFile = type is not (0 or ElfSection.NoBits);
        if (inFile && (offset > (ulong)Bytes.Length || size > (ulong)Bytes.Length - offset))
            throw new ObjectFormatException(name, -1, $"{size} bytes at 0x{offset:x} are beyond the end of the file");
        if (type == 0) size = 0;
        return new ElfSection(
            index,
            name,
            type,
            BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
            inFile ? (int)offset : 0,
            (long)size,
            (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header[40..]), int.MaxValue),
            (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header[44..]), int.MaxValue));
    }

    private ElfSymbol[] ReadSymbols()
    {
        if (SymbolTable is not { } table) return [];
        if ((uint)table.Link >= (uint)Sections.Length || Sections[table.Link].Type != ElfSection.Strings)
            throw new ObjectFormatException(table.Name, -1, $"names in section {table.Link}");
        ReadOnlySpan<byte> names = BytesOf(Sections[table.Link]).Span;
        ReadOnlySpan<byte> bytes = BytesOf(table).Span;
        if (bytes.Length % SymbolBytes != 0) throw new ObjectFormatException(table.Name, bytes.Length, "half a symbol at the end");
        var symbols = new ElfSymbol[bytes.Length / SymbolBytes];
        for (int i = 0; i < symbols.Length; i++)
        {
            ReadOnlySpan<byte> symbol = bytes.Slice(i * SymbolBytes, SymbolBytes);
            int kind = symbol[4] & 15;
            int section = BinaryPrimitives.ReadUInt16LittleEndian(symbol[6..]);
            bool isReal = section > 0 && section < Sections.Length;
            string name = kind == ElfSymbol.WholeSection && isReal
                ? Sections[section].Name
                : TextAt(names, BinaryPrimitives.ReadUInt32LittleEndian(symbol), table.Name);
            symbols[i] = new ElfSymbol(
                name,
                kind,
                symbol[4] >> 4 == 0,
                symbol[4] >> 4 == 2,
                isReal ? section : 0,
                BinaryPrimitives.ReadUInt64LittleEndian(symbol[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(symbol[16..]));
        }

        return symbols;
    }

    private static ObjectFormatException Header(long offset, string message) => new("header", offset, message);
}
