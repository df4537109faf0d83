// Unverified programs: they fault where they leave their memory, on every tier the same, and never escape.

using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Running;

public sealed class SandboxTests
{
    private static readonly Tier[] Tiers = [Tier.Portable, Tier.Threaded, Tier.Baseline];

    private static readonly MapDefinition Array = new() { Name = "a", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 4 };

    public static TheoryData<string, string> Faults => new()
    {
        { "a load before the packet", "ldxw %r2, [%r1+0]\nldxb %r0, [%r2-1]" },
        { "a load behind the packet", "ldxw %r2, [%r1+4]\nldxb %r0, [%r2+0]" },
        { "a load across the packet's end", "ldxw %r2, [%r1+4]\nldxw %r0, [%r2-3]" },
        { "a store into a context that is read-only", "stw [%r1+0], 1" },
        { "a load behind the context", "ldxw %r0, [%r1+24]" },
        { "a load across the context's end", "ldxdw %r0, [%r1+20]" },
        { "a load from null", "mov %r2, 0\nldxdw %r0, [%r2]" },
        { "a load from the last address", "mov %r2, -1\nldxdw %r0, [%r2]" },
        { "a load above the stack", "ldxb %r0, [%r10+0]" },
        { "a load below all frames", "mov %r2, %r10\nsub %r2, 4097\nldxb %r0, [%r2]" },
        { "an atomic above the stack", "mov %r2, 1\nlock add [%r10], %r2" },
        { "an atomic across the stack's end", "mov %r2, 1\nlock add [%r10-4], %r2" },
        { "an atomic that isn't aligned", "mov %r2, 1\nlock add32 [%r10-6], %r2" },
        { "an exchange that isn't aligned", "stdw [%r10-8], 1\nstdw [%r10-16], 1\nlock xchg [%r10-15], %r2" },
        { "a compare and exchange nowhere", "mov %r2, 64\nlock cmpxchg [%r2], %r2" },
        { "a map that was made up", "mov %r2, %r10\nadd %r2, -4\nstw [%r2], 0\nlddw %r1, 0x4d41000000000007\ncall 1" },
        { "a key that isn't the program's", "lddw %r1, map 0\nmov %r2, 100\nmov %r3, %r2\nmov %r4, 0\ncall 2" },
        { "a value behind the array", "stw [%r10-4], 3\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 1\nldxdw %r0, [%r0+8]" },
        { "a host address", "lddw %r2, 0x7fff00000000\nldxdw %r0, [%r2]" },
        { "a function that was made up", "mov %r1, 1\nlddw %r2, 0x4342000000000009\nmov %r3, 0\nmov %r4, 0\ncall 181" },
        { "a record that wasn't reserved", "lddw %r1, 0x1000000000\nmov %r2, 0\ncall 132" },
        { "a negative size", "mov %r1, %r10\nmov %r2, -8\ncall 6" },
        { "a helper that there isn't", "mov %r2, 999\ncall %r2" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Faults_are_found(string what, string text)
    {
        Assert.NotEmpty(what);
        var kinds = new HashSet<string>();
        foreach (Tier tier in Tiers)
        {
            Exception fault = Assert.ThrowsAny<Exception>(() => Run(tier, text + "\nmov %r0, 0\nexit"));
            Assert.True(fault is EbpfFaultException or TrapException { Kind: TrapKind.MemoryOutOfBounds or TrapKind.UnalignedAtomic }, fault.ToString());
            kinds.Add(fault is TrapException trap ? $"{trap.Kind} {trap.Frames[0].GuestOffset}" : fault.Message);
        }

        // On each tier the same fault in the same place.
        Assert.Single(kinds);
    }

    [Fact]
    public void Endless_loops_use_their_fuel_up()
    {
        foreach (Tier tier in Tiers)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, InstructionLimit = 10_000 });
            LoadedProgram program = runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble("l: mov %r0, 1\nja l")));
            Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(() => program.Run(new byte[1])).Kind);
            LoadedProgram callback = runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(
                "mov %r1, 100000\nlddw %r2, function f\nmov %r3, 0\nmov %r4, 0\ncall 181\nexit\nf: mov %r0, 0\nexit")));
            Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(() => callback.Run(new byte[1])).Kind);
            // Exactly what is needed is enough.
            string straight = string.Concat(Enumerable.Repeat("mov %r0, 7\n", 9_999)) + "exit";
            Assert.Equal(7u, runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(straight))).Run(new byte[1]));
            LoadedProgram more = runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble("mov %r0, 7\n" + straight)));
            Assert.Throws<TrapException>(() => more.Run(new byte[1]));
        }
    }

    [Fact]
    public void A_run_ends_when_its_time_is_over()
    {
        foreach (Tier tier in Tiers)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, InstructionLimit = long.MaxValue, TimeLimit = TimeSpan.FromMilliseconds(20) });
            LoadedProgram endless = runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble("l: mov %r0, 1\nja l")));
            LoadedProgram quick = runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble("mov %r0, 1\nexit")));
            for (int i = 0; i < 3; i++)
            {
                Assert.Throws<GuestTimeoutException>(() => endless.Run(new byte[1]));
                Assert.Equal(1u, quick.Run(new byte[1]));
            }
        }
    }

    [Fact]
    public void Endless_recursion_exhausts_the_stack_or_the_fuel()
    {
        foreach (Tier tier in Tiers)
        {
            TrapException trap = Assert.Throws<TrapException>(() => Run(tier, "call local f\nexit\nf: call local f\nexit"));
            Assert.Contains(trap.Kind, new[] { TrapKind.StackExhausted, TrapKind.OutOfFuel });
        }
    }

    [Fact]
    public void Frames_of_callees_are_below_and_zero()
    {
        const string Text = """
            stdw [%r10-8], 7
            call local f
            ldxdw %r1, [%r10-8]
            lsh %r0, 8
            or %r0, %r1
            exit
            f: ldxdw %r0, [%r10-8]
            add %r0, 1
            stdw [%r10-8], 9
            exit
            """;
        foreach (Tier tier in Tiers)
        {
            Assert.Equal(0x107u, Run(tier, Text));
            Assert.Equal(0x107u, Run(tier, Text));
        }
    }

    [Fact]
    public void A_program_reads_the_context_that_it_is_given()
    {
        foreach (Tier tier in Tiers)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed });
            LoadedProgram program = runtime.Load(new EbpfProgram("p", ProgramTypes.Classifier, PlainAssembler.Assemble("ldxw %r0, [%r1+8]\nadd %r0, 1\nstxw [%r1+8], %r0\nldxw %r0, [%r1+0]\nexit")));
            byte[] context = new byte[12];
            context[0] = 99;
            context[8] = 41;
            RunResult result = program.RunWithContext(new byte[5], context);
            Assert.Equal(99u, result.Value);
            int length = result.Length;
            Assert.Equal(5, length);
            Assert.Equal(42, context[8]);
            Assert.Equal(5u, program.Run(new byte[5]));
        }
    }

    private static ulong Run(Tier tier, string text)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, InstructionLimit = 1_000_000 });
        return runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text), [Array])).Run(new byte[16]);
    }
}
