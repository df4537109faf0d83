// The conformance scripts carried out on one tier, each at most once in a process: the tests by script and the comparison of
// totals share the runs.

using System.Collections.Concurrent;
using Anneal.Tiering;
using Anneal.Wasm.Text;
using Xunit;

namespace Anneal.Wasm.Tests.Conformance;

/// <summary>A way to run the scripts.</summary>
public enum Configuration
{
    Portable,
    Threaded,
    ThreadedExplicitChecks,
    Baseline,
    BaselineExplicitChecks,
    BaselineMetered,
    ThreadedMetered,

    /// <summary>As users have it: hot functions are compiled in the background.</summary>
    Auto,

    /// <summary>Every function is compiled at its first call, and the call goes over to the code at its first loop header.</summary>
    TierUpAtOnce,

    /// <summary>Frames change between interpreter and compiled code at every loop header.</summary>
    AlternateAtLoops,

    /// <summary>The guest is stopped at every poll, its frames are lifted, and go on in the next tier.</summary>
    SuspendAtPolls,
}

internal static class ConformanceRuns
{
    // Longer than any script takes: only a guest that never ends is stopped, and fails.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly ConcurrentDictionary<(string Script, Configuration Configuration), Lazy<Run>> Runs = new();

    /// <summary>A script's counts and what was written for each failure.</summary>
    public static Run Of(string script, Configuration configuration) =>
        Runs.GetOrAdd((script, configuration), key => new Lazy<Run>(() => Make(key.Script, key.Configuration))).Value;

    public static EngineOptions OptionsOf(Configuration configuration) => new()
    {
        Tier = configuration switch
        {
            Configuration.Portable => Tier.Portable,
            Configuration.Threaded or Configuration.ThreadedExplicitChecks or Configuration.ThreadedMetered => Tier.Threaded,
            Configuration.Baseline or Configuration.BaselineExplicitChecks or Configuration.BaselineMetered => Tier.Baseline,
            _ => Tier.Auto,
        },
        MemoryChecks = configuration is Configuration.BaselineExplicitChecks or Configuration.ThreadedExplicitChecks ? MemoryChecks.Explicit : MemoryChecks.Hardware,
        SynchronousTierUp = configuration == Configuration.TierUpAtOnce,
        TierUpHeat = configuration switch
        {
            Configuration.TierUpAtOnce => 0,
            Configuration.AlternateAtLoops or Configuration.SuspendAtPolls => int.MaxValue,
            _ => null,
        },
        Stress = configuration switch
        {
            Configuration.AlternateAtLoops => TierStress.AlternateAtLoops,
            Configuration.SuspendAtPolls => TierStress.SuspendAtPolls,
            _ => TierStress.None,
        },
        FuelMetering = configuration is Configuration.BaselineMetered or Configuration.ThreadedMetered,
    };

    private static Run Make(string name, Configuration configuration)
    {
        using var engine = new Engine(OptionsOf(configuration));
        Assert.True(engine.TierRefusal is null, engine.TierRefusal);
        var script = WastScript.Parse(File.ReadAllBytes(Path.Combine(TestSuite.Folder!, name)), name);
        using var cancellation = new CancellationTokenSource(Limit);
        using var failures = new StringWriter();
        WastSummary summary = new WastRunner(engine).Run(script, failures, cancellation.Token);
        return new Run(summary, failures.ToString());
    }

    internal sealed record Run(WastSummary Summary, string Failures);
}
