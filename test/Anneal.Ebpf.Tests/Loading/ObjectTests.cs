// Objects made by clang, loaded and run on each tier.

using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Loading;

public sealed class ObjectTests
{
    public static TheoryData<Tier, SafetyMode> Ways
    {
        get
        {
            var data = new TheoryData<Tier, SafetyMode>();
            foreach (Tier tier in new[] { Tier.Portable, Tier.Threaded, Tier.Baseline, Tier.Auto })
            {
                data.Add(tier, SafetyMode.Sandboxed);
                data.Add(tier, SafetyMode.Verified);
            }

            return data;
        }
    }

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Objects", name));

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_tracing_program_prints_and_puts_events_out(Tier tier, SafetyMode mode)
    {
        var lines = new List<string>();
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Processors = 2, Print = lines.Add });
        EbpfObject loaded = EbpfObject.Load(runtime, Bytes("trace.o"));
        byte[] context = new byte[16];
        context[0] = 9;
        BitConverter.TryWriteBytes(context.AsSpan(8), 0xFFFF_8880_0000_1000);
        Assert.Equal(0u, loaded.Program("trace").RunWithContext(default, context).Value);
        string name = Path.GetFileName(Environment.ProcessPath!);
        name = name[..Math.Min(name.Length, 15)];
        Assert.Equal([$"{name} opens 9", "name|name  |nam||42"], lines);
        var events = (PerfEventArray)loaded.Map("events");
        var seen = new List<byte[]>();
        Assert.Equal(1, events.Consume((_, record) => seen.Add(record.ToArray())));
        Assert.Equal(48, seen[0].Length);
        Assert.Equal(9, BitConverter.ToInt64(seen[0]));
        Assert.Equal(0, BitConverter.ToInt64(seen[0], 8));
        Assert.Equal(name, System.Text.Encoding.UTF8.GetString(seen[0], 16, 16).TrimEnd('\0'));
        Assert.Equal("name", System.Text.Encoding.UTF8.GetString(seen[0], 32, 16).TrimEnd('\0'));

        LoadedProgram filter = loaded.Program("to_socket");
        RunResult passed = filter.RunWithContext(new byte[60], default);
        Assert.Equal(2u, passed.Value);
        Assert.Equal(RedirectKind.None, passed.Redirect.Kind);
        loaded.Map("sockets").Update(0, 33);
        RunResult redirected = filter.RunWithContext(new byte[60], default);
        Assert.Equal(4u, redirected.Value);
        Assert.Equal(new Redirect(RedirectKind.Socket, 33, loaded.Map("sockets"), 0, 0), redirected.Redirect);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_filter_counts_and_reports(Tier tier, SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Processors = 2 });
        EbpfObject loaded = EbpfObject.Load(runtime, Bytes("filter.o"));
        LoadedProgram filter = loaded.Program("filter");
        Assert.True(loaded.Map("ports").Update((ushort)53, 3u));

        byte[] hit = Packets.Udp(53);
        Assert.Equal(3u, filter.Run(hit));
        Assert.Equal(2u, filter.Run(Packets.Udp(54)));
        Assert.Equal(1u, filter.Run(new byte[20]));
        Assert.Equal(1u, filter.Run(Span<byte>.Empty));
        byte[] other = Packets.Udp(53);
        other[23] = 6;
        Assert.Equal(2u, filter.Run(other));

        Assert.Equal([2ul, 1ul, 1ul, 1ul], loaded.Map("counts").Entries<uint, ulong>().Select(entry => entry.Value));
        Assert.Equal(5ul, loaded.Map(".bss").Lookup<uint, ulong>(0));
        Assert.Equal(54u, loaded.Map(".data").Lookup<uint, uint>(0));
        Assert.Equal(20u, loaded.Map(".rodata").Lookup<uint, uint>(0));
        Assert.True(loaded.Map("bytes").TryLookupAll(0u, out ulong[] bytes));
        Assert.Equal([(ulong)(52 * 3) + 20, 0], bytes);

        var events = (RingBuffer)loaded.Map("events");
        var seen = new List<byte[]>();
        Assert.Equal(1, events.Consume(record => seen.Add(record.ToArray())));
        Assert.Equal(16, seen[0].Length);
        Assert.Equal(hit[26..34], seen[0][..8]);
        Assert.Equal([53, 0, 52, 0], seen[0][8..12]);
        Assert.Equal(0, events.Consume(_ => Assert.Fail("one record only")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_program_moves_the_ends_of_its_packet(Tier tier, SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
        EbpfObject loaded = EbpfObject.Load(runtime, Bytes("filter.o"));
        byte[] packet = Packets.Udp(53);
        byte[] output = new byte[100];
        RunResult result = loaded.Program("strip").RunCopy(packet, output);
        Assert.Equal(2u, result.Value);
        int length = result.Length;
        Assert.Equal(packet.Length - 10, length);
        Assert.Equal(0x46, output[0]);
        Assert.Equal(packet[15..], output[1..(packet.Length - 14)]);
        Assert.Equal(new byte[4], output[(packet.Length - 14)..length]);
        Assert.Equal(0x45, packet[14]);
        Assert.Equal(0u, loaded.Program("strip").Run(new byte[10]));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Tail_calls_callbacks_and_maps_of_maps(Tier tier, SafetyMode mode)
    {
        var printed = new List<string>();
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Print = printed.Add });
        EbpfObject loaded = EbpfObject.Load(runtime, Bytes("chain.o"));
        Assert.Equal("MIT", loaded.File.License);
        Assert.Equal(105u, loaded.Program("start").Run(new byte[1]));
        Assert.Equal(106u, loaded.Program("start").Run(new byte[2]));
        Assert.Equal(uint.MaxValue, loaded.Program("start").Run(new byte[3]));
        Assert.Equal(uint.MaxValue, loaded.Program("start").Run(new byte[9]));

        var steps = (ProgramArray)loaded.Map("steps");
        Assert.Equal(2, steps.Count);
        steps[3] = loaded.Program("endless");
        Assert.Equal(34u, loaded.Program("endless").Run(new byte[1]));
        steps[1] = null;
        Assert.Equal(uint.MaxValue, loaded.Program("start").Run(new byte[1]));

        Assert.Equal((99u * 100 / 2 * 1000) + 100, loaded.Program("looping").Run(new byte[1]));
        Assert.Equal(((10u + 40 + 160 + 250) * 1000) + 400 + 41, loaded.Program("walking").Run(new byte[1]));

        Assert.Equal(7u, loaded.Program("nested").Run(new byte[1]));
        Assert.Equal(14u, loaded.Program("nested").Run(new byte[1]));
        Assert.Equal(7u, loaded.Program("nested").Run(new byte[2]));
        Assert.Equal(14u, loaded.Map("second").Lookup<uint, uint>(1));

        Assert.Equal(16000u + '4' + '2' + '-', loaded.Program("printing").Run(new byte[77]));
        Assert.Equal(["len 77 hex beef"], printed);
        Assert.Equal(4u, loaded.Program("evicting").Run(new byte[1]));
    }

    [Fact]
    public void Lines_and_functions_have_their_names()
    {
        ObjectFile file = ObjectFile.Parse(Bytes("filter.o"));
        EbpfProgram filter = file.Programs.Single(program => program.Name == "filter");
        Assert.Equal("xdp", filter.Type.Name);
        Assert.Equal(["filter", "count"], filter.Subprograms.Select(part => part.Name));
        SourceLine line = filter.Lines.At(0)!;
        Assert.EndsWith("filter.c", line.File, StringComparison.Ordinal);
        Assert.Contains(Enumerable.Range(0, filter.Instructions.Length), slot => filter.Lines.At(slot)!.Text.Contains("seen++", StringComparison.Ordinal));
        Assert.Contains("bpf_map_lookup_elem(&counts", filter.Lines.At(filter.Subprograms[1].Start + 3)!.Text, StringComparison.Ordinal);
        Assert.Equal([".bss", ".data", ".rodata", "bytes", "counts", "events", "ports"], file.Maps.Select(map => map.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Constants_can_be_set_before_a_program_is_verified()
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine);
        ObjectFile file = ObjectFile.Parse(Bytes("filter.o"), contents: new Dictionary<string, ReadOnlyMemory<byte>> { [".rodata"] = BitConverter.GetBytes(1000) });
        EbpfObject loaded = EbpfObject.Load(runtime, file);
        // Every packet is too short now.
        Assert.Equal(1u, loaded.Program("filter").Run(Packets.Udp(53)));
        Assert.Equal(1000u, loaded.Map(".rodata").Lookup<uint, uint>(0));
        Assert.Throws<NotSupportedException>(() => loaded.Map(".rodata").Update(0u, 1u));
        var wrong = Assert.Throws<ObjectFormatException>(() => ObjectFile.Parse(Bytes("filter.o"), contents: new Dictionary<string, ReadOnlyMemory<byte>> { [".rodata"] = new byte[3] }));
        Assert.Contains("4 bytes, and 3", wrong.Message, StringComparison.Ordinal);

        // Another object's constants aren't this one's.
        EbpfMap other = EbpfObject.Load(runtime, Bytes("filter.o")).Map(".rodata");
        Assert.Throws<ArgumentException>(() => EbpfObject.Load(runtime, file, new Dictionary<string, EbpfMap> { [".rodata"] = other }));
    }

    [Fact]
    public void A_context_of_the_hosts_own_is_checked()
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine);
        var field = new ContextField("f", 0, 8, ContextFieldKind.Scalar, true, 0);
        var pointer = new ContextField("p", 8, 8, ContextFieldKind.Packet, false, 16);
        var layout = new ContextLayout { Size = 16, HostSize = 24, Fields = [field, pointer] };
        Assert.Equal(1u, Run(layout));
        foreach (ContextLayout bad in new[]
        {
            layout with { Size = 0 }, layout with { HostSize = 15 }, layout with { HostSize = 2000, Size = 2000 }, layout with { Fields = [pointer, field] },
            layout with { Fields = [field with { Offset = -8 }] }, layout with { Fields = [field with { Size = 17 }] }, layout with { Fields = [field, field with { Offset = 7 }] },
            layout with { Fields = [pointer with { HostOffset = 8 }] }, layout with { Fields = [pointer with { HostOffset = 17 }] }, layout with { Fields = [pointer with { HostOffset = 24 }] },
            layout with { Fields = [pointer with { IsWritable = true }] },
        })
        {
            Assert.Throws<ArgumentException>(() => Run(bad));
        }

        ulong Run(ContextLayout one) => runtime.Load(new EbpfProgram(
            "p", new ProgramType { Name = "own", Sections = [], Context = one }, PlainAssembler.Assemble("ldxdw %r0, [%r1+0]\nadd %r0, 1\nexit"))).Run(new byte[1]);
    }

    [Theory]
    [InlineData(SafetyMode.Sandboxed)]
    [InlineData(SafetyMode.Verified)]
    public void What_cant_be_lowered_is_refused_at_load(SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
        var hash = new MapDefinition { Name = "h", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 1 };
        Refuse("mov %r6, %r1\nldabsb 0\nexit");
        Refuse("lddw %r1, value 0\nldxdw %r0, [%r1]\nexit", hash);
        Refuse("lddw %r1, value 0+8\nldxb %r0, [%r1]\nexit", hash with { Type = MapType.Array });
        Refuse("lddw %r1, value 0+0xfffffff8\nldxb %r0, [%r1]\nexit", hash with { Type = MapType.Array });
        Refuse("lddw %r1, value 0\nldxb %r0, [%r1]\nexit", hash with { Type = MapType.Array, MaxEntries = 2 });
        Refuse("lddw %r1, value 0\nldxb %r0, [%r1]\nexit", hash with { Type = MapType.PerCpuArray });

        void Refuse(string text, params MapDefinition[] maps)
        {
            Exception refusal = Assert.ThrowsAny<Exception>(() => runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text), [.. maps])));
            Assert.True(refusal is InvalidEbpfProgramException or VerifierException, refusal.ToString());
        }
    }

    [Fact]
    public void Objects_can_share_a_map()
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine);
        EbpfObject first = EbpfObject.Load(runtime, Bytes("filter.o"));
        EbpfObject second = EbpfObject.Load(runtime, Bytes("filter.o"), new Dictionary<string, EbpfMap> { ["ports"] = first.Map("ports") }, program => program.Name == "filter");
        Assert.Single(second.Programs);
        first.Map("ports").Update((ushort)9, 4u);
        Assert.Equal(4u, second.Program("filter").Run(Packets.Udp(9)));
        Assert.Throws<KeyNotFoundException>(() => second.Program("strip"));
        using var elsewhere = new EbpfRuntime(engine);
        Assert.Throws<ArgumentException>(() => EbpfObject.Load(elsewhere, Bytes("filter.o"), new Dictionary<string, EbpfMap> { ["ports"] = first.Map("ports") }));
    }

    [Fact]
    public void An_unknown_map_type_or_helper_is_named()
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed });
        var map = Assert.Throws<InvalidMapException>(() => runtime.CreateMap(new MapDefinition { Name = "m", Type = MapType.SocketMap, KeySize = 4, ValueSize = 4, MaxEntries = 1 }));
        Assert.Contains("15 (SocketMap)", map.Message, StringComparison.Ordinal);
        var code = new[] { new Instruction(Opcodes.Call, 0, 0, 0, 69), new Instruction(Opcodes.Exit, 0, 0, 0, 0) };
        var helper = Assert.Throws<InvalidEbpfProgramException>(() => runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, code)));
        Assert.Contains("69 (fib_lookup)", helper.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("filter.o")]
    [InlineData("chain.o")]
    public void A_damaged_object_is_refused_or_loads(string name)
    {
        byte[] good = Bytes(name);
        var random = new Random(11);
        int refused = 0;
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, InstructionLimit = 10_000 });
        for (int round = 0; round < 3000; round++)
        {
            byte[] bad = (byte[])good.Clone();
            if (round % 5 == 0) bad = bad[..random.Next(bad.Length)];
            for (int i = random.Next(1, 4); i > 0 && bad.Length > 0; i--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                EbpfObject loaded = EbpfObject.Load(runtime, bad);
                foreach (LoadedProgram program in loaded.Programs) program.Run(Packets.Udp(53));
            }
            catch (Exception e) when (e is ObjectFormatException or InvalidEbpfProgramException or InvalidMapException or TrapException or EbpfFaultException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 500, 3000);
    }
}
