// The benchmark runner's command line; bench/run builds and starts it. Modes: the guest programs (no subcommand), `startup`
// and `esbuild` (whole processes). Prints progress on standard error and the table on standard output.
// Exit code: 0, 1 when a run failed or printed a wrong checksum, 2 for wrong usage.

using System.CommandLine;

namespace Anneal.Bench;

internal static class Program
{
    private static readonly Option<string?> AnnealOption = new("--anneal")
    {
        Description = "The anneal command to measure (default: ./anneal at the repository's root).",
        Recursive = true,
    };

    private static readonly Option<string> TiersOption = new("--tiers")
    {
        Description = "Tiers of Anneal to measure, separated by commas; 'auto' forces none of them, 'none' leaves Anneal out.",
        DefaultValueFactory = _ => "baseline",
        Recursive = true,
    };

    private static readonly Option<string> EnginesOption = new("--engines")
    {
        Description = "Ways to run Node, separated by commas: default, liftoff, turbofan; 'none' leaves Node out.",
        DefaultValueFactory = _ => "default,liftoff,turbofan",
        Recursive = true,
    };

    private static readonly Option<int> RepeatOption = new("--repeat")
    {
        Description = "Measured repetitions (default: 3; whole processes: 15).",
        Recursive = true,
    };

    private static readonly Option<Statistic> StatisticOption = new("--statistic")
    {
        Description = "What stands for the repetitions.",
        DefaultValueFactory = _ => Statistic.Median,
        Recursive = true,
    };

    private static readonly Option<int> LimitOption = new("--limit")
    {
        Description = "Seconds after which a run has failed.",
        DefaultValueFactory = _ => 120,
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

    private static readonly Option<string> ProgramsOption = new("--programs")
    {
        Description = "Guest programs, separated by commas (default: all).",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<string?> ModuleOption = new("--module")
    {
        Description = "esbuild's WASI build (default: the one that the acceptance script installs).",
    };

    public static int Main(string[] args)
    {
        var root = new RootCommand("Measures Anneal beside Node on the same modules in one run: guest programs, kernel time.")
        {
            AnnealOption, TiersOption, EnginesOption, RepeatOption, StatisticOption, LimitOption, MarkdownOption, JsonOption,
            ProgramsOption,
        };
        root.SetAction(parsed => Report("programs", parsed, 3,
            options => GuestBenchmark.Run(options, Names(parsed.GetValue(ProgramsOption)!))));

        var startup = new Command("startup", "Whole process: hello world.");
        startup.SetAction(parsed => Report("startup", parsed, 15, WholeProcessBenchmark.Startup));
        root.Subcommands.Add(startup);

        var esbuild = new Command("esbuild", "Whole process: esbuild bundles and minifies a small TypeScript project.")
        {
            ModuleOption,
        };
        esbuild.SetAction(parsed => Report("esbuild", parsed, 15, options =>
            WholeProcessBenchmark.Esbuild(options, parsed.GetValue(ModuleOption) ?? options.Repository.InstalledEsbuild)));
        root.Subcommands.Add(esbuild);

        var modules = new Argument<string[]>("modules") { Description = "Modules (default: esbuild's and Ruby's, as installed).", Arity = ArgumentArity.ZeroOrMore };
        var compile = new Command("compile", "Throughput of decoding, validation, lowering and the baseline compiler, on one thread, beside V8's.") { modules };
        compile.SetAction(parsed => Compile(parsed, parsed.GetValue(modules)!));
        root.Subcommands.Add(compile);

        var filters = new Argument<string[]>("arguments") { Description = "Arguments of BenchmarkDotNet, such as --filter '*Call*' or --job short.", Arity = ArgumentArity.ZeroOrMore };
        var micro = new Command("micro", "Calls, memory access, instantiation, traps, interruption: BenchmarkDotNet.") { filters };
        micro.TreatUnmatchedTokensAsErrors = false;
        micro.SetAction(parsed => MicroBenchmarks.Run([.. parsed.GetValue(filters)!, .. parsed.UnmatchedTokens]));
        root.Subcommands.Add(micro);

        var latency = new Command("latency", "How long guests go on after a cancellation or a deadline, by what they are doing.");
        latency.SetAction(Latency);
        root.Subcommands.Add(latency);

        ParseResult result = root.Parse(args);
        int code = result.Invoke();
        return result.Errors.Count > 0 ? 2 : code;
    }

    private static int Compile(ParseResult parsed, string[] modules)
    {
        try
        {
            Repository repository = Repository.Find();
            if (modules.Length == 0) modules = [repository.InstalledEsbuild, repository.InstalledRuby];
            int repeat = parsed.GetResult(RepeatOption) is null ? 7 : parsed.GetValue(RepeatOption);
            return CompileBenchmark.Run(repository, modules, repeat, withNode: parsed.GetValue(EnginesOption) != "none");
        }
        catch (BenchException e)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return 2;
        }
    }

    private static int Latency(ParseResult parsed)
    {
        try
        {
            IReadOnlyList<string> tiers = parsed.GetResult(TiersOption) is { Implicit: false } ? Names(parsed.GetValue(TiersOption)!) : ["baseline", "portable"];
            return LatencyBenchmark.Run(tiers, parsed.GetResult(RepeatOption) is null ? 200 : parsed.GetValue(RepeatOption));
        }
        catch (BenchException e)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return 2;
        }
    }

