namespace Anneal.Wasm.Text;

/// <summary>
/// What became of a script's assertions. A module or a bare action that must succeed counts only when it fails; an
/// assertion that needs a feature that the engine lacks counts as skipped, under the feature's name.
/// </summary>
internal sealed class WastSummary
{
    private readonly SortedDictionary<string, int> _skipped = new(StringComparer.Ordinal);

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public int Skipped { get; private set; }

    /// <summary>How many assertions were skipped for each feature, and for each kind of command that is not known.</summary>
    public IReadOnlyDictionary<string, int> SkippedByFeature => _skipped;

    public void Pass() => Passed++;

    public void Fail() => Failed++;

    public void Skip(string feature) => Skip(feature, 1);

    /// <summary>Adds the counts of another script.</summary>
    public void Add(WastSummary other)
    {
        Passed += other.Passed;
        Failed += other.Failed;
        foreach ((string feature, int count) in other._skipped)
            Skip(feature, count);
    }

    private void Skip(string feature, int count)
    {
        Skipped += count;
        _skipped[feature] = _skipped.GetValueOrDefault(feature) + count;
    }

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
