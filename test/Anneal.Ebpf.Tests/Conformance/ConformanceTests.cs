// The public instruction-set vectors, on each tier, sandboxed. They aren't part of the repository; where they aren't beside
// it, the one test that is left says so.

using Xunit;

namespace Anneal.Ebpf.Tests.Conformance;

public sealed class ConformanceTests
{
    private const string Absent = "(the folder shared/bpf-conformance isn't beside the repository: skipped)";

    public static TheoryData<string, Tier> Vectors
    {
        get
        {
            var data = new TheoryData<string, Tier>();
            IEnumerable<string> names = ConformanceVector.Folder is null
                ? [Absent]
                : Directory.GetFiles(ConformanceVector.Folder, "*.data").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal);
            foreach (string name in names)
            {
                data.Add(name, Tier.Portable);
                data.Add(name, Tier.Threaded);
                data.Add(name, Tier.Baseline);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Sandboxed(string name, Tier tier)
    {
        if (name == Absent) return;
        ConformanceVector vector = ConformanceVector.Read(name);
        using var engine = new Engine(new EngineOptions { Tier = tier });
        Assert.Equal(tier, engine.Tier);
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, Helpers = [Unwind] });
        if (vector.Result is not { } expected)
        {
            Assert.ThrowsAny<Exception>(() => Run(runtime, vector));
            return;
        }

        Assert.Equal(expected, Run(runtime, vector));
    }

    // In the tier that was asked for, and in no other: vectors with atomic operations are among them.
    [Theory]
    [InlineData(SafetyMode.Sandboxed)]
    [InlineData(SafetyMode.Verified)]
    public void Threaded_runs_all_of_them_itself(SafetyMode mode)
    {
        if (ConformanceVector.Folder is null) return;
        int atomics = 0;
        foreach (string path in Directory.GetFiles(ConformanceVector.Folder, "*.data"))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            ConformanceVector vector = ConformanceVector.Read(name);
            if (vector.Result is not { } expected) continue;
            bool isAtomic = name.Contains("lock", StringComparison.Ordinal);
            // The others' results are compared by the test of the verified ones.
            if (mode == SafetyMode.Verified && !isAtomic) continue;
            using var engine = new Engine(new EngineOptions { Tier = Tier.Threaded });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Helpers = [Unwind] });
            ulong result;
            try
            {
                result = Run(runtime, vector);
            }
            catch (VerifierException)
            {
                continue;
            }

            if (isAtomic) atomics++;
            Assert.True(expected == result, name);
            EngineStatistics statistics = engine.GetStatistics();
            Assert.True(statistics is { FunctionsPredecoded: > 0, FunctionsCompiled: 0, Refusals: 0 }, $"{name}: {statistics}");
        }

        Assert.True(atomics >= 30, $"{atomics} vectors with atomic operations");
    }

    // Those that don't need the input memory, verified: the verifier refuses some (for uninitialized registers, say), but what it
    // accepts must give the same results.
    [Theory]
    [InlineData(Tier.Portable)]
    [InlineData(Tier.Threaded)]
    [InlineData(Tier.Baseline)]
    public void Verified(Tier tier)
    {
        if (ConformanceVector.Folder is null) return;
        int accepted = 0, refused = 0;
        foreach (string path in Directory.GetFiles(ConformanceVector.Folder, "*.data"))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            ConformanceVector vector = ConformanceVector.Read(name);
            if (vector.Memory.Length != 0 || vector.Result is not { } expected) continue;
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Helpers = [Unwind] });
            try
            {
                LoadedProgram program = runtime.Load(new EbpfProgram(name, ProgramTypes.Tracing, vector.Program));
                accepted++;
                Assert.True(expected == program.Run(Span<byte>.Empty), name);
            }
            catch (VerifierException)
            {
                refused++;
            }
        }

        Assert.True(accepted > 200, $"{accepted} accepted, {refused} refused");
    }

    // The helper that some vectors call: it would end the program if it gave 0.
    private static HostHelper Unwind { get; } = new(
        new HelperPrototype { Id = 5, Name = "unwind", Arguments = [ArgumentType.Anything], Returns = ReturnType.Scalar },
        call => call[0]);

    private static ulong Run(EbpfRuntime runtime, ConformanceVector vector)
    {
        LoadedProgram program = runtime.Load(new EbpfProgram("vector", ProgramTypes.Memory, vector.Program));
        return program.Run(vector.Memory);
    }
}
