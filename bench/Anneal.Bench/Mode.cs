// What a mode of the runner measures and what it takes where the command line says nothing.

namespace Anneal.Bench;

/// <param name="Name">The subcommand; the root command's is <c>programs</c>.</param>
/// <param name="Description">For the help.</param>
/// <param name="Tiers">Anneal's tiers.</param>
/// <param name="Engines">Peers.</param>
/// <param name="Ratios">Columns beside these peers; null lets them follow from the engines.</param>
/// <param name="Repeat">Measured repetitions.</param>
/// <param name="LimitSeconds">A run that takes longer has failed.</param>
/// <param name="NeedsWholeWasi">Engines that can run nothing but the programs of guests/bench are left out.</param>
/// <param name="Run">Measures.</param>
internal sealed record Mode(
    string Name,
    string Description,
    string Tiers,
    string Engines,
    string? Ratios,
    int Repeat,
    int LimitSeconds,
    bool NeedsWholeWasi,
    Func<RunOptions, List<Measurement>> Run)
{
    private const string NodeAll = "node:default,node:liftoff,node:turbofan";
    private const string TiersAll = "portable,threaded,baseline,auto";

    public static readonly Mode Programs = new("programs",
        "Measures Anneal beside other engines on the same modules in one run: guest programs, kernel time.",
        "baseline,auto", NodeAll, null, 3, 120, NeedsWholeWasi: false, GuestBenchmark.Run);

    public static readonly IReadOnlyList<Mode> Others =
    [
        new("interpreters", "Guest programs, kernel time: the interpreters among the tiers beside JavaScriptCore's two.",
            "portable,threaded", "jsc:interpreter,jsc:llint", "threaded/jsc,threaded/portable,portable/jsc", 3, 600, NeedsWholeWasi: false, GuestBenchmark.Run),
        new("startup", "Whole process: hello world.",
            "baseline,auto", NodeAll, null, 15, 120, NeedsWholeWasi: true, WholeProcessBenchmark.Startup),
        new("esbuild", "Whole process: esbuild bundles and minifies a small TypeScript project.",
            "baseline,auto", NodeAll, null, 15, 120, NeedsWholeWasi: true, options => WholeProcessBenchmark.First(options, ["esbuild"])),
        new("first", "Whole process, time to the first result of large modules: esbuild bundles a small project, Ruby boots and evaluates a line.",
            TiersAll, "node:default,node:liftoff", "portable/liftoff,threaded/liftoff,baseline/liftoff,auto/liftoff,auto/default,auto/best", 7, 120,
            NeedsWholeWasi: true, options => WholeProcessBenchmark.First(options, options.Programs)),
        new("short", "Whole process: the guest programs with few rounds, and hello world, tier beside tier.",
            TiersAll, "node:liftoff", "threaded/baseline,baseline/liftoff,auto/liftoff,auto/best", 9, 120, NeedsWholeWasi: false, ShortBenchmark.Run),
    ];
}
