using System.Globalization;

namespace Anneal.Wasm.Tests.Differential;

/// <summary>What the environment says about randomized tests.</summary>
internal static class FuzzSettings
{
    /// <summary>ANNEAL_FUZZ_SCALE: how many times the usual number of modules are tried.</summary>
    public static int Scale => Math.Max(1, Variable("ANNEAL_FUZZ_SCALE") ?? 1);

    /// <summary>ANNEAL_FUZZ_SEED: where to begin, to repeat a failure.</summary>
    public static int Seed(int fallback) => Variable("ANNEAL_FUZZ_SEED") ?? fallback;

    private static int? Variable(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : null;
}
