// Helpers, called from small programs, on each tier and, where the verifier takes the program, in both modes.

using System.Buffers.Binary;
using System.Text;
using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Running;

public sealed class HelperTests
{
    private static readonly (Tier, SafetyMode)[] Ways =
    [
        (Tier.Portable, SafetyMode.Sandboxed), (Tier.Threaded, SafetyMode.Sandboxed), (Tier.Baseline, SafetyMode.Sandboxed),
        (Tier.Portable, SafetyMode.Verified), (Tier.Threaded, SafetyMode.Verified), (Tier.Baseline, SafetyMode.Verified),
    ];

    [Fact]
    public void Packet_bytes_are_loaded_and_stored()
    {
        const string Text = """
            mov %r6, %r1
            stdw [%r10-8], 0
            mov %r2, 3
            mov %r3, %r10
            add %r3, -8
            mov %r4, 4
            call 26
            jne %r0, 0, +9
            mov %r1, %r6
            mov %r2, 0
            mov %r3, %r10
            add %r3, -8
            mov %r4, 2
            mov %r5, 0
            call 9
            ldxw %r0, [%r10-8]
            exit
            exit
            """;
        Each(ProgramTypes.Classifier, Text, program =>
        {
            byte[] packet = [1, 2, 3, 4, 5, 6, 7];
            Assert.Equal(0x07060504u, program.Run(packet));
            Assert.Equal([4, 5, 3, 4, 5, 6, 7], packet);
            Assert.Equal(unchecked((ulong)-14), program.Run(new byte[6]));
        });
    }

    [Fact]
    public void Legacy_packet_loads_are_in_network_order_and_end_the_program_outside()
    {
        const string Text = """
            mov %r6, %r1
            ldabsh 2
            mov %r7, %r0
            mov %r8, 1
            ldindw %r8, 3
            lsh %r7, 32
            or %r0, %r7
            mov %r9, %r0
            ldabsb 0
            add %r0, %r9
            exit
            """;
        Each(ProgramTypes.SocketFilter, Text, program =>
        {
            Assert.Equal(0x0203_0405_0607ul + 0, program.Run(new byte[] { 0, 1, 2, 3, 4, 5, 6, 7 }));
            Assert.Equal(0u, program.Run(new byte[] { 0, 1, 2, 3, 4, 5, 6 }));
            Assert.Equal(0u, program.Run(Span<byte>.Empty));
        });
        Each(ProgramTypes.SocketFilter, "mov %r6, %r1\nmov %r2, -1\nldindb %r2, 0\nmov %r0, 9\nexit", program => Assert.Equal(0u, program.Run(new byte[64])));
    }

