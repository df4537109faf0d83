// Perf event arrays, Bloom filters, maps of redirect targets: from the host's side and from programs'.

using Anneal.Ebpf.Assembly;
using Anneal.Ebpf.Tests.Running;
using Xunit;

namespace Anneal.Ebpf.Tests.Maps;

public sealed class EventMapTests
{
    private static readonly MapDefinition Events = new() { Name = "events", Type = MapType.PerfEventArray, KeySize = 4, ValueSize = 4, MaxEntries = 0 };
    private static readonly MapDefinition Filter = new() { Name = "filter", Type = MapType.BloomFilter, KeySize = 0, ValueSize = 8, MaxEntries = 1000 };

    [Fact]
    public void Records_come_with_the_packets_bytes()
    {
        // The flags are in the context's mark.
        const string Text = """
            lddw %r2, map 0
            ldxw %r3, [%r1+8]
            mov %r4, %r3
            and %r4, 0xffff
            rsh %r3, 16
            lsh %r3, 32
            jne %r4, 9, +2
            lddw %r4, 0xffffffff
            or %r3, %r4
            stw [%r10-4], 0x44434241
            mov %r4, %r10
            add %r4, -4
            mov %r5, 4
            call 25
            exit
            """;
        EachWay.Run(ProgramTypes.Classifier, Text, [Events], (program, _) =>
        {
            var events = (PerfEventArray)program.Maps[0];
            Assert.Equal(4, events.Buffers);
            Assert.Equal(0, Run(9, 3));
            Assert.Equal(0, Run(2, 0));
            Assert.Equal(0, Run(9, 5));
            Assert.Equal(-14, Run(9, 6));
            Assert.Equal(-2, Run(4, 0));
            var seen = new List<string>();
            Assert.Equal(3, events.Count);
            Assert.Equal(3, events.Consume((processor, record) => seen.Add($"{processor} {Convert.ToHexString(record)}")));
            Assert.Equal(["0 41424344010203", "0 414243440102030405", "2 41424344"], seen);
            Assert.Equal(0, events.Consume((_, _) => { }));

            long Run(int index, int bytes)
            {
                byte[] context = new byte[12];
                BitConverter.TryWriteBytes(context.AsSpan(8), index | (bytes << 16));
                return (long)program.RunWithContext(new byte[] { 1, 2, 3, 4, 5 }, context).Value;
            }
        });
    }

