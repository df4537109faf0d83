// The types that an object's CO-RE relocations are resolved against: those of the kernel, or of a host that hands structures of
// its own to programs. Parsed and indexed once, for any number of objects. Type data is hostile as an object's is.

using Anneal.Ebpf.Btf;
using Anneal.Ebpf.Elf;

namespace Anneal.Ebpf;

/// <summary>The layout of types where programs are to run, for CO-RE relocations.</summary>
public sealed class TargetTypes
{
    private const string Section = ".BTF";
    private readonly Dictionary<string, List<int>> byName = new(StringComparer.Ordinal);

    private TargetTypes(BtfTypes types)
    {
        Types = types;
        Dictionary<string, List<int>>.AlternateLookup<ReadOnlySpan<char>> lookup = byName.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int i = 1; i < types.Count; i++)
        {
            ReadOnlySpan<char> name = BtfTypes.WithoutFlavor(types[i].Name);
            if (name.IsEmpty || types[i].Kind is BtfKind.Variable or BtfKind.DataSection or BtfKind.Function) continue;
            if (!lookup.TryGetValue(name, out List<int>? list)) lookup[name] = list = [];
            list.Add(i);
        }
    }

    /// <summary>The types. Reading names fills a cache in them, so that who uses them holds <see cref="Gate"/>.</summary>
    internal BtfTypes Types { get; }

    internal Lock Gate { get; } = new();

    /// <summary>Parses type information.</summary>
    /// <param name="bytes">BTF as it is, or an ELF file with a section .BTF: what clang makes with <c>-g -target bpf</c>, for instance.</param>
    /// <exception cref="ObjectFormatException">It's neither, or damaged.</exception>
    public static TargetTypes Parse(ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.Span.StartsWith("\u007FELF"u8)) return new TargetTypes(BtfTypes.Read(bytes, "target types"));
        ElfFile file = ElfFile.ReadAny(bytes);
        return file.Find(Section) is { } section
            ? new TargetTypes(BtfTypes.Read(file.BytesOf(section), "target types"))
            : throw new ObjectFormatException("target types", -1, $"the file has no section {Section}");
    }

    /// <summary>Parses the type information in a file, such as <c>/sys/kernel/btf/vmlinux</c>.</summary>
    /// <inheritdoc cref="Parse"/>
    public static TargetTypes ParseFile(string path) => Parse(File.ReadAllBytes(path));

    /// <summary>The types of a name (whose flavor doesn't matter) and kind.</summary>
    internal List<int> Find(BtfType wanted)
    {
        var result = new List<int>();
        if (!byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(BtfTypes.WithoutFlavor(wanted.Name), out List<int>? list)) return result;
        foreach (int candidate in list)
        {
            if (TypeMatcher.IsSameKind(wanted, Types[candidate])) result.Add(candidate);
        }

        return result;
    }
}
