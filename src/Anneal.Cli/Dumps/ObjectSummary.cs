using System.Globalization;
using Anneal.Ebpf;

namespace Anneal.Cli.Dumps;

/// <summary>What an eBPF object holds, as text: a heading for each kind of thing that there is, and a line for each thing.</summary>
internal static class ObjectSummary
{
    public static void Print(ObjectFile file, string path, TextWriter text)
    {
        text.WriteLine($"object {path}, license {(file.License.Length == 0 ? "(none)" : file.License)}");
        Heading(text, "programs", file.Programs.Length);
        foreach (EbpfProgram program in file.Programs) Print(program, text);
        // Maps that stand for the object's data come apart: nobody looks anything up in them.
        List<MapDefinition> maps = [.. file.Maps.Where(map => !IsData(map))], data = [.. file.Maps.Where(IsData)];
        Heading(text, "maps", maps.Count);
        foreach (MapDefinition map in maps) text.WriteLine($"  {map.Name}: {Describe(map)}");
        Heading(text, "data sections", data.Count);
        foreach (MapDefinition section in data)
        {
            bool zero = !section.InitialValue.Span.ContainsAnyExcept((byte)0);
            text.WriteLine($"  {section.Name}: {Count(section.ValueSize, "byte")}, {(section.IsFrozen ? "constant" : "writable")}{(zero ? ", all zero" : "")}");
        }

        Heading(text, "initial values", file.InitialValues.Length);
        foreach (InitialMapValue value in file.InitialValues)
            text.WriteLine($"  {file.Maps[value.Map].Name}[{value.Index}]: {(value.InnerMap >= 0 ? $"map {file.Maps[value.InnerMap].Name}" : $"program {value.Program}")}");
    }

    private static void Print(EbpfProgram program, TextWriter text)
    {
        int instructions = 0;
        for (int slot = 0; slot < program.Instructions.Length; slot++) instructions += program.IsHead(slot) ? 1 : 0;
        text.WriteLine($"  {program.Name}: section {program.Section}, type {program.Type.Name}, {Count(instructions, "instruction")} in {Count(program.Instructions.Length, "slot")}");
        if (program.Subprograms.Length == 1) return;
        for (int i = 0; i < program.Subprograms.Length; i++)
        {
            Subprogram own = program.Subprograms[i];
            text.WriteLine($"    {SubprogramNames.Of(program, i)}: slots {own.Start} to {own.End - 1}");
        }
    }

    private static bool IsData(MapDefinition map) => map.Name.StartsWith('.');

    private static string Describe(MapDefinition map)
    {
        string type = Enum.IsDefined(map.Type) ? map.Type.ToString() : $"type {(int)map.Type}";
        string flags = map.Flags == MapFlags.None ? "" : $", flags {map.Flags}";
        if (map.Type == MapType.RingBuffer) return $"{type}, {Count(map.MaxEntries, "byte")}{flags}";
        string inner = map.InnerMap is { } one ? $", each {Describe(one)}" : "";
        string entries = map.MaxEntries == 1 ? "1 entry" : $"{map.MaxEntries} entries";
        return $"{type}, key {Count(map.KeySize, "byte")}, value {Count(map.ValueSize, "byte")}, {entries}{flags}{inner}";
    }

    private static string Count(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");

    private static void Heading(TextWriter text, string name, int count)
    {
        if (count > 0) text.WriteLine($"{name} ({count}):");
    }
}
