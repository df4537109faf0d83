// Counters in maps that several runs of a program change at a time, with each atomic operation, on each tier.

using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Running;

public sealed class CounterTests
{
    private const int Threads = 8;
    private const int Rounds = 300;

    // Array: looked up without a call. Hash: through the helper.
    public static TheoryData<Tier, SafetyMode, MapType> Ways
    {
        get
        {
            var data = new TheoryData<Tier, SafetyMode, MapType>();
            foreach (Tier tier in Enum.GetValues<Tier>())
            {
                foreach (SafetyMode mode in new[] { SafetyMode.Sandboxed, SafetyMode.Verified })
                {
                    data.Add(tier, mode, MapType.Array);
                    data.Add(tier, mode, MapType.Hash);
                }
            }

            return data;
        }
    }

    // The value: two counters that are added to, one that is compared and exchanged, and bits that come and go.
    [Theory]
    [MemberData(nameof(Ways))]
    public void Runs_on_eight_threads_count_together(Tier tier, SafetyMode mode, MapType type)
    {
        const string Text = """
            stdw [%r10-8], 0
            lddw %r1, map 0
            mov %r2, %r10
            add %r2, -8
            call 1
            jne %r0, 0, +2
            mov %r0, 1
            exit
            mov %r6, %r0
            mov %r1, 1
            lock add [%r6+0], %r1
            mov %r1, 1
            lock fetch add32 [%r6+8], %r1
            mov %r8, 64
            l: ldxdw %r0, [%r6+16]
            mov %r7, %r0
            mov %r2, %r0
            add %r2, 3
            lock cmpxchg [%r6+16], %r2
            jeq %r0, %r7, +2
            sub %r8, 1
            jne %r8, 0, l
            mov %r1, 5
            lock fetch xor [%r6+24], %r1
            mov %r1, 0xff
            lock or32 [%r6+32], %r1
            mov %r0, 0
            jne %r8, 0, +1
            mov %r0, 2
            exit
            """;
        var map = new MapDefinition { Name = "m", Type = type, KeySize = 4, ValueSize = 40, MaxEntries = 4 };
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
        LoadedProgram program = runtime.Load(new EbpfProgram("count", ProgramTypes.Xdp, PlainAssembler.Assemble(Text), [map]));
        program.Maps[0].Update(new byte[4], new byte[40]);
        var failures = new Exception?[Threads];
        int exchanged = 0;
        var threads = new Thread[Threads];
        using var start = new Barrier(Threads);
        for (int t = 0; t < Threads; t++)
        {
            int number = t;
            threads[t] = new Thread(() =>
            {
                try
                {
                    start.SignalAndWait();
                    for (int i = 0; i < Rounds; i++)
                    {
                        ulong result = program.Run(new byte[16]);
                        Assert.True(result is 0 or 2);
                        if (result == 0) Interlocked.Increment(ref exchanged);
                    }
                }
                catch (Exception exception)
                {
                    failures[number] = exception;
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads) thread.Join();
        foreach (Exception? failure in failures) Assert.Null(failure);
        var value = new byte[40];
        Assert.True(program.Maps[0].TryLookup(new byte[4], value));
        const ulong Runs = Threads * Rounds;
        Assert.Equal([Runs, Runs, 3 * (ulong)exchanged, 0, 0xFF], Enumerable.Range(0, 5).Select(i => BitConverter.ToUInt64(value, i * 8)));
        EngineStatistics statistics = engine.GetStatistics();
        Assert.Equal(0, statistics.Refusals);
        if (tier == Tier.Threaded) Assert.Equal((1, 0), (statistics.FunctionsPredecoded, statistics.FunctionsCompiled));
    }
}
