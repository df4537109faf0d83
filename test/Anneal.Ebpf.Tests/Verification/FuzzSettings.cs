using System.Globalization;

namespace Anneal.Ebpf.Tests.Verification;

/// <summary>How long the random tests run, and with what: ANNEAL_FUZZ_SEED and ANNEAL_FUZZ_PROGRAMS.</summary>
internal static class FuzzSettings
{
    /// <summary>The first program's seed; the next ones have the next numbers.</summary>
    public static int Seed(int otherwise) => Setting("ANNEAL_FUZZ_SEED", otherwise);

    /// <summary>How many programs, or rounds.</summary>
    public static int Programs(int otherwise) => Setting("ANNEAL_FUZZ_PROGRAMS", otherwise);

    /// <summary>Whether to print, made short, the programs that only the kernel refuses: ANNEAL_FUZZ_SHOW=1.</summary>
    public static bool ShowsDisagreements => Setting("ANNEAL_FUZZ_SHOW", 0) != 0;

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
