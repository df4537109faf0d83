// Look-ups that lowering does without a call: arrays, arrays per processor, arrays of maps and what these hold, on each tier in both
// modes, with keys that are known at load and such that aren't.

using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Maps;

public sealed class InlinedLookupTests
{
    private static readonly (Tier, SafetyMode)[] Ways =
    [
        (Tier.Portable, SafetyMode.Sandboxed), (Tier.Threaded, SafetyMode.Sandboxed), (Tier.Baseline, SafetyMode.Sandboxed),
        (Tier.Portable, SafetyMode.Verified), (Tier.Threaded, SafetyMode.Verified), (Tier.Baseline, SafetyMode.Verified),
    ];

    // Adds the second byte of the packet to the value whose index is the first byte; 1 if there's none.
    private const string Unknown = """
        ldxw %r2, [%r1]
        ldxw %r3, [%r1+4]
        mov %r0, %r2
        add %r0, 2
        jgt %r0, %r3, none
        ldxb %r4, [%r2]
        ldxb %r6, [%r2+1]
        stxw [%r10-4], %r4
        """;

    private const string Add = """
        jeq %r0, 0, none
        ldxdw %r1, [%r0]
        add %r1, %r6
        stxdw [%r0], %r1
        mov %r0, 0
        exit
        none: mov %r0, 1
        exit
        """;

