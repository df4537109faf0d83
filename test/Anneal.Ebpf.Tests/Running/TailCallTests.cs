// Tail calls on each tier in both modes: which program follows, how many may, what happens to programs that are taken out.

using System.Runtime.CompilerServices;
using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Running;

public sealed class TailCallTests
{
    private static readonly (Tier, SafetyMode)[] Ways =
    [
        (Tier.Portable, SafetyMode.Sandboxed), (Tier.Threaded, SafetyMode.Sandboxed), (Tier.Baseline, SafetyMode.Sandboxed), (Tier.Auto, SafetyMode.Sandboxed),
        (Tier.Portable, SafetyMode.Verified), (Tier.Threaded, SafetyMode.Verified), (Tier.Baseline, SafetyMode.Verified), (Tier.Auto, SafetyMode.Verified),
    ];

    private static readonly MapDefinition Programs = new() { Name = "progs", Type = MapType.ProgramArray, KeySize = 4, ValueSize = 4, MaxEntries = 4 };
    private static readonly MapDefinition Counters = new() { Name = "counters", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 };

    // The first byte of the packet says where to go on.
    private const string Dispatch = """
        mov %r6, %r1
        ldxw %r2, [%r1]
        ldxw %r3, [%r1+4]
        mov %r0, %r2
        add %r0, 1
        jgt %r0, %r3, out
        ldxb %r3, [%r2]
        mov %r1, %r6
        lddw %r2, map 0
        call 12
        out: mov %r0, 1
        exit
        """;

    [Fact]
    public void The_program_at_the_index_follows_and_a_failed_call_goes_on()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
            var array = (ProgramArray)runtime.CreateMap(Programs);
            LoadedProgram first = Load(runtime, "mov %r6, %r1\nldxw %r2, [%r1]\nldxw %r3, [%r1+4]\nmov %r0, %r2\nadd %r0, 4\njgt %r0, %r3, out\nldxw %r3, [%r2]\nmov %r1, %r6\nlddw %r2, map 0\ncall 12\nout: mov %r0, 1\nexit", array);
            array[0] = Load(runtime, "mov %r0, 2\nexit", array);
            array[3] = Load(runtime, "mov %r0, 3\nexit", array);
            for (int round = 0; round < 50; round++)
            {
                Assert.Equal(2u, first.Run(new byte[] { 0, 0, 0, 0 }));
                Assert.Equal(3u, first.Run(new byte[] { 3, 0, 0, 0 }));
                // An empty entry, indices beyond the array, a packet that is too short.
                foreach (byte[] packet in (byte[][])[[1, 0, 0, 0], [4, 0, 0, 0], [0, 0, 0, 0x80], [255, 255, 255, 255], [0]])
                    Assert.Equal(1u, first.Run(packet));
            }

