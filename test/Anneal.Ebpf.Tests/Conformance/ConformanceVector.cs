// One conformance vector: a text file of sections (asm or raw, mem, result, error).

using System.Globalization;
using Anneal.Ebpf.Assembly;

namespace Anneal.Ebpf.Tests.Conformance;

internal sealed class ConformanceVector
{
    private readonly Dictionary<string, string> sections;

    private ConformanceVector(Dictionary<string, string> sections) => this.sections = sections;

    /// <summary>The folder of the vectors, beside the repository; null when it isn't there.</summary>
    public static string? Folder { get; } = FindFolder();

    public byte[] Memory => sections.TryGetValue("mem", out string? text)
        ? [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => byte.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))]
        : [];

    /// <summary>The expected r0; null when the program must fail.</summary>
    public ulong? Result
    {
        get
        {
            if (!sections.TryGetValue("result", out string? text) || sections.ContainsKey("error")) return null;
            string word = text.Trim();
            return word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                ? ulong.Parse(word[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : ulong.Parse(word, CultureInfo.InvariantCulture);
        }
    }

    public Instruction[] Program => sections.TryGetValue("asm", out string? text)
        ? PlainAssembler.Assemble(text)
        : [.. sections["raw"].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => Instruction.FromBits(ulong.Parse(word[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)))];

    public Instruction[]? Raw => sections.TryGetValue("raw", out string? text)
        ? [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => Instruction.FromBits(ulong.Parse(word[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)))]
        : null;

    public static ConformanceVector Read(string name)
    {
        var sections = new Dictionary<string, string>(StringComparer.Ordinal);
        string? current = null;
        foreach (string line in File.ReadLines(Path.Combine(Folder!, name + ".data")))
        {
            if (line.StartsWith("--", StringComparison.Ordinal)) current = line[2..].Trim();
            else if (current is not null) sections[current] = sections.GetValueOrDefault(current, "") + line.Split('#')[0] + "\n";
        }

        return new ConformanceVector(sections);
    }

    private static string? FindFolder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared", "bpf-conformance");
            if (Directory.Exists(candidate)) return candidate;
        }

        return null;
    }
}
