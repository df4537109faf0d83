// Finds an object's maps: defined by BTF (section .maps), by structures of five numbers (section maps), and one for each data
// section (.rodata, .data, .bss), and one for the variables of the system's configuration (.kconfig).

using System.Buffers.Binary;
using Anneal.Ebpf.Btf;

namespace Anneal.Ebpf.Elf;

/// <summary>The maps of an object, and which place in it means which of them.</summary>
internal sealed class ObjectMaps
{
    private const int MaxMaps = 1024;
    private const int LegacyBytes = 20;
    private readonly List<MapDefinition> definitions = [];
    private readonly Dictionary<Place, int> byPlace = [];
    private readonly Dictionary<int, int> bySection = [];
    private readonly List<MapValues> values = [];
    private readonly Dictionary<string, int> configuration = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? contents;
    private int configurationMap = -1;

    private ObjectMaps(IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? contents) => this.contents = contents;

    /// <summary>The definitions, by map index.</summary>
    public IReadOnlyList<MapDefinition> Definitions => definitions;

    /// <summary>The places of initial values of maps of maps and program arrays.</summary>
    public List<MapValues> Values => values;

    /// <summary>Reads the maps.</summary>
    /// <exception cref="ObjectFormatException">A definition is damaged.</exception>
    public static ObjectMaps Read(ElfFile file, BtfTypes? types, ObjectOptions options)
    {
        var maps = new ObjectMaps(options.Contents);
        foreach (ElfSection section in file.Sections)
        {
            if (section.Name == ".maps") maps.AddTyped(file, section, types);
            else if (section.Name == "maps") maps.AddLegacy(file, section);
            else if (IsData(section.Name) && section.Size != 0 && section.Type is ElfSection.Bits or ElfSection.NoBits) maps.AddData(file, section);
        }

        if (types is not null && ConfigVariables.Read(file, types, options.Configuration, maps.configuration) is { } definition)
        {
            maps.configurationMap = maps.definitions.Count;
            maps.definitions.Add(definition);
        }

        if (maps.definitions.Count > MaxMaps) throw new ObjectFormatException(".maps", -1, $"{maps.definitions.Count} maps are more than {MaxMaps}");
        return maps;
    }

    /// <summary>The map that a symbol, with an offset, means; false if it means none.</summary>
    public bool TryFind(ElfSymbol symbol, long addend, out int map) => byPlace.TryGetValue(new Place(symbol.Section, (long)symbol.Value + addend), out map);

    /// <summary>The map made of a data section; false if it's none.</summary>
    public bool TryFindData(int section, out int map) => bySection.TryGetValue(section, out map);

    /// <summary>The map and offset of a variable of the system's configuration; false if there's none of that name.</summary>
    public bool TryFindConfiguration(string name, out int map, out int offset)
    {
        map = configurationMap;
        return configuration.TryGetValue(name, out offset) && map >= 0;
    }

    private static bool IsData(string name) =>
        name is ".rodata" or ".data" or ".bss" || name.StartsWith(".rodata.", StringComparison.Ordinal)
        || name.StartsWith(".data.", StringComparison.Ordinal) || name.StartsWith(".bss.", StringComparison.Ordinal);

    private void AddTyped(ElfFile file, ElfSection section, BtfTypes? types)
    {
        if (types is null) throw new ObjectFormatException(section.Name, -1, "maps without BTF types");
        // Compilers leave the variables' offsets to a relocation: the symbols have them.
        var places = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (ElfSymbol symbol in file.Symbols)
        {
            if (symbol.Section == section.Index && symbol.Kind == ElfSymbol.Object) places.TryAdd(symbol.Name, (long)Math.Min(symbol.Value, int.MaxValue));
        }

        foreach ((MapDefinition definition, long offset, long initial) in BtfMaps.Read(types, places))
        {
            if (!byPlace.TryAdd(new Place(section.Index, offset), definitions.Count)) throw new ObjectFormatException(section.Name, offset, $"two maps in one place ({definition.Name})");
            if (initial >= 0) values.Add(new MapValues(definitions.Count, section.Index, initial));
            definitions.Add(definition);
        }
    }

    private void AddLegacy(ElfFile file, ElfSection section)
    {
        ReadOnlySpan<byte> bytes = file.BytesOf(section).Span;
        foreach (ElfSymbol symbol in file.Symbols)
        {
            if (symbol.Section != section.Index || symbol.Kind is ElfSymbol.WholeSection || symbol.Name.Length == 0) continue;
            if (symbol.Value > (ulong)bytes.Length || (ulong)bytes.Length - symbol.Value < LegacyBytes)
                throw new ObjectFormatException(section.Name, (long)symbol.Value, $"map {symbol.Name} is cut off");
            ReadOnlySpan<byte> numbers = bytes[(int)symbol.Value..];
            if (!byPlace.TryAdd(new Place(section.Index, (long)symbol.Value), definitions.Count)) continue;
            definitions.Add(new MapDefinition
            {
                Name = symbol.Name,
                Type = (MapType)BinaryPrimitives.ReadInt32LittleEndian(numbers),
                KeySize = BinaryPrimitives.ReadInt32LittleEndian(numbers[4..]),
                ValueSize = BinaryPrimitives.ReadInt32LittleEndian(numbers[8..]),
                MaxEntries = BinaryPrimitives.ReadInt32LittleEndian(numbers[12..]),
                Flags = (MapFlags)BinaryPrimitives.ReadInt32LittleEndian(numbers[16..]),
            });
        }
    }

    private void AddData(ElfFile file, ElfSection section)
    {
        bool constant = section.Name.StartsWith(".rodata", StringComparison.Ordinal);
        bySection.Add(section.Index, definitions.Count);
        definitions.Add(new MapDefinition
        {
            Name = section.Name,
            Type = MapType.Array,
            KeySize = sizeof(uint),
            ValueSize = (int)section.Size,
            MaxEntries = 1,
            Flags = MapFlags.Mappable | (constant ? MapFlags.ProgramReadOnly : MapFlags.None),
            InitialValue = contents is not null && contents.TryGetValue(section.Name, out ReadOnlyMemory<byte> given)
                ? given.Length == section.Size ? given.ToArray() : throw new ObjectFormatException(section.Name, -1, $"{section.Size} bytes, and {given.Length} to put there")
                : file.BytesOf(section).ToArray(),
            IsFrozen = constant,
        });
    }
}
