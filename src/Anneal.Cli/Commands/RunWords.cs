// The words of `anneal run` in their plain form, read without System.CommandLine: loading it and building its tree would be a
// third of the time that a small program takes from start to end. Only what has one meaning is read here; help, mistakes and
// unusual forms are left to the full parser, which gives the same options for all that is read here. Keep RunCommand in step.

using System.Globalization;

namespace Anneal.Cli.Commands;

/// <summary>What was said to <c>anneal run</c>, as text.</summary>
internal sealed class RunWords
{
    // Options that take a value: those that TrySet knows.
    private static readonly string[] Valued =
    [
        "--dir", "--env", "--tier", "--invoke", "--unknown-imports", "--max-memory", "--timeout", "--fuel",
        "--program", "--type", "--types", "--packet", "--map", "--repeat", "--write",
    ];

    public string File { get; set; } = "";

    public string[] Arguments { get; set; } = [];

    public List<string> Directories { get; } = [];

    public List<string> Environment { get; } = [];

    public string? Tier { get; set; }

    public string? Invoke { get; set; }

    public string? UnknownImports { get; set; }

    public string? MaxMemory { get; set; }

    public string? Timeout { get; set; }

    public string? Fuel { get; set; }

    public bool Statistics { get; set; }

    // Those of eBPF objects, from here on.
    public string? Program { get; set; }

    public string? Type { get; set; }

    public string? Types { get; set; }

    public List<string> Packets { get; } = [];

    public List<string> Maps { get; } = [];

    public string? Repeat { get; set; }

    public string? Output { get; set; }

    public bool Sandbox { get; set; }

    /// <summary>Reads a command line that begins with <c>run</c>.</summary>
    /// <returns>Null if it takes the full parser.</returns>
    public static RunWords? TryRead(string[] words)
    {
        var read = new RunWords();
        int position = 1;
        while (position < words.Length && words[position].StartsWith('-') && words[position] is not ("-" or "--"))
        {
            if (!read.TryReadOption(words, ref position)) return null;
        }

        if (position < words.Length && words[position] == "--") position++;
        if (position >= words.Length || words[position].Length == 0) return null;
        read.File = words[position];
        read.Arguments = words[(position + 1)..];
        return read;
    }

    /// <summary>Reads what follows the file as options too: an eBPF program has no arguments.</summary>
    /// <exception cref="UsageException">It's something else.</exception>
    public void ReadArgumentsAsOptions()
    {
        for (int position = 0; position < Arguments.Length; position++)
        {
            string word = Arguments[position];
            int equals = word.IndexOf('=');
            string name = equals < 0 ? word : word[..equals];
            string? value = equals < 0 ? null : word[(equals + 1)..];
            bool isFlag = name is "--stats" or "--sandbox";
            if (!isFlag && !Valued.Contains(name)) throw new UsageException($"\"{word}\" behind {File}: an eBPF object takes no arguments, and run has no such option");
            if (isFlag && value is not null) throw new UsageException($"{name} takes no value, and has \"{value}\"");
            if (!isFlag && value is null && position + 1 < Arguments.Length && !Arguments[position + 1].StartsWith("--", StringComparison.Ordinal)) value = Arguments[++position];
            if (!isFlag && value is null or "") throw new UsageException($"{name} behind {File} lacks its value");
            if (isFlag ? !TrySetFlag(name) : !TrySet(name, value!)) throw new UsageException($"{name} is given twice");
        }

        Arguments = [];
    }

    /// <summary>What the words mean.</summary>
    /// <exception cref="UsageException">A value isn't one of its option.</exception>
    public RunOptions ToOptions() => new()
    {
        File = File,
        Arguments = Arguments,
        Tier = Tiers.Parse(Tier),
        Invoke = Invoke,
        Directories = Directories,
        Environment = Environment,
        UnknownImportsTrap = ParseUnknownImports(UnknownImports),
        MaxMemory = ParseBytes(MaxMemory),
        Timeout = ParseDuration(Timeout),
        Fuel = ParseFuel(Fuel),
        Statistics = Statistics,
        HasEbpfOptions = Program is not null || Type is not null || Types is not null || Packets.Count != 0 || Maps.Count != 0 || Repeat is not null || Output is not null || Sandbox,
    };

    // One option and its value; false if it isn't plain.
    private bool TryReadOption(string[] words, ref int position)
    {
        string word = words[position++];
        if (TrySetFlag(word)) return true;
        int equals = word.IndexOf('=');
        string name = equals < 0 ? word : word[..equals];
        string value;
        if (equals >= 0) value = word[(equals + 1)..];
        else if (position < words.Length) value = words[position++];
        else return false;
        return value.Length != 0 && !value.StartsWith('-') && TrySet(name, value);
    }

    private bool TrySetFlag(string name)
    {
        if (name == "--stats" && !Statistics) return Statistics = true;
        return name == "--sandbox" && !Sandbox && (Sandbox = true);
    }

    // False for an option that isn't known, or given twice where it may not be.
    private bool TrySet(string name, string value)
    {
        switch (name)
        {
            case "--dir":
                Directories.Add(value);
                return true;
            case "--env":
                Environment.Add(value);
                return true;
            case "--tier" when Tier is null:
                Tier = value;
                return true;
            case "--invoke" when Invoke is null:
                Invoke = value;
                return true;
            case "--unknown-imports" when UnknownImports is null:
                UnknownImports = value;
                return true;
            case "--max-memory" when MaxMemory is null:
                MaxMemory = value;
                return true;
            case "--timeout" when Timeout is null:
                Timeout = value;
                return true;
            case "--fuel" when Fuel is null:
                Fuel = value;
                return true;
            case "--program" when Program is null:
                Program = value;
                return true;
            case "--type" when Type is null:
                Type = value;
                return true;
            case "--types" when Types is null:
                Types = value;
                return true;
            case "--packet":
                Packets.Add(value);
                return true;
            case "--map":
                Maps.Add(value);
                return true;
            case "--repeat" when Repeat is null:
                Repeat = value;
                return true;
            case "--write" when Output is null:
                Output = value;
                return true;
            default:
                return false;
        }
    }

    private static bool ParseUnknownImports(string? text) => text switch
    {
        null => false,
        "trap" => true,
        _ => throw new UsageException($"--unknown-imports knows only \"trap\", not \"{text}\""),
    };

    private static long? ParseBytes(string? text)
    {
        if (text is null) return null;
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > long.MaxValue >> shift)
            throw new UsageException($"--max-memory takes a number of bytes such as 65536 or 64M, not \"{text}\"");
        return number << shift;
    }

    private static long? ParseFuel(string? text)
    {
        if (text is null) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long units)
            ? units
            : throw new UsageException($"--fuel takes a number of units from 0 to {long.MaxValue}, not \"{text}\"");
    }

    private static TimeSpan? ParseDuration(string? text)
    {
        if (text is null) return null;
        (double unit, int length) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (0.001, 2),
            _ when text.EndsWith('s') => (1.0, 1),
            _ when text.EndsWith('m') => (60.0, 1),
            _ when text.EndsWith('h') => (3600.0, 1),
            _ => (1.0, 0),
        };
        // The upper bound is a timer's: 49 days.
        if (!double.TryParse(text[..^length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            || number * unit is not (> 0 and < 4_000_000))
        {
            throw new UsageException($"--timeout takes a time such as 10, 2.5s or 300ms, not \"{text}\"");
        }

        return TimeSpan.FromSeconds(number * unit);
    }
}