    private static int Report(string mode, ParseResult parsed, int repeat, Func<RunOptions, List<Measurement>> run)
    {
        try
        {
            RunOptions options = Options(parsed, repeat);
            List<Measurement> measurements = run(options);
            Print(options, measurements);
            if (options.JsonFile is { } file)
                ResultFile.Write(file, mode, measurements, options.Statistic);
            return measurements.Exists(m => m.Failure is not null) ? 1 : 0;
        }
        catch (BenchException e)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return 2;
        }
    }

    private static void Print(RunOptions options, List<Measurement> measurements)
    {
        string statistic = options.Statistic == Statistic.Min ? "minimum" : "median";
        Console.WriteLine($"{statistic} of {options.Repeat}, milliseconds; ratios below 1 mean that Anneal is faster");
        if (options.Markdown)
            Console.WriteLine();
        Console.Write(new ResultTable(measurements, options.Engines, options.Statistic).Render(options.Markdown));
        foreach (Measurement failed in measurements.Where(m => m.Failure is not null))
            Console.WriteLine($"FAILED {failed.Program} on {failed.Engine.Name}: {failed.Failure}");
    }

    private static RunOptions Options(ParseResult parsed, int defaultRepeat)
    {
        Repository repository = Repository.Find();
        int repeat = parsed.GetResult(RepeatOption) is null ? defaultRepeat : parsed.GetValue(RepeatOption);
        if (repeat is < 1 or > 10_000)
            throw new BenchException("--repeat takes a number from 1 to 10000");
        int limit = parsed.GetValue(LimitOption);
        if (limit is < 1 or > 86_400)
            throw new BenchException("--limit takes a number of seconds from 1 to 86400");

        List<Engine> engines = [];
        IReadOnlyList<string> peers = Names(parsed.GetValue(EnginesOption)!);
        if (peers.Count > 0)
        {
            if (Repository.FindOnPath("node") is { } node)
                engines.AddRange(peers.Select(name => Engine.Node(node, name, repository)));
            else
                Console.Error.WriteLine("bench: node was not found on PATH; only Anneal is measured, without ratios");
        }
        string anneal = parsed.GetValue(AnnealOption) ?? Path.Combine(repository.Root, "anneal");
        IReadOnlyList<string> tiers = Names(parsed.GetValue(TiersOption)!);
        if (tiers.Count > 0 && !File.Exists(anneal))
            throw new BenchException($"there is no {anneal} (--anneal names another, --tiers none measures Node alone)");
        engines.AddRange(tiers.Select(tier => Engine.Anneal(Path.GetFullPath(anneal), tier)));
        if (engines.Count == 0)
            throw new BenchException("no engine is left to measure");

        return new RunOptions(repository, engines, repeat, parsed.GetValue(StatisticOption), TimeSpan.FromSeconds(limit),
            parsed.GetValue(MarkdownOption), parsed.GetValue(JsonOption));
    }

    /// <summary>The names of a list such as <c>a,b</c>, each once; none of <c>none</c>.</summary>
    private static IReadOnlyList<string> Names(string list) => list == "none"
        ? []
        : [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
}
