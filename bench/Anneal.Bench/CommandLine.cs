// The options that the modes share, and how they become RunOptions: what isn't said comes from the mode.

using System.CommandLine;

namespace Anneal.Bench;

internal static class CommandLine
{
    private static readonly Option<string?> AnnealOption = new("--anneal")
    {
        Description = "The anneal command to measure (default: ./anneal at the repository's root).",
        Recursive = true,
    };

    private static readonly Option<string?> TiersOption = new("--tiers")
    {
        Description = "Tiers of Anneal to measure, separated by commas: portable, threaded, baseline, auto; 'none' leaves Anneal out.",
        Recursive = true,
    };

    private static readonly Option<string?> EnginesOption = new("--engines")
    {
        Description = "Other engines, separated by commas: node:default, node:liftoff, node:turbofan ('node:' may be left out), jsc:interpreter, jsc:llint, jsc:bbq, jsc:default, wabt:interp; 'none' for none.",
        Recursive = true,
    };

    private static readonly Option<string?> RatiosOption = new("--ratios")
    {
        Description = "Columns of ratios, separated by commas, such as threaded/jsc:interpreter, auto/best (the best forced tier), auto/node (the best of Node's), threaded/jsc (the best of JavaScriptCore's interpreters).",
        Recursive = true,
    };

    private static readonly Option<int> RepeatOption = new("--repeat")
    {
        Description = "Measured repetitions (default: 3; whole processes: 7 to 15).",
        Recursive = true,
    };

    private static readonly Option<Statistic> StatisticOption = new("--statistic")
    {
        Description = "What stands for the repetitions.",
        DefaultValueFactory = _ => Statistic.Median,
        Recursive = true,
    };

    private static readonly Option<Clock> ClockOption = new("--clock")
    {
        Description = "Wall: the kernel's time where programs time it, else the process's. Cpu: processor time of the whole process, all threads, for a busy machine.",
        DefaultValueFactory = _ => Clock.Wall,
        Recursive = true,
    };

    private static readonly Option<int> LimitOption = new("--limit")
    {
        Description = "Seconds after which a run has failed (default: 120; with interpreters more).",
        Recursive = true,
    };

    private static readonly Option<bool> MarkdownOption = new("--markdown")
    {
        Description = "Print the table as Markdown.",
        Recursive = true,
    };

    private static readonly Option<string?> JsonOption = new("--json")
    {
        Description = "Write every sample to this file.",
        Recursive = true,
    };

    private static readonly Option<string?> ProgramsOption = new("--programs")
    {
        Description = "Programs, separated by commas (default: all that the mode has).",
        Recursive = true,
    };

    private static readonly Option<string?> ModuleOption = new("--module")
    {
        Description = "esbuild's WASI build (default: the one that the acceptance script installs).",
        Recursive = true,
    };

    public static IEnumerable<Option> Options =>
    [
        AnnealOption, TiersOption, EnginesOption, RatiosOption, ProgramsOption, RepeatOption, StatisticOption, ClockOption,
        LimitOption, MarkdownOption, JsonOption, ModuleOption,
    ];

    /// <summary>The names of tiers that were given, or these.</summary>
    public static IReadOnlyList<string> Tiers(ParseResult parsed, string otherwise) => Names(parsed.GetValue(TiersOption) ?? otherwise);

    /// <summary>The repetitions asked for, or the mode's.</summary>
    public static int Repeat(ParseResult parsed, int otherwise) => Number(parsed, RepeatOption, otherwise, 10_000);

    /// <summary>Whether other engines are wanted at all.</summary>
    public static bool WantsPeers(ParseResult parsed) => parsed.GetValue(EnginesOption) != "none";

    /// <exception cref="BenchException">A wrong option, or nothing is left to measure.</exception>
    public static RunOptions Bind(ParseResult parsed, Mode mode)
    {
        Repository repository = Repository.Find();
        string anneal = Path.GetFullPath(parsed.GetValue(AnnealOption) ?? Path.Combine(repository.Root, "anneal"));
        int repeat = Repeat(parsed, mode.Repeat);
        int limit = Number(parsed, LimitOption, mode.LimitSeconds, 86_400);

        var catalog = new EngineCatalog(repository, anneal);
        List<Engine> engines = catalog.Find([
            .. Names(parsed.GetValue(EnginesOption) ?? mode.Engines), .. Names(parsed.GetValue(TiersOption) ?? mode.Tiers)]);
        if (mode.NeedsWholeWasi)
            engines = catalog.WithWholeWasi(engines);
        foreach (string omission in catalog.Omissions)
            Console.Error.WriteLine($"bench: {omission}");
        if (engines.Count == 0)
            throw new BenchException("no engine is left to measure");

        List<string> notes = [.. catalog.Omissions];
        foreach (Engine engine in engines.Where(e => e.RunsOnce))
        {
            notes.Add($"{engine.Name} is slow: one repetition of each program");
            if (parsed.GetResult(LimitOption) is null)
                limit = Math.Max(limit, 1800);
        }

        // The mode's columns name the mode's peers.
        string? ratios = parsed.GetValue(RatiosOption) ?? (parsed.GetResult(EnginesOption) is null ? mode.Ratios : null);
        return new RunOptions(repository, engines, ratios is null ? Ratio.Of(engines) : Ratio.Parse(Names(ratios), engines), repeat,
            parsed.GetValue(StatisticOption), parsed.GetValue(ClockOption), TimeSpan.FromSeconds(limit), Names(parsed.GetValue(ProgramsOption) ?? ""),
            parsed.GetValue(ModuleOption) ?? repository.InstalledEsbuild, notes,
            parsed.GetValue(MarkdownOption), parsed.GetValue(JsonOption));
    }

    private static int Number(ParseResult parsed, Option<int> option, int otherwise, int most)
    {
        int value = parsed.GetResult(option) is null ? otherwise : parsed.GetValue(option);
        return value >= 1 && value <= most ? value : throw new BenchException($"{option.Name} takes a number from 1 to {most}");
    }

    /// <summary>The names of a list such as <c>a,b</c>, each once; none of <c>none</c>.</summary>
    private static IReadOnlyList<string> Names(string list) => list == "none"
        ? []
        : [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
}
