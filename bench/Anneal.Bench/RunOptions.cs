// What the command line asked for, checked, with the engines found. Shared by all modes.

namespace Anneal.Bench;

/// <param name="Repository">The working tree.</param>
/// <param name="Engines">In the order in which they alternate and in which columns appear.</param>
/// <param name="Ratios">The columns of ratios.</param>
/// <param name="Repeat">Measured repetitions of each program on each engine.</param>
/// <param name="Statistic">What stands for the repetitions.</param>
/// <param name="Clock">What of a run is measured.</param>
/// <param name="Limit">A run that takes longer has failed.</param>
/// <param name="Programs">The programs asked for; none stands for all that the mode has.</param>
/// <param name="EsbuildModule">esbuild's WASI build.</param>
/// <param name="Notes">What a reader of the table must know, such as engines that are missing here.</param>
/// <param name="Markdown">The table as Markdown.</param>
/// <param name="JsonFile">Where to write all samples, or null.</param>
internal sealed record RunOptions(
    Repository Repository,
    IReadOnlyList<Engine> Engines,
    IReadOnlyList<Ratio> Ratios,
    int Repeat,
    Statistic Statistic,
    Clock Clock,
    TimeSpan Limit,
    IReadOnlyList<string> Programs,
    string EsbuildModule,
    IReadOnlyList<string> Notes,
    bool Markdown,
    string? JsonFile);
