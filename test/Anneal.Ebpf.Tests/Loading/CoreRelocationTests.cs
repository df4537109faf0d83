// CO-RE relocations: objects made by clang, run with the types that they were compiled with and with others.

using System.Buffers.Binary;
using Xunit;

namespace Anneal.Ebpf.Tests.Loading;

public sealed class CoreRelocationTests
{
    private const int FarOwn = 0x1000_0000, FarTarget = 0x2000_0000;

    private static readonly byte[] Magic = [0x9F, 0xEB, 1, 0];

    private static readonly TargetTypes Target = TargetTypes.Parse(ObjectTests.Bytes("core-target.o"));

    public static TheoryData<Tier, SafetyMode> Ways => ObjectTests.Ways;

    [Theory]
    [MemberData(nameof(Ways))]
    public void Without_target_types_the_objects_own_count(Tier tier, SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
        EbpfObject loaded = EbpfObject.Load(runtime, ObjectTests.Bytes("core.o"));
        byte[] e = OwnEvent();
        Assert.Equal(2u, loaded.Program("fields").Run(e));
        Assert.Equal(
            new ulong[] { 11, 22, 33, 1, 55, 5, 21, unchecked((ulong)-9), 83, 0x44332211, 0x8877665544332211, 102, 3 },
            Words(loaded)[..13]);
        Assert.Equal(99, e[48]);
        Assert.Equal(7u, BinaryPrimitives.ReadUInt32LittleEndian(e.AsSpan(4)));

        Assert.Equal(2u, loaded.Program("facts").Run(e));
        ulong[] facts = Words(loaded);
        Assert.Equal(new ulong[] { 8, 4, 1, 1, 1, 1, 0 }, facts[..7]);
        Assert.Equal(59u, facts[8]);
        Assert.Equal(new ulong[] { 2, 1, 1, 56, 4, 1, 8 }, facts[9..16]);
        Assert.Equal(facts[16], facts[17]);
        Assert.Equal(new ulong[] { 1, 1, 1, FarOwn, 1, 32 }, facts[18..24]);

        BinaryPrimitives.WriteUInt32LittleEndian(e, 17);
        Assert.Equal(55u, loaded.Program("needs_gone").Run(e));
        Assert.Equal(3u, loaded.Program("needs_delta").Run(e));
        Assert.Equal(2u, loaded.Program("needs_green").Run(e));
        Assert.Equal(2u, Words(loaded)[0]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void With_target_types_instructions_follow_them(Tier tier, SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
        EbpfObject loaded = EbpfObject.Load(runtime, ObjectTests.Bytes("core.o"), wanted: program => program.Name is "fields" or "facts", options: new ObjectOptions { TargetTypes = Target });
        byte[] e = TargetEvent();
        Assert.Equal(2u, loaded.Program("fields").Run(e));
        Assert.Equal(
            new ulong[] { 0x1_0000_000B, 22, 33, 1, 4444, 5, 21, unchecked((ulong)-900), 83, 0x44332211, 0x8877665544332211, 102, 30 },
            Words(loaded)[..13]);
        // A byte became two, four became two: what lies behind stays.
        Assert.Equal(99, BinaryPrimitives.ReadUInt16LittleEndian(e.AsSpan(78)));
        Assert.Equal(7, BinaryPrimitives.ReadUInt16LittleEndian(e.AsSpan(24)));
        Assert.Equal(0xEE, e[26]);

        Assert.Equal(2u, loaded.Program("facts").Run(e));
        ulong[] facts = Words(loaded);
        Assert.Equal(new ulong[] { 48, 8, 1, 0, 1, 1, 0, 18, 58, 2, 1, 0, 88, 0, 1, 12 }, facts[..16]);
        Assert.Equal("event", Target.Types[(int)facts[17]].Name);
        Assert.NotEqual(0u, facts[16]);
        Assert.Equal(new ulong[] { 1, 0, 10, FarTarget, 1, 38 }, facts[18..24]);
    }

    [Theory]
    [InlineData("needs_gone", "struct event.gone")]
    [InlineData("needs_delta", "struct event.delta has 8 bytes in the target types and 4 in the object's")]
    [InlineData("needs_green", "enum color's constant GREEN")]
    public void What_the_target_lacks_is_refused_where_it_can_be_reached(string name, string message)
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        ObjectFile file = ObjectFile.Parse(ObjectTests.Bytes("core.o"), new ObjectOptions { TargetTypes = Target });
        using var verified = new EbpfRuntime(engine);
        VerifierException refused = Assert.Throws<VerifierException>(() => EbpfObject.Load(verified, file, wanted: program => program.Name == name));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains("core.c", refused.Message, StringComparison.Ordinal);

        // Unverified, the run ends when it comes there, and not before.
        foreach (Tier tier in new[] { Tier.Portable, Tier.Threaded, Tier.Baseline })
        {
            using var other = new Engine(new EngineOptions { Tier = tier });
            using var sandboxed = new EbpfRuntime(other, new EbpfOptions { Mode = SafetyMode.Sandboxed });
            LoadedProgram loaded = EbpfObject.Load(sandboxed, file, wanted: program => program.Name == name).Program(name);
            byte[] e = TargetEvent();
            if (name == "needs_gone") Assert.Equal(2u, loaded.Run(e));
            BinaryPrimitives.WriteUInt64LittleEndian(e.AsSpan(16), 17);
            EbpfFaultException fault = Assert.Throws<EbpfFaultException>(() => loaded.Run(e));
            Assert.Contains(message, fault.Message, StringComparison.Ordinal);
            Assert.Equal(name, fault.Program);
        }
    }

    [Theory]
    [InlineData(SafetyMode.Sandboxed)]
    [InlineData(SafetyMode.Verified)]
    public void Reads_through_a_helper_are_relocated_too(SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
        // pid, name | id, count as the object has them
        Assert.Equal(new ulong[] { 77, 5, 6, 1, 40, 1, 3, 77 | (0x6B6E6968UL << 32) }, Probe(null, (0, 77), (4, 0x6B6E6968), (64, 5), (68, 6))[..8]);
        Assert.Equal(new ulong[] { 77, 5, 6, 1, 40, 5, 0, 12, 0x6B6E6968 }, Probe(Target, (20, 77), (24, 0x6B6E6968), (68, 5), (64, 6))[..9]);

        ulong[] Probe(TargetTypes? target, params (int Offset, int Value)[] memory)
        {
            EbpfObject loaded = EbpfObject.Load(runtime, ObjectTests.Bytes("probe.o"), options: new ObjectOptions { TargetTypes = target });
            byte[] data = new byte[loaded.Map(".bss").ValueSize];
            foreach ((int offset, int value) in memory) BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(offset), value);
            loaded.Map(".bss").Update(BitConverter.GetBytes(0), data);
            loaded.Program("probe").RunWithContext(default, new byte[16]);
            return Words(loaded)[16..];
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_kernels_context_and_headers_are_relocated(Tier tier, SafetyMode mode)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
        Assert.Equal(3u, Verdict(TargetTypes.Parse(ObjectTests.Bytes("headers-target.o"))));
        const string kernel = "/sys/kernel/btf/vmlinux";
        if (File.Exists(kernel)) Assert.Equal(3u, Verdict(TargetTypes.ParseFile(kernel)));

        ulong Verdict(TargetTypes target)
        {
            byte[] packet = new byte[60];
            packet[14 + 9] = 17;
            new byte[] { 127, 0, 0, 1 }.CopyTo(packet, 14 + 16);
            EbpfObject loaded = EbpfObject.Load(runtime, ObjectTests.Bytes("headers.o"), options: new ObjectOptions { TargetTypes = target });
            Assert.Equal(1u, loaded.Program("headers").Run(new byte[33]));
            return loaded.Program("headers").Run(packet);
        }
    }

    [Fact]
    public void Configuration_comes_from_the_host()
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine);
        Version version = Environment.OSVersion.Version;
        ulong expected = (ulong)((version.Major << 16) + (version.Minor << 8) + Math.Clamp(version.Build, 0, 255));
        Assert.Equal(new ulong[] { expected, 0, 55, 66 }, Configured(null));
        Assert.Equal(new ulong[] { 0x60102, 250, 55, 66 }, Configured(new() { ["LINUX_KERNEL_VERSION"] = 0x60102, ["CONFIG_HZ"] = 250 }));
        var large = Assert.Throws<ObjectFormatException>(() => Configured(new() { ["CONFIG_HZ"] = 1L << 32 }));
        Assert.Contains("CONFIG_HZ: 4294967296", large.Message, StringComparison.Ordinal);

