using Xunit;

namespace Anneal.Ebpf.Tests.Verification;

/// <summary>How many accepted programs have each kind of thing that <see cref="RandomProgram"/> makes.</summary>
internal sealed class KindCounts
{
    private readonly Dictionary<string, int> counts = RandomProgram.AllKinds.ToDictionary(kind => kind, _ => 0);

    public void Add(RandomProgram program)
    {
        foreach (string kind in program.Kinds) counts[kind] = counts.GetValueOrDefault(kind) + 1;
    }

    /// <summary>Fails if a kind didn't come up.</summary>
    public void AssertAll() => Assert.True(counts.All(count => count.Value > 0), $"no accepted program has: {string.Join("; ", counts.Where(count => count.Value == 0).Select(count => count.Key))}");

    public override string ToString() => string.Join(", ", counts.OrderBy(count => count.Value).Select(count => $"{count.Key} {count.Value}"));
}
