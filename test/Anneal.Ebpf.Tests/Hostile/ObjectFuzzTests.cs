// Damaged objects: parsing, loading and running them ends in one of the documented exceptions or not at all, and takes no more memory
// than its limits say.
//
// ANNEAL_FUZZ_SEED and ANNEAL_FUZZ_PROGRAMS choose other damage and more of it.

using System.Diagnostics;
using Anneal.Ebpf.Tests.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Ebpf.Tests.Hostile;

public sealed class ObjectFuzzTests(ITestOutputHelper output)
{
    // The largest of the objects takes about one.
    private const long MostParseBytes = 32L << 20;

    private static (string Name, byte[] Bytes)[] Objects() =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Objects"), "*.o").Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), File.ReadAllBytes(path)))];

    [Fact]
    public void Damaged_objects_are_refused_or_run_within_their_limits()
    {
        int seed = FuzzSettings.Seed(1_000), rounds = FuzzSettings.Programs(1_500);
        (string Name, byte[] Bytes)[] objects = Objects();
        Assert.True(objects.Length >= 4);
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        var options = new EbpfOptions { InstructionLimit = 10_000, MaxMapBytes = 1 << 22, Processors = 2, Verifier = VerifierOptions.Default with { InstructionBudget = 20_000, StateMemory = 16 << 20 } };
        using var sandboxed = new EbpfRuntime(engine, options with { Mode = SafetyMode.Sandboxed });
        using var verified = new EbpfRuntime(engine, options);
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        void Count(string outcome) => outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        long most = 0;
        (TimeSpan Time, int Seed) longest = default;
        for (int n = seed; n < seed + rounds; n++)
        {
            var random = new Random(n);
            (string name, byte[] good) = objects[random.Next(objects.Length)];
            byte[] bad = Mutation.Of(random, good, objects[random.Next(objects.Length)].Bytes);
            long start = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
            ObjectFile? file = null;
            try
            {
                file = ObjectFile.Parse(bad, ProgramTypes.Xdp);
            }
            catch (Exception e) when (e is ObjectFormatException or InvalidEbpfProgramException)
            {
                Count($"parse: {e.GetType().Name}");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {n} of {name}: parse", e);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            most = Math.Max(most, allocated);
            Assert.True(allocated <= MostParseBytes, $"seed {n} of {name}: parsing {bad.Length} bytes takes {allocated} bytes");
            if (file is not null)
            {
                Run(sandboxed, file, $"seed {n} of {name}, sandboxed", Count);
                Run(verified, file, $"seed {n} of {name}, verified", Count);
            }

            TimeSpan time = Stopwatch.GetElapsedTime(start);
            if (time > longest.Time) longest = (time, n);
        }

        output.WriteLine($"seeds {seed} to {seed + rounds - 1}; at most {most >> 10} KiB allocated for parsing, {longest.Time.TotalMilliseconds:0} ms for all of one, seed {longest.Seed}");
        foreach ((string outcome, int count) in outcomes) output.WriteLine($"{count,6} {outcome}");
        Assert.True(outcomes.GetValueOrDefault("parse: ObjectFormatException") > rounds / 20, "hardly any is refused: the test says little");
        Assert.True(outcomes.GetValueOrDefault("verified: ran") > rounds / 20, "hardly any runs: the test says little");
    }

    private static void Run(EbpfRuntime runtime, ObjectFile file, string what, Action<string> count)
    {
        bool isVerified = runtime.Options.Mode == SafetyMode.Verified;
        string mode = isVerified ? "verified" : "sandboxed";
        EbpfObject loaded;
        try
        {
            loaded = EbpfObject.Load(runtime, file);
        }
        catch (Exception e) when (e is InvalidEbpfProgramException or InvalidMapException || (e is VerifierException && isVerified))
        {
            count($"{mode}: load: {e.GetType().Name}");
            return;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{what}: load", e);
        }

        foreach (LoadedProgram program in loaded.Programs)
        {
            try
            {
                program.Run(Packets.Udp(53));
                count($"{mode}: ran");
            }
            catch (TrapException e) when (!isVerified || e.Kind == TrapKind.OutOfFuel)
            {
                count($"{mode}: {e.Kind}");
            }
            catch (EbpfFaultException) when (!isVerified)
            {
                count($"{mode}: helper fault");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{what}: run of {program.Name}", e);
            }
        }

        foreach (EbpfMap map in loaded.Maps) map.Dispose();
    }
}
