// Every conformance script on every tier: no assertion fails, and the tiers pass and skip the same ones.

using Anneal.Wasm.Text;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Wasm.Tests.Conformance;

public sealed class ConformanceTests(ITestOutputHelper output)
{
    public static TheoryData<string, Configuration> ScriptsOnTiers()
    {
        var data = new TheoryData<string, Configuration>();
        foreach (string path in TestSuite.Scripts())
        {
            foreach (Configuration configuration in Enum.GetValues<Configuration>())
                data.Add(Path.GetFileName(path), configuration);
        }
        return data;
    }

    [SuiteTheory]
    [MemberData(nameof(ScriptsOnTiers))]
    public void A_script_passes(string script, Configuration configuration)
    {
        ConformanceRuns.Run run = ConformanceRuns.Of(script, configuration);
        output.WriteLine(run.Summary.ToString());
        Assert.True(run.Summary.Failed == 0, run.Failures);
    }

    [SuiteFact]
    public void The_tiers_agree_on_every_count()
    {
        var totals = new Dictionary<Configuration, WastSummary>();
        foreach (Configuration configuration in Enum.GetValues<Configuration>())
        {
            var total = new WastSummary();
            foreach (string path in TestSuite.Scripts())
            {
                WastSummary summary = ConformanceRuns.Of(Path.GetFileName(path), configuration).Summary;
                Assert.Equal(Describe(ConformanceRuns.Of(Path.GetFileName(path), Configuration.Portable).Summary), Describe(summary));
                total.Add(summary);
            }
            totals.Add(configuration, total);
            output.WriteLine($"{configuration}: {Describe(total)}");
        }
        Assert.All(totals.Values, total => Assert.Equal(Describe(totals[Configuration.Portable]), Describe(total)));
        Assert.True(totals[Configuration.Portable].Passed > 10_000, "hardly any assertion was carried out");
    }

    private static string Describe(WastSummary summary) =>
        $"{summary}: {string.Join(", ", summary.SkippedByFeature.Select(pair => $"{pair.Key} {pair.Value}"))}";
}
