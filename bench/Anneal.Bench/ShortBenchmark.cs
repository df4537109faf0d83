// The mode `short`: programs that are over before compiling them well would pay off. Each program of guests/bench runs a few
// rounds, some milliseconds to some hundredths of a second of compiled code; the whole process is timed. `auto/best` tells what
// choosing tiers costs against having known the best one.

using System.Globalization;

namespace Anneal.Bench;

internal static class ShortBenchmark
{
    /// <summary>Rounds that make each program short. A program that isn't named here runs one.</summary>
    private static readonly Dictionary<string, int> Rounds = new()
    {
        ["base64"] = 4,
        ["bigint"] = 2,
        ["bits"] = 600_000,
        ["fannkuch"] = 8,
        ["fib"] = 30,
        ["gemm"] = 1,
        ["hash"] = 2,
        ["jacobi"] = 8,
        ["json"] = 2,
        ["lz"] = 2,
        ["memory"] = 15,
        ["nbody"] = 100_000,
        ["nqueens"] = 10,
        ["sieve"] = 1,
        ["spectral"] = 2,
        ["tak"] = 6,
        ["trees"] = 12,
        ["vmcall"] = 700,
        ["vmswitch"] = 45,
    };

    public static List<Measurement> Run(RunOptions options)
    {
        IReadOnlyList<string> programs = options.Programs.Count > 0 ? options.Programs : ["hello", .. GuestBenchmark.Programs(options.Repository)];
        List<Measurement> measurements = [];
        foreach (string program in programs)
        {
            string module = program == "hello"
                ? options.Repository.Hello
                : GuestBenchmark.Module(options.Repository, program);
            string[] arguments = program == "hello"
                ? [module]
                : [module, Rounds.GetValueOrDefault(program, 1).ToString(CultureInfo.InvariantCulture)];
            IEnumerable<Engine> engines = options.Engines.Where(e => program != "hello" || !e.RunsBenchProgramsOnly);
            measurements.AddRange(WholeProcessBenchmark.Measure(options, program, engines, engine => [.. engine.Command, .. arguments]));
        }
        return measurements;
    }
}
