using System.CommandLine;
using System.Globalization;

namespace Anneal.Cli.Commands;

/// <summary>The words of <c>anneal run</c>; <see cref="GuestProgram"/> does it.</summary>
internal static class RunCommand
{
    public static Command Define(ProcessStreams streams)
    {
        Option<string> tier = new("--tier") { HelpName = "TIER", Description = $"How to run it: {Tiers.Names}. Default: auto" };
        Option<string> invoke = new("--invoke") { HelpName = "FUNCTION", Description = "Call this export with ARGS and print its results, a line each" };
        Option<string[]> directories = new("--dir") { HelpName = "HOST[::GUEST]", Description = "A folder that the program may use, and its name there", Arity = ArgumentArity.OneOrMore };
        Option<string[]> environment = new("--env") { HelpName = "NAME[=VALUE]", Description = "An environment variable; without a value, the one of this process", Arity = ArgumentArity.OneOrMore };
        Option<string> unknownImports = new("--unknown-imports") { HelpName = "trap", Description = "Let function imports that nothing defines trap when they are called" };
        Option<string> maxMemory = new("--max-memory") { HelpName = "BYTES", Description = "The most memory it may have; K, M, G stand for KiB, MiB, GiB" };
        Option<string> timeout = new("--timeout") { HelpName = "SECONDS", Description = "Stop it after that long; ms, s, m, h may follow the number" };
        Argument<string> file = new("FILE") { Description = "The program: .wasm or .wat" };
        Argument<string[]> arguments = new("ARGS") { Description = "Its arguments; everything after FILE is the program's", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("run", "Run a program")
        {
            tier, invoke, directories, environment, unknownImports, maxMemory, timeout, file, arguments,
        };
        command.SetAction(result => GuestProgram.Run(
            new RunOptions
            {
                File = result.GetValue(file)!,
                Arguments = result.GetValue(arguments) ?? [],
                Tier = Tiers.Parse(result.GetValue(tier)),
                Invoke = result.GetValue(invoke),
                Directories = result.GetValue(directories) ?? [],
                Environment = result.GetValue(environment) ?? [],
                UnknownImportsTrap = ParseUnknownImports(result.GetValue(unknownImports)),
                MaxMemory = ParseBytes(result.GetValue(maxMemory)),
                Timeout = ParseDuration(result.GetValue(timeout)),
            },
            streams));
        return command;
    }

    /// <summary>Puts "--" before the first word that is neither an option nor an option's value.</summary>
    public static IReadOnlyList<string> SeparateGuestArguments(string[] arguments)
    {
        for (int i = 1; i < arguments.Length; i++)
        {
            string word = arguments[i];
            if (word == "--" || word is "-h" or "-?" or "--help") break;
            if (!word.StartsWith('-') || word == "-") return [.. arguments[..i], "--", .. arguments[i..]];
            if (!word.Contains('=')) i++;
        }

        return arguments;
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