    [Fact]
    public void What_finds_no_room_is_lost_and_counted()
    {
        const string Text = "lddw %r2, map 0\nlddw %r3, 0xffffffff\nstdw [%r10-16], 1\nstdw [%r10-8], 2\nmov %r4, %r10\nadd %r4, -16\nmov %r5, 16\ncall 25\nexit";
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { PerfEventBytes = 110, Processors = 2 });
        LoadedProgram program = runtime.Load(new EbpfProgram("p", ProgramTypes.Tracing, PlainAssembler.Assemble(Text), [Events]));
        var events = (PerfEventArray)program.Maps[0];
        // Records go around the buffer's end.
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 5; i++) Assert.Equal(0u, program.Run(default));
            Assert.Equal(-28, (long)program.Run(default));
            Assert.Equal(5, events.Consume((_, record) => Assert.Equal("01000000000000000200000000000000", Convert.ToHexString(record))));
        }

        Assert.Equal(20u, events.Lost);
        Assert.Equal(20u, events.LostOn(0));
        // Flags of packets mean nothing here, and a map of another type isn't one of events.
        LoadedProgram flags = runtime.Load(new EbpfProgram("p", ProgramTypes.Tracing, PlainAssembler.Assemble(Text.Replace("0xffffffff", "0x1ffffffff", StringComparison.Ordinal)), [Events]));
        Assert.Equal(-22, (long)flags.Run(default));
        Assert.Throws<VerifierException>(() => runtime.Load(new EbpfProgram("p", ProgramTypes.Tracing, PlainAssembler.Assemble(Text), [Filter])));
        Assert.Throws<NotSupportedException>(() => events.Update(0, 0));
    }

    [Fact]
    public void Bloom_filters_never_miss_what_was_put_in()
    {
        const string Push = "ldxw %r2, [%r1+0]\nldxw %r3, [%r1+4]\nmov %r4, %r2\nadd %r4, 8\njgt %r4, %r3, +6\nlddw %r1, map 0\nmov %r3, 0\ncall CALL\nmov32 %r0, %r0\nexit\nmov %r0, 99\nexit";
        EachWay.Run(ProgramTypes.Tracing, "mov %r0, 0\nexit", [Filter], (program, _) =>
        {
            var filter = (BloomFilter)program.Maps[0];
            for (ulong i = 0; i < 1000; i++) filter.Add(i * 0x1_0000_0001);
            for (ulong i = 0; i < 1000; i++) Assert.True(filter.MayContain(i * 0x1_0000_0001));
            int wrong = 0;
            for (ulong i = 0; i < 10_000; i++) wrong += filter.MayContain(~i) ? 1 : 0;
            Assert.InRange(wrong, 0, 600);
            Assert.Equal(1000, filter.Count);
            Assert.Throws<ArgumentException>(() => filter.Add(1u));
        });
        foreach (SafetyMode mode in new[] { SafetyMode.Verified, SafetyMode.Sandboxed })
        {
            using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
            EbpfMap map = runtime.CreateMap(Filter with { HashFunctions = 3 });
            LoadedProgram push = Load("87"), peek = Load("89");
            byte[] value = BitConverter.GetBytes(0x1234_5678_9ABCul);
            Assert.Equal(-2, (int)peek.Run(value));
            Assert.Equal(0u, push.Run(value));
            Assert.Equal(0u, peek.Run(value));
            Assert.True(((BloomFilter)map).MayContain(0x1234_5678_9ABCul));

            LoadedProgram Load(string call) => runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(Push.Replace("CALL", call, StringComparison.Ordinal)), [map.Definition]), [map]);
        }

        // The value that is asked for must be there.
        using var portable = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var verified = new EbpfRuntime(portable);
        var unwritten = new EbpfProgram("p", ProgramTypes.Tracing, PlainAssembler.Assemble("lddw %r1, map 0\nmov %r2, %r10\nadd %r2, -8\ncall 89\nexit"), [Filter]);
        Assert.Contains("wasn't written", Assert.Throws<VerifierException>(() => verified.Load(unwritten)).Message, StringComparison.Ordinal);
        var pop = new EbpfProgram("p", ProgramTypes.Tracing, PlainAssembler.Assemble("stdw [%r10-8], 0\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -8\ncall 88\nexit"), [Filter]);
        Assert.Contains("can't be used with map filter", Assert.Throws<VerifierException>(() => verified.Load(pop)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MapType.DeviceMap, 4, RedirectKind.Device)]
    [InlineData(MapType.DeviceMap, 8, RedirectKind.Device)]
    [InlineData(MapType.DeviceHash, 4, RedirectKind.Device)]
    [InlineData(MapType.CpuMap, 4, RedirectKind.Processor)]
    [InlineData(MapType.XskMap, 4, RedirectKind.Socket)]
    public void Packets_are_redirected_to_entries_of_maps(MapType type, int valueSize, RedirectKind kind)
    {
        var definition = new MapDefinition { Name = "targets", Type = type, KeySize = 4, ValueSize = valueSize, MaxEntries = 8 };
        // Key and flags are the queue's number: its low and high half.
        const string Text = "ldxw %r2, [%r1+16]\nmov %r3, %r2\nand %r2, 0xffff\nrsh %r3, 16\nlddw %r1, map 0\ncall 51\nexit";
        EachWay.Run(ProgramTypes.Xdp, Text, [definition], (program, _) =>
        {
            EbpfMap map = program.Maps[0];
            byte[] value = new byte[valueSize];
            value[0] = 77;
            Assert.True(map.Update(BitConverter.GetBytes(5), value));
            Assert.Equal(4u, Run(5, 2, out Redirect redirect));
            Assert.Equal(new Redirect(kind, 77, map, 5, 0), redirect);
            // A miss gives the flags' lowest bits; flags that there aren't abort.
            Assert.Equal(2u, Run(6, 2, out redirect));
            Assert.Equal(default, redirect);
            Assert.Equal(0u, Run(5, 32, out redirect));
            bool devices = type is MapType.DeviceMap or MapType.DeviceHash;
            Assert.Equal(devices ? 4u : 0, Run(6, 8, out redirect));
            Assert.Equal(devices ? RedirectKind.AllDevices : RedirectKind.None, redirect.Kind);
            Assert.True(map.Delete(BitConverter.GetBytes(5)));
            Assert.Equal(1u, Run(5, 1, out Redirect _));
            if (type != MapType.DeviceHash) Assert.False(map.Update(BitConverter.GetBytes(8), value));
            if (valueSize == 8) Assert.Throws<NotSupportedException>(() => map.Update(1, 0x1_0000_0001ul));

            ulong Run(int key, int flags, out Redirect redirect)
            {
                byte[] context = new byte[24];
                BitConverter.TryWriteBytes(context.AsSpan(16), key | (flags << 16));
                RunResult result = program.RunCopy(new byte[10], new byte[10], context);
                redirect = result.Redirect;
                return result.Value;
            }
        });
    }

    [Fact]
    public void Programs_read_targets_and_cant_write_them()
    {
        var definition = new MapDefinition { Name = "targets", Type = MapType.DeviceMap, KeySize = 4, ValueSize = 4, MaxEntries = 8 };
        const string Read = "stw [%r10-4], 3\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 1\njeq %r0, 0, +1\nldxw %r0, [%r0]\nexit";
        EachWay.Run(ProgramTypes.Xdp, Read, [definition], (program, _) =>
        {
            Assert.Equal(0u, program.Run(new byte[1]));
            program.Maps[0].Update(3, 9);
            Assert.Equal(9u, program.Run(new byte[1]));
        });
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine);
        Refused(Read.Replace("ldxw %r0, [%r0]", "stw [%r0], 1", StringComparison.Ordinal), "which programs may only read");
        Refused("stw [%r10-4], 3\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 3\nexit", "can't be used with map targets");
        Refused("stw [%r10-4], 3\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\nmov %r3, %r2\nmov %r4, 0\ncall 2\nexit", "can't be used with map targets");
        using var sandbox = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed });
        LoadedProgram writes = sandbox.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(Read.Replace("ldxw %r0, [%r0]", "stw [%r0], 1", StringComparison.Ordinal)), [definition]));
        writes.Maps[0].Update(3, 9);
        Assert.Throws<TrapException>(() => writes.Run(new byte[1]));

        void Refused(string text, string reason) => Assert.Contains(
            reason, Assert.Throws<VerifierException>(() => runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text), [definition]))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xdp", "mov %r1, 4\nmov %r2, 0\ncall 23", 4, RedirectKind.Device, 0)]
    [InlineData("xdp", "mov %r1, 4\nmov %r2, 1\ncall 23", 0, RedirectKind.None, 0)]
    [InlineData("xdp", "mov %r1, 4\nmov %r2, 0\ncall 23\nmov %r0, 2", 2, RedirectKind.None, 0)]
    [InlineData("sched_cls", "mov %r1, 4\nmov %r2, 1\ncall 23", 7, RedirectKind.Device, 1)]
    [InlineData("sched_cls", "mov %r1, 4\nmov %r2, 2\ncall 23", 2, RedirectKind.None, 0)]
    [InlineData("sched_cls", "mov %r1, 4\nmov %r2, 0\ncall 155", 7, RedirectKind.Peer, 0)]
    [InlineData("sched_cls", "mov %r1, 4\nmov %r2, 0\nmov %r3, 0\nmov %r4, 0\ncall 152", 7, RedirectKind.Neighbor, 0)]
    [InlineData("sched_cls", "mov %r1, 4\nmov %r2, 0\nmov %r3, 0\nmov %r4, 1\ncall 152", 2, RedirectKind.None, 0)]
    public void Packets_are_redirected_to_devices(string type, string text, ulong verdict, RedirectKind kind, ulong flags)
    {
        EachWay.Run(type == "xdp" ? ProgramTypes.Xdp : ProgramTypes.Classifier, text + "\nexit", [], (program, _) =>
        {
            RunResult result = program.RunWithContext(new byte[4], default);
            Assert.Equal(verdict, result.Value);
            Assert.Equal(kind == RedirectKind.None ? default : new Redirect(kind, 4, null, 0, flags), result.Redirect);
        });
    }

    [Theory]
    [InlineData(MapType.PerfEventArray, 8, 4, 1, "an array's have 4")]
    [InlineData(MapType.PerfEventArray, 4, 8, 1, "4 are needed")]
    [InlineData(MapType.BloomFilter, 4, 8, 1, "no keys")]
    [InlineData(MapType.BloomFilter, 0, 0, 1, "values of 0 bytes")]
    [InlineData(MapType.BloomFilter, 0, 8, int.MaxValue, "are more than")]
    [InlineData(MapType.DeviceMap, 8, 4, 1, "has 4")]
    [InlineData(MapType.DeviceMap, 4, 12, 1, "no redirect target has")]
    [InlineData(MapType.XskMap, 4, 8, 1, "no redirect target has")]
    [InlineData(MapType.CpuMap, 4, 4, 0, "0 entries")]
    public void Definitions_that_make_no_sense(MapType type, int key, int value, int entries, string message)
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var runtime = new EbpfRuntime(engine);
        var definition = new MapDefinition { Name = "m", Type = type, KeySize = key, ValueSize = value, MaxEntries = entries };
        Assert.Contains(message, Assert.Throws<InvalidMapException>(() => runtime.CreateMap(definition)).Message, StringComparison.Ordinal);
    }
}
