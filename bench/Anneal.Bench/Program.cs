// The benchmark runner; bench/run builds and starts it. The modes are in Mode, their options in CommandLine; `compile`,
// `micro`, `latency` and `ebpf` stand apart, because they measure this process. Prints progress on standard error and the table on standard output.
// Exit code: 0, 1 when a run failed or printed a wrong checksum, 2 for wrong usage.

using System.CommandLine;
using Anneal.Bench.Ebpf;

namespace Anneal.Bench;

internal static class Program
{
    public static int Main(string[] args)
    {
        var root = new RootCommand(Mode.Programs.Description);
        foreach (Option option in CommandLine.Options)
            root.Options.Add(option);
        root.SetAction(parsed => Report(Mode.Programs, parsed));
        foreach (Mode mode in Mode.Others)
        {
            var command = new Command(mode.Name, mode.Description);
            command.SetAction(parsed => Report(mode, parsed));
            root.Subcommands.Add(command);
        }

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

        var ebpf = new Command("ebpf", "eBPF programs beside the Linux kernel's JIT compiler: time a run, time to load.");
        ebpf.SetAction(KernelComparison);
        root.Subcommands.Add(ebpf);

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
            return CompileBenchmark.Run(repository, modules, CommandLine.Repeat(parsed, 7), CommandLine.WantsPeers(parsed));
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
            return LatencyBenchmark.Run(CommandLine.Tiers(parsed, "threaded,baseline,portable"), CommandLine.Repeat(parsed, 200));
        }
        catch (BenchException e)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return 2;
        }
    }

    private static int KernelComparison(ParseResult parsed)
    {
        try
        {
            return EbpfBenchmark.Run(Repository.Find(), CommandLine.Tiers(parsed, "baseline"), CommandLine.Repeat(parsed, 7));
        }
        catch (BenchException e)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return 2;
        }
    }

    private static int Report(Mode mode, ParseResult parsed)
    {
        try
        {
            RunOptions options = CommandLine.Bind(parsed, mode);
            List<Measurement> measurements = mode.Run(options);
            Print(options, measurements);
            if (options.JsonFile is { } file)
                ResultFile.Write(file, mode.Name, measurements, options);
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
        string unit = options.Clock == Clock.Cpu ? "milliseconds of processor time, whole process" : "milliseconds";
        Console.WriteLine($"{statistic} of {options.Repeat}, {unit}; ratios below 1 mean that the first named is faster");
        if (options.Markdown)
            Console.WriteLine();
        Console.Write(new ResultTable(measurements, options.Engines, options.Ratios, options.Statistic).Render(options.Markdown));
        if (options.Markdown && options.Notes.Count > 0)
            Console.WriteLine();
        foreach (string note in options.Notes)
            Console.WriteLine($"note: {note}");
        foreach (Measurement failed in measurements.Where(m => m.Failure is not null))
            Console.WriteLine($"FAILED {failed.Program} on {failed.Engine.Name}: {failed.Failure}");
    }
}