    [Theory]
    [InlineData(MapType.Array, 8, 5)]
    [InlineData(MapType.Array, 24, 200)]
    [InlineData(MapType.PerCpuArray, 8, 5)]
    [InlineData(MapType.PerCpuArray, 13, 7)]
    public void Elements_are_found_by_index(MapType type, int valueSize, int entries)
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Processors = 3 });
            var definition = new MapDefinition { Name = "m", Type = type, KeySize = 4, ValueSize = valueSize, MaxEntries = entries };
            EbpfMap map = runtime.CreateMap(definition);
            LoadedProgram unknown = Load(runtime, Unknown + "\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 1\n" + Add, map);
            LoadedProgram known = Load(runtime, Known(3), map);
            LoadedProgram beyond = Load(runtime, Known(entries), map);
            for (int i = 0; i <= 255; i++) Assert.Equal(i < entries ? 0u : 1, unknown.Run(new byte[] { (byte)i, (byte)(255 - i) }));
            Assert.Equal(0u, known.Run(new byte[1]));
            Assert.Equal(1u, beyond.Run(new byte[1]));
            for (int i = 0; i < entries; i++) Assert.Equal(255ul - (ulong)i + (i == 3 ? 9u : 0), Sum(map, i));
        }
    }

    [Fact]
    public void Runs_at_the_same_time_have_processors_of_their_own()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            LoadedProgram? inner = null;
            var nested = new HostHelper(
                new HelperPrototype { Id = 1000, Name = "nested", Arguments = [], Returns = ReturnType.Scalar },
                call => inner!.Run(new byte[1]));
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Processors = 2, Helpers = [nested] });
            EbpfMap map = runtime.CreateMap(new MapDefinition { Name = "m", Type = MapType.PerCpuArray, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
            const string Count = "stw [%r10-4], 0\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 1\njeq %r0, 0, out\nldxdw %r1, [%r0]\nadd %r1, 1\nstxdw [%r0], %r1\nout: call 8\nadd %r0, %r6\nexit";
            inner = Load(runtime, "mov %r6, 10\n" + Count, map);
            LoadedProgram outer = Load(runtime, "call 1000\nmov %r6, %r0\nlsh %r6, 8\n" + Count, map);
            ulong result = outer.Run(new byte[1]);
            // The processors' numbers: the outer run's and, times 256, 10 more than the inner one's.
            Assert.Equal(1u, (result & 255) ^ ((result >> 8) - 10));
            Assert.True(map.TryLookupAll(0u, out ulong[] values));
            Assert.Equal([1ul, 1], values);
        }
    }

    [Theory]
    [InlineData(MapType.Array)]
    [InlineData(MapType.PerCpuArray)]
    [InlineData(MapType.Hash)]
    public void Maps_in_maps_are_found(MapType type)
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Processors = 2 });
            var innerDefinition = new MapDefinition { Name = "inner", Type = type, KeySize = 4, ValueSize = 16, MaxEntries = 8 };
            var outer = (MapOfMaps)runtime.CreateMap(new MapDefinition { Name = "outer", Type = MapType.ArrayOfMaps, KeySize = 4, ValueSize = 4, MaxEntries = 3, InnerMap = innerDefinition });
            EbpfMap first = runtime.CreateMap(innerDefinition), second = runtime.CreateMap(innerDefinition);
            outer.Set(0, first);
            outer.Set(2, second);
            for (uint i = 0; type == MapType.Hash && i < 8; i++)
            {
                Assert.True(first.Update(i, default(Two)));
                Assert.True(second.Update(i, default(Two)));
            }

            const string InInner = "call 1\njeq %r0, 0, none\nmov %r1, %r0\nmov %r2, %r10\nadd %r2, -8\ncall 1\n" + Add;
            LoadedProgram unknown = Load(runtime, Unknown + "\nmov %r5, %r4\nrsh %r5, 4\nstxw [%r10-8], %r5\nand %r4, 15\nstxw [%r10-4], %r4\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\n" + InInner, outer);
            LoadedProgram known = Load(runtime, "mov %r6, 100\nstw [%r10-4], 2\nstw [%r10-8], 5\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\n" + InInner, outer);
            LoadedProgram beyond = Load(runtime, "mov %r6, 100\nstw [%r10-4], 3\nstw [%r10-8], 5\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\n" + InInner, outer);
            Assert.Equal(0u, unknown.Run(new byte[] { 0x00, 1 }));
            Assert.Equal(0u, unknown.Run(new byte[] { 0x70, 2 }));
            Assert.Equal(0u, unknown.Run(new byte[] { 0x72, 3 }));
            // No such element, no map there, no such index.
            Assert.Equal(1u, unknown.Run(new byte[] { 0x80, 4 }));
            Assert.Equal(1u, unknown.Run(new byte[] { 0x71, 4 }));
            Assert.Equal(1u, unknown.Run(new byte[] { 0x73, 4 }));
            Assert.Equal(0u, known.Run(new byte[1]));
            Assert.Equal(1u, beyond.Run(new byte[1]));
            Assert.Equal((1ul, 2ul), (Sum(first, 0), Sum(first, 7)));
            Assert.Equal((0ul, 3ul, 100ul), (Sum(second, 0), Sum(second, 7), Sum(second, 5)));
            outer.Set(0, second);
            Assert.Equal(0u, unknown.Run(new byte[] { 0x00, 5 }));
            Assert.Equal(5ul, Sum(second, 0));
            outer.Set(0, null);
            Assert.Equal(1u, unknown.Run(new byte[] { 0x00, 5 }));
        }
    }

    [Fact]
    public void A_map_that_is_taken_out_under_a_run_stays_until_it_has_ended()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            MapOfMaps? outer = null;
            bool alive = false;
            WeakReference? gone = null;
            var takeOut = new HostHelper(
                new HelperPrototype { Id = 1000, Name = "take_out", Arguments = [], Returns = ReturnType.Scalar },
                call =>
                {
                    outer!.Set(0, null);
                    for (int i = 0; i < 3; i++)
                    {
                        GC.Collect();
                        GC.WaitForPendingFinalizers();
                    }

                    alive = gone!.IsAlive;
                    return 0;
                });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Helpers = [takeOut] });
            var definition = new MapDefinition { Name = "inner", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 };
            outer = (MapOfMaps)runtime.CreateMap(new MapDefinition { Name = "outer", Type = MapType.ArrayOfMaps, KeySize = 4, ValueSize = 4, MaxEntries = 1, InnerMap = definition });
            LoadedProgram program = Load(
                runtime,
                "stw [%r10-4], 0\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 1\njeq %r0, 0, none\nmov %r6, %r0\ncall 1000\nmov %r1, %r6\nmov %r2, %r10\nadd %r2, -4\ncall 1\njeq %r0, 0, none\nldxdw %r0, [%r0]\nexit\nnone: mov %r0, 1\nexit",
                outer);
            gone = Fill(runtime, outer, definition);
            Assert.Equal(77u, program.Run(new byte[1]));
            Assert.True(alive);
            Assert.Equal(1u, program.Run(new byte[1]));
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Fill(EbpfRuntime runtime, MapOfMaps outer, MapDefinition definition)
        {
            EbpfMap inner = runtime.CreateMap(definition);
            Assert.True(inner.Update(0u, 77ul));
            outer.Set(0, inner);
            return new WeakReference(inner);
        }
    }

    [Fact]
    public void A_hosts_own_helper_at_an_inlined_ones_number_is_called()
    {
        foreach ((Tier tier, SafetyMode mode) in Ways)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            var processor = new HostHelper(new HelperPrototype { Id = 8, Name = "get_smp_processor_id", Arguments = [], Returns = ReturnType.Scalar }, call => 99);
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Helpers = [processor] });
            Assert.Equal(99u, runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble("call 8\nexit"))).Run(new byte[1]));
        }
    }

    private static string Known(int key) => $"mov %r6, 9\nstw [%r10-4], {key}\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 1\n" + Add;

    // The first eight bytes of a value, of all processors together.
    private static ulong Sum(EbpfMap map, int key)
    {
        byte[] value = new byte[map.HostValueSize];
        Assert.True(map.TryLookup(BitConverter.GetBytes(key), value));
        int parts = map.Type == MapType.PerCpuArray ? map.Processors : 1;
        ulong sum = 0;
        for (int i = 0; i < parts; i++) sum += BitConverter.ToUInt64(value, i * (value.Length / parts));
        return sum;
    }

    private static LoadedProgram Load(EbpfRuntime runtime, string text, EbpfMap map) =>
        runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text), [map.Definition]), [map]);

    private record struct Two(ulong First, ulong Second);
}