    [Fact]
    public void Checksums_are_updated()
    {
        byte[] header = [0x45, 0, 0, 40, 1, 2, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Checksum(header));
        byte[] changed = (byte[])header.Clone();
        changed[12] = 192;
        changed[13] = 168;
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(10), 0);
        ushort expected = Checksum(changed);
        // The address in memory order, before and after.
        string text = $"mov %r2, 10\nmov32 %r3, {BitConverter.ToInt32(header, 12)}\nmov32 %r4, {BitConverter.ToInt32(changed, 12)}\nmov %r5, 4\ncall 10\nexit";
        Each(ProgramTypes.Classifier, text, program =>
        {
            byte[] packet = (byte[])header.Clone();
            Assert.Equal(0u, program.Run(packet));
            Assert.Equal(expected, BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(10)));
        });
        string difference = $"stw [%r10-8], {BitConverter.ToInt32(header, 12)}\nstw [%r10-4], {BitConverter.ToInt32(changed, 12)}\nmov %r1, %r10\nadd %r1, -8\nmov %r2, 4\nmov %r3, %r10\nadd %r3, -4\nmov %r4, 4\nmov %r5, 0\ncall 28\nexit";
        Each(ProgramTypes.Xdp, difference, program =>
        {
            uint sum = (uint)~BitConverter.ToUInt16(header, 10) & 0xFFFF;
            ulong total = sum + program.Run(new byte[1]);
            while (total >> 16 != 0) total = (total & 0xFFFF) + (total >> 16);
            Assert.Equal(BinaryPrimitives.ReverseEndianness(expected), (ushort)~total);
        });
    }

    [Theory]
    [InlineData("  -123xyz", 0, -123, 6)]
    [InlineData("0x1F ", 0, 31, 4)]
    [InlineData("017", 0, 15, 3)]
    [InlineData("ff", 16, 255, 2)]
    [InlineData("9223372036854775807", 10, long.MaxValue, 19)]
    [InlineData("9223372036854775808", 10, 0, -34)]
    [InlineData("99999999999999999999", 10, 0, -34)]
    [InlineData("x", 10, 0, -22)]
    [InlineData("12", 7, 0, -22)]
    public void Numbers_are_parsed(string number, int radix, long value, long used)
    {
        var text = new StringBuilder();
        byte[] bytes = new byte[24];
        Encoding.ASCII.GetBytes(number, bytes);
        for (int i = 0; i < 24; i += 4) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"stw [%r10-{24 - i}], {BitConverter.ToInt32(bytes, i)}\n");
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"stdw [%r10-32], 0\nmov %r1, %r10\nadd %r1, -24\nmov %r2, 24\nmov %r3, {radix}\nmov %r4, %r10\nadd %r4, -32\ncall 105\n");
        Each(ProgramTypes.Xdp, text + "exit", program => Assert.Equal(used, (long)program.Run(new byte[1])));
        if (used > 0) Each(ProgramTypes.Xdp, text + "ldxdw %r0, [%r10-32]\nexit", program => Assert.Equal(value, (long)program.Run(new byte[1])));
    }

    [Fact]
    public void Random_numbers_time_and_processor()
    {
        Each(ProgramTypes.Xdp, "call 7\nmov %r6, %r0\ncall 7\nlsh %r6, 32\nor %r0, %r6\nexit", program =>
        {
            ulong first = program.Run(new byte[1]);
            Assert.NotEqual(first >> 32, first & uint.MaxValue);
            Assert.NotEqual(first, program.Run(new byte[1]));
        });
        Each(ProgramTypes.Xdp, "call 5\nmov %r6, %r0\ncall 5\nsub %r0, %r6\nexit", program => Assert.InRange((long)program.Run(new byte[1]), 0, 10_000_000_000));
        Each(ProgramTypes.Xdp, "call 8\nexit", program => Assert.InRange(program.Run(new byte[1]), 0u, (uint)Environment.ProcessorCount - 1));
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        ulong[] numbers = new ulong[2];
        for (int i = 0; i < 2; i++)
        {
            using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { RandomSeed = 5 });
            numbers[i] = runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble("call 7\nexit"))).Run(new byte[1]);
        }

        Assert.Equal(numbers[0], numbers[1]);
    }

    [Fact]
    public void A_hosts_helper_gets_what_its_prototype_says()
    {
        var helper = new HostHelper(
            new HelperPrototype { Id = 1000, Name = "sum", Arguments = [ArgumentType.ReadableMemory, ArgumentType.MemorySize, ArgumentType.Anything], Returns = ReturnType.Scalar },
            call =>
            {
                ulong sum = call[2];
                foreach (byte b in call.Memory(0)) sum += b;
                return sum;
            });
        const string Good = "stdw [%r10-8], 0x01020304\nmov %r1, %r10\nadd %r1, -8\nmov %r2, 8\nmov %r3, 100\ncall 1000\nexit";
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Helpers = [helper] });
            Assert.Equal(110u, Load(runtime, Good).Run(new byte[1]));
            string bad = Good.Replace("mov %r2, 8", "mov %r2, 9", StringComparison.Ordinal);
            if (mode == SafetyMode.Verified) Assert.Throws<VerifierException>(() => Load(runtime, bad));
            else Assert.Throws<EbpfFaultException>(() => Load(runtime, bad).Run(new byte[1]));
        }

        Assert.Throws<ArgumentException>(() => new HostHelper(helper.Prototype with { Callback = CallbackKind.Loop }, _ => 0));
    }

    [Fact]
    public void An_exception_of_a_hosts_helper_reaches_who_runs_the_program()
    {
        var helper = new HostHelper(
            new HelperPrototype { Id = 1000, Name = "throw", Arguments = [], Returns = ReturnType.Scalar },
            _ => throw new TimeZoneNotFoundException("from the host"));
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Helpers = [helper] });
            LoadedProgram program = Load(runtime, "call 1000\nexit");
            for (int i = 0; i < 3; i++) Assert.Equal("from the host", Assert.Throws<TimeZoneNotFoundException>(() => program.Run(new byte[1])).Message);
        }
    }

    [Fact]
    public void A_program_runs_inside_a_helper_of_another_run()
    {
        LoadedProgram? inner = null;
        var helper = new HostHelper(
            new HelperPrototype { Id = 1000, Name = "run", Arguments = [], Returns = ReturnType.Scalar },
            _ => inner!.Run(new byte[3]));
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Helpers = [helper] });
            inner = runtime.Load(new EbpfProgram("inner", ProgramTypes.Classifier, PlainAssembler.Assemble("ldxw %r0, [%r1+0]\nexit")));
            LoadedProgram outer = runtime.Load(new EbpfProgram("outer", ProgramTypes.Classifier, PlainAssembler.Assemble("mov %r6, %r1\ncall 1000\nldxw %r1, [%r6+0]\nlsh %r0, 8\nor %r0, %r1\nexit")));
            Assert.Equal(0x305u, outer.Run(new byte[5]));
        }
    }

    [Fact]
    public void Many_packets_in_one_call()
    {
        Each(ProgramTypes.Classifier, "ldxw %r0, [%r1+0]\nadd %r0, 100\nexit", program =>
        {
            var results = new ulong[3];
            program.RunBatch(new byte[6], [1, 2, 3], results);
            Assert.Equal([101ul, 102, 103], results);
            Assert.Throws<ArgumentException>(() => program.RunBatch(new byte[5], [1, 2, 3], results));
            Assert.Throws<ArgumentException>(() => program.RunBatch(new byte[6], [7, 2, -3], results));
        });
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        Each(ProgramTypes.Xdp, "mov %r0, 2\nexit", program =>
        {
            byte[] packet = new byte[64];
            for (int i = 0; i < 100; i++) program.Run(packet);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++) program.Run(packet);
            // The portable tier has its stack of frames on the heap.
            if (program.Runtime.Engine.Tier != Tier.Portable) Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        });
    }

    [Fact]
    public void A_verified_program_can_have_a_limit()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, InstructionLimit = 1000 });
            LoadedProgram program = Load(runtime, "mov %r1, 8000000\nlddw %r2, function f\nmov %r3, 0\nmov %r4, 0\ncall 181\nmov %r0, 0\nexit\nf: mov %r0, 0\nexit");
            Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(() => program.Run(new byte[1])).Kind);
        }
    }

    private static void Each(ProgramType type, string text, Action<LoadedProgram> check)
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
            check(runtime.Load(new EbpfProgram("p", type, PlainAssembler.Assemble(text))));
        }
    }

    private static LoadedProgram Load(EbpfRuntime runtime, string text) =>
        runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text)));

    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