        ulong[] Configured(Dictionary<string, long>? values)
        {
            EbpfObject loaded = EbpfObject.Load(runtime, ObjectTests.Bytes("core.o"), wanted: program => program.Name == "configured", options: new ObjectOptions { Configuration = values });
            loaded.Program("configured").Run(new byte[14]);
            return Words(loaded)[..4];
        }
    }

    [Theory]
    [InlineData("CONFIG_HZ", "CONFIG_HZ has no value")]
    [InlineData("some_symbol", "refers to some_symbol, which isn't in the object")]
    [InlineData("some_function", "some_function, which isn't in the object")]
    public void What_must_be_there_and_isnt_is_named(string symbol, string message)
    {
        var error = Assert.Throws<ObjectFormatException>(() => ObjectFile.Parse(Strong(ObjectTests.Bytes("core.o"), symbol)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_running_kernels_types_are_read()
    {
        const string path = "/sys/kernel/btf/vmlinux";
        if (!File.Exists(path)) return;
        ObjectFile file = ObjectFile.Parse(ObjectTests.Bytes("core.o"), new ObjectOptions { TargetTypes = TargetTypes.ParseFile(path) });
        // The kernel has none of the test's structures.
        Assert.NotEmpty(file.Programs.Single(program => program.Name == "fields").Unresolved);
        Assert.Single(file.Programs.Single(program => program.Name == "configured").Unresolved);
    }

    [Fact]
    public void Types_that_disagree_say_nothing()
    {
        var btf = new BtfBuilder();
        int number = btf.AddInt("unsigned int", 4), wide = btf.AddInt("unsigned long long", 8);
        btf.AddStruct("event", 16, ("address", wide, 0), ("kind", number, 64));
        Assert.Equal(8, KindOffset(btf));
        btf.AddStruct("event___again", 16, ("other", wide, 0), ("kind", number, 64));
        Assert.Equal(8, KindOffset(btf));
        btf.AddStruct("event___else", 16, ("other", wide, 0));
        Assert.Equal(8, KindOffset(btf));
        btf.AddStruct("event___moved", 16, ("kind", number, 0), ("other", wide, 64));
        Assert.Equal("the target has several types for struct event.kind, which differ in it", Missing(btf));
    }

    [Fact]
    public void A_member_of_another_kind_isnt_the_one_meant()
    {
        var btf = new BtfBuilder();
        int number = btf.AddInt("unsigned int", 4);
        int pointer = btf.Add(BtfBuilder.Pointer, "", (uint)number);
        btf.AddStruct("event", 16, ("kind", pointer, 0));
        Assert.Equal("the target types have no struct event.kind, or one of another kind", Missing(btf));
    }

    [Fact]
    public void Offsets_and_sizes_that_dont_fit_have_no_value()
    {
        var btf = new BtfBuilder();
        int number = btf.AddInt("unsigned int", 4);
        btf.AddStruct("event", 1 << 20, ("kind", number, 8 * 0x8000));
        Assert.Contains("offset 32768 doesn't fit", Missing(btf), StringComparison.Ordinal);
        btf = new BtfBuilder();
        number = btf.AddInt("unsigned __int128", 16);
        btf.AddStruct("event", 1 << 20, ("kind", number, 0));
        Assert.Contains("has 16 bytes in the target types, which no access has", Missing(btf), StringComparison.Ordinal);
    }

    [Fact]
    public void Types_without_an_end_are_refused()
    {
        // A structure that is its own unnamed member, twice.
        var btf = new BtfBuilder();
        btf.AddStruct("event", 16, ("", 1, 0), ("", 1, 64));
        Assert.Throws<ObjectFormatException>(() => KindOffset(btf));

        // Unnamed members in many levels: 16 each.
        btf = new BtfBuilder();
        for (uint i = 0; i < 30; i++) btf.AddStruct(i == 0 ? "event" : "", 16, [.. Enumerable.Repeat(("", (int)i + 2, 0u), 16)]);
        btf.AddStruct("", 16);
        var error = Assert.Throws<ObjectFormatException>(() => KindOffset(btf));
        Assert.Contains("too many comparisons", error.Message, StringComparison.Ordinal);

        // A typedef of itself.
        btf = new BtfBuilder();
        btf.AddStruct("event", 16, ("kind", 2, 0));
        btf.Add(BtfBuilder.Typedef, "t", 2);
        Assert.Throws<ObjectFormatException>(() => KindOffset(btf));
    }

    [Fact]
    public void Files_without_types_are_refused()
    {
        Assert.Throws<ObjectFormatException>(() => TargetTypes.Parse(Array.Empty<byte>()));
        Assert.Throws<ObjectFormatException>(() => TargetTypes.Parse("neither"u8.ToArray()));
        byte[] good = ObjectTests.Bytes("core-target.o");
        int at = good.AsSpan().IndexOf(".BTF\0"u8);
        byte[] renamed = (byte[])good.Clone();
        renamed[at + 1] = (byte)'X';
        Assert.Contains("no section .BTF", Assert.Throws<ObjectFormatException>(() => TargetTypes.Parse(renamed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_ends_in_documented_exceptions()
    {
        byte[][] files = [ObjectTests.Bytes("core.o"), ObjectTests.Bytes("probe.o")];
        byte[] types = ObjectTests.Bytes("core-target.o");
        var random = new Random(5);
        int refused = 0, fine = 0;
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, InstructionLimit = 10_000, MaxMapBytes = 1 << 20 });
        for (int round = 0; round < 4000; round++)
        {
            byte[] file = files[round % 2], target = types;
            if (round % 3 != 0) file = Damaged(random, file);
            if (round % 3 != 1) target = Damaged(random, target);
            try
            {
                ObjectFile parsed = ObjectFile.Parse(file, new ObjectOptions { TargetTypes = round % 7 == 0 ? null : TargetTypes.Parse(target) });
                EbpfObject loaded = EbpfObject.Load(runtime, parsed);
                foreach (LoadedProgram program in loaded.Programs) program.Run(TargetEvent());
                fine++;
            }
            catch (Exception e) when (e is ObjectFormatException or InvalidEbpfProgramException or InvalidMapException or TrapException or EbpfFaultException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 500, 3999);
        Assert.InRange(fine, 1, 3500);
    }

    // Most damage goes where the type information is.
    private static byte[] Damaged(Random random, byte[] good)
    {
        byte[] bad = (byte[])good.Clone();
        int first = bad.AsSpan().IndexOf(Magic);
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(4) == 0 ? random.Next(bad.Length) : random.Next(first, bad.Length);
            bad[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(bad[at] + random.Next(-2, 3));
        }

        return bad;
    }

    // The offset that the access of event.kind in program needs_gone has.
    private static int KindOffset(BtfBuilder types)
    {
        EbpfProgram program = NeedsGone(types);
        Assert.DoesNotContain(7, program.Unresolved.Keys);
        return program.Instructions[7].Offset;
    }

    // Why it has none.
    private static string Missing(BtfBuilder types)
    {
        EbpfProgram program = NeedsGone(types);
        Assert.True(program.Instructions[7].IsHelperCall);
        return program.Unresolved[7];
    }

    private static EbpfProgram NeedsGone(BtfBuilder types)
    {
        int context = types.AddInt("u32", 4);
        types.AddStruct("context", 20, ("data", context, 0), ("data_end", context, 32));
        ObjectFile file = ObjectFile.Parse(ObjectTests.Bytes("core.o"), new ObjectOptions { TargetTypes = TargetTypes.Parse(types.ToArray()) });
        return file.Programs.Single(one => one.Name == "needs_gone");
    }

    // The same object with one of its symbols no longer weak.
    private static byte[] Strong(byte[] file, string symbol)
    {
        var elf = Elf.ElfFile.Read(file);
        Elf.ElfSection table = elf.Sections.Single(section => section.Type == Elf.ElfSection.Symbols);
        int index = Array.FindIndex(elf.Symbols, one => one.Name == symbol);
        byte[] changed = (byte[])file.Clone();
        changed[table.Offset + (index * 24) + 4] = (byte)((changed[table.Offset + (index * 24) + 4] & 15) | 0x10);
        return changed;
    }

    private static ulong[] Words(EbpfObject loaded)
    {
        byte[] bytes = new byte[loaded.Map(".bss").ValueSize];
        Assert.True(loaded.Map(".bss").TryLookup(BitConverter.GetBytes(0), bytes));
        return [.. bytes.Chunk(8).Select(eight => BitConverter.ToUInt64(eight))];
    }

    private static byte[] OwnEvent()
    {
        byte[] e = new byte[128];
        Span<byte> bytes = e;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 11);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], 22);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], 33);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], -5);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], 55);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], 5 | (21 << 3) | ((-9 & 63) << 8));
        for (int i = 0; i < 4; i++) BinaryPrimitives.WriteUInt16LittleEndian(bytes[(26 + (2 * i))..], (ushort)(81 + i));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[40..], 0x8877665544332211);
        bytes[49] = 102;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[52..], 3);
        return e;
    }

    private static byte[] TargetEvent()
    {
        byte[] e = new byte[128];
        e.AsSpan().Fill(0xEE);
        Span<byte> bytes = e;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], 0x8877665544332211);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], 0x1_0000_000B);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[24..], 22);
        for (int i = 0; i < 8; i++) BinaryPrimitives.WriteUInt16LittleEndian(bytes[(32 + (2 * i))..], (ushort)(81 + i));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[48..], 33);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], -5);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[64..], 0xEE_EEEE_EEEE | (21UL << 40) | (5UL << 46) | ((ulong)(-900 & 0xFFF) << 50));
        bytes[76] = 102;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[80..], 30);
        return e;
    }
}
