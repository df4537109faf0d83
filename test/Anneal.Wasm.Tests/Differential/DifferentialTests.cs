// Generated modules do the same on every tier. ANNEAL_FUZZ_SCALE multiplies how many are tried, ANNEAL_FUZZ_SEED says where
// to begin: a failure prints the seed of its module, which alone makes it again.

using Xunit;
using Xunit.Abstractions;

namespace Anneal.Wasm.Tests.Differential;

public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int Modules = 1500;
    private const int ModulesByEngine = 100;

    [Fact]
    public void Generated_modules_do_the_same_on_every_tier()
    {
        int first = FuzzSettings.Seed(fallback: Environment.TickCount & 0x3FFF_FFFF);
        int count = Modules * FuzzSettings.Scale;
        output.WriteLine($"seeds {first} to {first + count - 1}");
        for (int done = 0; done < count; done += ModulesByEngine)
        {
            using var run = new DifferentialRun();
            for (int i = done; i < Math.Min(count, done + ModulesByEngine); i++)
                Check(run, first + i);
        }
    }

    private static void Check(DifferentialRun run, int seed)
    {
        GeneratedModule module = ModuleGenerator.Generate(seed);
        string? difference = Shrinking.Difference(run, module, seed);
        if (difference is null)
            return;
        Shrinking.Shrink(run, module, seed, TimeSpan.FromSeconds(20));
        string shrunk = Convert.ToHexString(module.Encode());
        Assert.Fail($"ANNEAL_FUZZ_SEED={seed}: {difference}\nshrunk: {Shrinking.Difference(run, module, seed)}\n{shrunk}");
    }
}
