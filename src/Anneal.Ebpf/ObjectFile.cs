// An object file as it is: its programs, linked and well formed, and the definitions of its maps. Nothing is made or verified yet.

using System.Collections.Immutable;
using System.Text;
using Anneal.Ebpf.Btf;
using Anneal.Ebpf.Elf;

namespace Anneal.Ebpf;

/// <summary>A parsed eBPF object, as clang makes them.</summary>
public sealed class ObjectFile
{
    private const int MaxPrograms = 4096;

    private ObjectFile(ImmutableArray<EbpfProgram> programs, ImmutableArray<MapDefinition> maps, ImmutableArray<InitialMapValue> values, string license)
    {
        Programs = programs;
        Maps = maps;
        InitialValues = values;
        License = license;
    }

    /// <summary>The programs, in the order of the object's sections. Each has all the object's maps.</summary>
    public ImmutableArray<EbpfProgram> Programs { get; }

    /// <summary>The definitions of the maps, those of data sections included.</summary>
    public ImmutableArray<MapDefinition> Maps { get; }

    /// <summary>What maps of maps and program arrays hold from the start.</summary>
    public ImmutableArray<InitialMapValue> InitialValues { get; }

    /// <summary>The license, or empty.</summary>
    public string License { get; }

    /// <summary>Parses an object, with CO-RE relocations resolved against its own types.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="fallback">The type of programs whose section's name says none, or is .text; null: the former are refused, the latter plain memory's.</param>
    /// <param name="contents">What data sections (.rodata, .data, .bss) are to hold from the start, in place of what the file says; as long as the section.</param>
    /// <exception cref="ObjectFormatException">It isn't an eBPF object, is damaged, or has something in it that isn't supported.</exception>
    /// <exception cref="UnknownProgramTypeException">A section's name says no type for its programs, and there's no <paramref name="fallback"/>.</exception>
    /// <exception cref="InvalidEbpfProgramException">A program isn't well formed.</exception>
    public static ObjectFile Parse(ReadOnlyMemory<byte> file, ProgramType? fallback = null, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? contents = null) =>
        Parse(file, new ObjectOptions { Fallback = fallback, Contents = contents });

    /// <summary>Parses an object.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ObjectFormatException">It isn't an eBPF object, is damaged, or has something in it that isn't supported.</exception>
    /// <exception cref="UnknownProgramTypeException">A section's name says no type for its programs, and the options have none.</exception>
    /// <exception cref="InvalidEbpfProgramException">A program isn't well formed.</exception>
    public static ObjectFile Parse(ReadOnlyMemory<byte> file, ObjectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ElfFile elf = ElfFile.Read(file);
        BtfTypes? types = elf.Find(".BTF") is { } btf ? BtfTypes.Read(elf.BytesOf(btf)) : null;
        BtfLines? lines = null;
        CoreRelocations? core = null;
        if (types is not null && elf.Find(".BTF.ext") is { } extension)
        {
            lines = BtfLines.Read(elf.BytesOf(extension).Span, types);
            core = CoreRelocations.Read(elf.BytesOf(extension).Span, types);
        }

        ObjectMaps maps = ObjectMaps.Read(elf, types, options);
        string license = elf.Find("license") is { } section ? Text(elf.BytesOf(section).Span) : "";
        var linker = new ObjectLinker(elf, maps, lines, core, types is null ? null : new CoreResolver(types, options.TargetTypes));
        ImmutableArray<EbpfProgram>.Builder programs = ImmutableArray.CreateBuilder<EbpfProgram>();
        foreach (ElfSymbol symbol in Functions(elf))
        {
            string name = elf.Sections[symbol.Section].Name;
            ProgramType? told = name == ".text" && options.Fallback is not null ? null : ProgramTypes.OfSection(name);
            ProgramType type = told ?? options.Fallback ?? throw new UnknownProgramTypeException(name, (long)symbol.Value, symbol.Name);
            if (programs.Count == MaxPrograms) throw new ObjectFormatException(name, -1, $"more than {MaxPrograms} programs");
            programs.Add(linker.Link(symbol, type, license));
        }

        return new ObjectFile(programs.ToImmutable(), [.. maps.Definitions], Values(elf, maps), license);
    }

    // Programs are the functions of sections other than .text, whose functions are only called.
    private static List<ElfSymbol> Functions(ElfFile elf)
    {
        bool hasOwn = Array.Exists(elf.Symbols, symbol => IsProgram(elf, symbol) && elf.Sections[symbol.Section].Name != ".text");
        var functions = new List<ElfSymbol>();
        foreach (ElfSymbol symbol in elf.Symbols)
        {
            if (IsProgram(elf, symbol) && (!hasOwn || elf.Sections[symbol.Section].Name != ".text")) functions.Add(symbol);
        }

        functions.Sort(static (x, y) => x.Section != y.Section ? x.Section.CompareTo(y.Section) : x.Value != y.Value ? x.Value.CompareTo(y.Value) : string.CompareOrdinal(x.Name, y.Name));
        return functions;
    }

    private static bool IsProgram(ElfFile elf, ElfSymbol symbol) =>
        symbol.Kind == ElfSymbol.Function && symbol.Section != 0 && !symbol.IsLocal && elf.Sections[symbol.Section].IsCode;

    // Values are words behind their map's start, up to where the next map's are.
    private static ImmutableArray<InitialMapValue> Values(ElfFile elf, ObjectMaps maps)
    {
        ImmutableArray<InitialMapValue>.Builder result = ImmutableArray.CreateBuilder<InitialMapValue>();
        List<MapValues> places = maps.Values;
        places.Sort(static (x, y) => x.Section != y.Section ? x.Section.CompareTo(y.Section) : x.Start.CompareTo(y.Start));
        for (int first = 0, next; first < places.Count; first = next)
        {
            for (next = first + 1; next < places.Count && places[next].Section == places[first].Section;) next++;
            int owner = first - 1;
            foreach (ElfRelocation relocation in elf.RelocationsOf(elf.Sections[places[first].Section]))
            {
                while (owner + 1 < next && places[owner + 1].Start <= relocation.Offset) owner++;
                if (owner < first || relocation.Kind != ElfRelocation.Data64) continue;
                MapDefinition map = maps.Definitions[places[owner].Map];
                long index = (relocation.Offset - places[owner].Start) / sizeof(ulong);
                if (index >= map.MaxEntries) throw new ObjectFormatException(".maps", relocation.Offset, $"value {index} of map {map.Name}, which has {map.MaxEntries}");
                bool isMap = maps.TryFind(relocation.Symbol, 0, out int inner);
                result.Add(new InitialMapValue(places[owner].Map, (int)index, isMap ? inner : -1, isMap ? "" : relocation.Symbol.Name));
            }
        }

        return result.ToImmutable();
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
