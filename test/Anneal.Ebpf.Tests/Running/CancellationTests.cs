// Runs that are stopped from outside: by a token, by a limit of time. What comes after a stopped run is as if there had been none.

using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Running;

public sealed class CancellationTests
{
    // Calls back 8 million times 8 million times, if the packet's first byte isn't 0.
    private const string Long = """
        ldxw %r2, [%r1]
        ldxw %r3, [%r1+4]
        mov %r0, %r2
        add %r0, 1
        jgt %r0, %r3, out
        ldxb %r0, [%r2]
        jeq %r0, 0, out
        mov %r1, 8000000
        lddw %r2, function f
        mov %r3, 0
        mov %r4, 0
        call 181
        out: mov %r0, 7
        exit
        f: mov %r1, 8000000
        lddw %r2, function g
        mov %r3, 0
        mov %r4, 0
        call 181
        mov %r0, 0
        exit
        g: mov %r0, 0
        exit
        """;

    public static TheoryData<Tier, SafetyMode> Ways
    {
        get
        {
            var ways = new TheoryData<Tier, SafetyMode>();
            foreach (Tier tier in (Tier[])[Tier.Portable, Tier.Threaded, Tier.Baseline, Tier.Auto])
            {
                ways.Add(tier, SafetyMode.Sandboxed);
                ways.Add(tier, SafetyMode.Verified);
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_token_stops_a_run(Tier tier, SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, InstructionLimit = long.MaxValue });
        LoadedProgram program = Load(runtime);
        for (int i = 0; i < 3; i++)
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
            OperationCanceledException stopped = Assert.Throws<OperationCanceledException>(() => program.Run(new byte[] { 1 }, source.Token));
            Assert.Equal(source.Token, stopped.CancellationToken);
            // Cancelled before it began: it doesn't.
            Assert.Throws<OperationCanceledException>(() => program.Run(new byte[] { 0 }, source.Token));
            Assert.Equal(7u, program.Run(new byte[] { 0 }));
            using var other = new CancellationTokenSource();
            Assert.Equal(7u, program.Run(new byte[] { 0 }, other.Token));
            other.Cancel();
            Assert.Equal(7u, program.Run(new byte[] { 0 }));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_token_stops_a_batch(Tier tier, SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, InstructionLimit = long.MaxValue });
        LoadedProgram program = Load(runtime);
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        ulong[] results = new ulong[3];
        Assert.Throws<OperationCanceledException>(() => program.RunBatch(new byte[] { 0, 1, 0 }, [1, 1, 1], results, source.Token));
        Assert.Equal([7ul, 0, 0], results);
        program.RunBatch(new byte[] { 0, 0, 0 }, [1, 1, 1], results);
        Assert.Equal([7ul, 7, 7], results);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_limit_of_time_stops_a_run(Tier tier, SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, InstructionLimit = long.MaxValue, TimeLimit = TimeSpan.FromMilliseconds(20) });
        LoadedProgram program = Load(runtime);
        for (int i = 0; i < 3; i++)
        {
            Assert.Throws<GuestTimeoutException>(() => program.Run(new byte[] { 1 }));
            Assert.Equal(7u, program.Run(new byte[] { 0 }));
        }

        // The token is first.
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => program.Run(new byte[] { 1 }, source.Token));
    }

    private static LoadedProgram Load(EbpfRuntime runtime) => runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(Long)));
}
