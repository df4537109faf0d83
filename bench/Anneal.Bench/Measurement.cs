// The samples of one program on one engine, or the reason why there are none. A failed run is never dropped silently: its
// cell says so, its message is printed under the table, and the runner's exit code is 1.

namespace Anneal.Bench;

internal sealed class Measurement(string program, Engine engine)
{
    private readonly List<double> samples = [];

    public string Program { get; } = program;

    public Engine Engine { get; } = engine;

    /// <summary>Milliseconds of each repetition, in the order in which they ran.</summary>
    public IReadOnlyList<double> Samples => samples;

    /// <summary>Why this measurement has no valid result, or null.</summary>
    public string? Failure { get; private set; }

    public void Add(double milliseconds) => samples.Add(milliseconds);

    public void Fail(string reason) => Failure ??= reason;

    /// <summary>The result in milliseconds, or null when a run failed or none was made.</summary>
    public double? Result(Statistic statistic) =>
        Failure is null && samples.Count > 0 ? Statistics.Of(statistic, samples) : null;
}
