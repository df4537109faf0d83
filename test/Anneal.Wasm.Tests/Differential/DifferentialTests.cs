// Generated modules do the same on every tier. ANNEAL_FUZZ_SCALE multiplies how many are tried, ANNEAL_FUZZ_SEED says where
// to begin: a failure prints the seed of its module, which alone makes it again.

using Xunit;
using Xunit.Abstractions;

namespace Anneal.Wasm.Tests.Differential;

public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int Modules = 1500;
    private const int ModulesByEngine = 100;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Generated_modules_do_the_same_on_every_tier(bool metered)
    {
        int first = FuzzSettings.Seed(fallback: Environment.TickCount & 0x3FFF_FFFF);
        int count = (metered ? Modules / 3 : Modules) * FuzzSettings.Scale;
        output.WriteLine($"seeds {first} to {first + count - 1}");
        for (int done = 0; done < count; done += ModulesByEngine)
        {
            using var run = new DifferentialRun(metered);
            for (int i = done; i < Math.Min(count, done + ModulesByEngine); i++)
                Check(run, first + i);
        }
    }

    [Fact]
    public void Threads_that_share_a_module_do_not_disturb_each_other()
    {
        int first = FuzzSettings.Seed(fallback: Environment.TickCount & 0x3FFF_FFFF);
        output.WriteLine($"seeds from {first}");
        using var portable = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var baseline = new Engine(new EngineOptions { Tier = Tier.Baseline });
        for (int seed = first; seed < first + (50 * FuzzSettings.Scale); seed++)
        {
            byte[] bytes = ModuleGenerator.Generate(seed).Encode();
            string expected = DifferentialRun.Record(portable, bytes, seed);
            using var module = Module.FromBytes(baseline, bytes);
            string[] found = new string[4];
            // Functions are compiled at their first call: the threads race to it.
            Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = found.Length }, i => found[i] = DifferentialRun.Record(baseline, module, seed));
            Assert.All(found, record => Assert.Equal(expected, record));
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