            array[0] = null;
            Assert.Equal(1u, first.Run(new byte[] { 0, 0, 0, 0 }));
        }
    }

    [Fact]
    public void Only_the_low_half_of_the_index_counts()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
            var array = (ProgramArray)runtime.CreateMap(Programs);
            LoadedProgram first = Load(runtime, "lddw %r3, 0x700000002\nlddw %r2, map 0\ncall 12\nmov %r0, 1\nexit", array);
            array[2] = Load(runtime, "mov %r0, 2\nexit", array);
            Assert.Equal(2u, first.Run(new byte[1]));
        }
    }

    [Fact]
    public void There_are_33_at_most()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
            var array = (ProgramArray)runtime.CreateMap(Programs);
            EbpfMap counters = runtime.CreateMap(Counters);
            // Counts itself, then calls itself.
            var program = new EbpfProgram(
                "loop",
                ProgramTypes.Xdp,
                PlainAssembler.Assemble("mov %r6, %r1\nlddw %r1, value 1+0\nmov %r2, 1\nlock add [%r1], %r2\nmov %r1, %r6\nlddw %r2, map 0\nmov %r3, 0\ncall 12\nmov %r0, 1\nexit"),
                [Programs, Counters]);
            LoadedProgram loop = runtime.Load(program, [array, counters]);
            array[0] = loop;
            for (int round = 1; round <= 3; round++)
            {
                Assert.Equal(1u, loop.Run(new byte[1]));
                Assert.Equal(34ul * (ulong)round, counters.Lookup<uint, ulong>(0));
            }
        }
    }

    [Fact]
    public void Programs_of_another_type_or_mode_are_not_called()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
            var array = (ProgramArray)runtime.CreateMap(Programs);
            array[0] = runtime.Load(new EbpfProgram("other", ProgramTypes.SocketFilter, PlainAssembler.Assemble("mov %r0, 2\nexit"), [Programs]), [array]);
            LoadedProgram first = Load(runtime, "lddw %r2, map 0\nmov %r3, 0\ncall 12\nmov %r0, 1\nexit", array);
            Assert.Equal(1u, first.Run(new byte[1]));
            array[0] = Load(runtime, "mov %r0, 2\nexit", array);
            Assert.Equal(2u, first.Run(new byte[1]));
        }
    }

    [Fact]
    public void A_tail_call_in_a_subprogram_returns_to_its_caller()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
            var array = (ProgramArray)runtime.CreateMap(Programs);
            array[0] = Load(runtime, "stdw [%r10-512], -1\nstdw [%r10-8], -1\nmov %r0, 2\nexit", array);
            LoadedProgram first = Load(runtime, "stdw [%r10-8], 40\nmov %r6, 3\ncall local f\nldxdw %r1, [%r10-8]\nadd %r0, %r1\nadd %r0, %r6\nexit\nf: lddw %r2, map 0\nmov %r3, 0\ncall 12\nmov %r0, 1\nexit", array);
            Assert.Equal(45u, first.Run(new byte[1]));
            array[0] = null;
            Assert.Equal(44u, first.Run(new byte[1]));
        }
    }

    [Fact]
    public void A_program_that_is_called_may_move_the_packets_ends()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
            var array = (ProgramArray)runtime.CreateMap(Programs);
            LoadedProgram first = Load(runtime, Dispatch, array);
            const string Grow = "mov %r6, %r1\nmov %r2, -2\ncall 44\nldxw %r2, [%r6]\nldxw %r3, [%r6+4]\nmov %r0, %r2\nadd %r0, 2\njgt %r0, %r3, out\nstb [%r2], 8\nstb [%r2+1], 9\nldxw %r0, [%r6+4]\nldxw %r2, [%r6]\nsub %r0, %r2\nexit\nout: mov %r0, 0\nexit";
            array[0] = Load(runtime, Grow, array);
            byte[] packet = [0, 5, 6];
            byte[] output = new byte[8];
            Assert.Equal(5u, first.RunCopy(packet, output, out int length));
            Assert.Equal([8, 9, 0, 5, 6], output[..length]);
            // In place: as much as fits.
            Assert.Equal(5u, first.RunWithContext(packet, default, out length));
            Assert.Equal(5, length);
            Assert.Equal([8, 9, 0], packet);
            byte[] two = [0, 5, 6, 0, 7];
            ulong[] results = new ulong[2];
            first.RunBatch(two, [3, 2], results);
            Assert.Equal([5ul, 4], results);
            Assert.Equal([8, 9, 0, 8, 9], two);
        }
    }

    [Fact]
    public void Programs_that_are_taken_out_go_when_no_run_can_have_them()
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine);
        var array = (ProgramArray)runtime.CreateMap(Programs);
        LoadedProgram first = Load(runtime, "lddw %r2, map 0\nmov %r3, 0\ncall 12\nmov %r0, 1\nexit", array);
        var gone = new List<WeakReference>();
        for (int i = 0; i < 10; i++)
        {
            gone.Add(Put(runtime, array));
            Assert.Equal(2u, first.Run(new byte[1]));
        }

        array[0] = null;
        for (int i = 0; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, runtime.MapSpace.Retirement.Waiting);
        Assert.DoesNotContain(gone, one => one.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Put(EbpfRuntime runtime, ProgramArray array)
        {
            LoadedProgram program = Load(runtime, "mov %r0, 2\nexit", array);
            array[0] = program;
            return new WeakReference(program);
        }
    }

    [Fact]
    public void A_program_that_is_taken_out_under_a_run_stays_until_it_has_ended()
    {
        foreach (Tier tier in (Tier[])[Tier.Portable, Tier.Threaded, Tier.Baseline])
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            ProgramArray? array = null;
            WeakReference? gone = null;
            int waiting = 0;
            var takeOut = new HostHelper(
                new HelperPrototype { Id = 1000, Name = "take_out", Arguments = [], Returns = ReturnType.Scalar },
                call =>
                {
                    array![0] = null;
                    waiting = array.Space.Retirement.Waiting;
                    for (int i = 0; i < 3; i++)
                    {
                        GC.Collect();
                        GC.WaitForPendingFinalizers();
                    }

                    return gone!.IsAlive ? 7u : 0;
                });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Helpers = [takeOut] });
            array = (ProgramArray)runtime.CreateMap(Programs);
            LoadedProgram first = Load(runtime, "lddw %r2, map 0\nmov %r3, 0\ncall 12\nmov %r0, 1\nexit", array);
            gone = Put(runtime, array);
            // The called program takes itself out, and goes on.
            Assert.Equal(7u, first.Run(new byte[1]));
            Assert.Equal(1, waiting);
            Assert.Equal(1u, first.Run(new byte[1]));

            [MethodImpl(MethodImplOptions.NoInlining)]
            static WeakReference Put(EbpfRuntime runtime, ProgramArray array)
            {
                LoadedProgram program = Load(runtime, "call 1000\nexit", array);
                array[0] = program;
                return new WeakReference(program);
            }
        }
    }

    [Fact]
    public async Task Programs_are_exchanged_while_others_run()
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine);
        var array = (ProgramArray)runtime.CreateMap(Programs);
        LoadedProgram first = Load(runtime, "lddw %r2, map 0\nmov %r3, 0\ncall 12\nmov %r0, 1\nexit", array);
        using var stop = new CancellationTokenSource();
        Task<bool>[] runs = new Task<bool>[3];
        for (int i = 0; i < runs.Length; i++)
        {
            runs[i] = Task.Run(() =>
            {
                bool fine = true;
                while (!stop.IsCancellationRequested) fine &= first.Run(new byte[1]) is 1 or (>= 100 and < 400);
                return fine;
            });
        }

        for (int i = 0; i < 300; i++)
        {
            array[0] = i % 7 == 0 ? null : Load(runtime, $"mov %r0, {100 + i}\nexit", array);
            if (i % 20 == 0) GC.Collect();
        }

        await stop.CancelAsync();
        Assert.DoesNotContain(false, await Task.WhenAll(runs));
    }

    private static LoadedProgram Load(EbpfRuntime runtime, string text, ProgramArray array) =>
        runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text), [Programs]), [array]);
}
