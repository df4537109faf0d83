// Maps from the host's side and, through small programs, from the programs'.

using System.Buffers.Binary;
using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Maps;

public sealed class MapTests : IDisposable
{
    private readonly Engine engine = new(new EngineOptions { Tier = Tier.Baseline });
    private readonly EbpfRuntime runtime;

    public MapTests() => runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, Processors = 3 });

    public void Dispose()
    {
        runtime.Dispose();
        engine.Dispose();
    }

    [Fact]
    public void Arrays_have_all_entries_from_the_start()
    {
        EbpfMap map = Make(MapType.Array, 4, 8, 3);
        Assert.Equal(0ul, map.Lookup<uint, ulong>(2));
        Assert.False(map.TryLookup(3u, out ulong _));
        Assert.True(map.Update(1u, 77ul));
        Assert.False(map.Update(1u, 78ul, MapUpdate.NoExist));
        Assert.False(map.Update(3u, 78ul));
        Assert.Equal([0ul, 77, 0], map.Entries<uint, ulong>().Select(entry => entry.Value));
        Assert.Throws<NotSupportedException>(() => map.Delete(1u));
        Assert.Throws<ArgumentException>(() => map.TryLookup(1ul, out ulong _));
        Assert.Throws<ArgumentException>(() => map.TryLookup(1u, out uint _));
    }

    [Fact]
    public void Hashes_hold_as_many_as_they_say_and_no_more()
    {
        EbpfMap map = Make(MapType.Hash, 8, 8, 1000);
        for (ulong i = 0; i < 1000; i++) Assert.True(map.Update(i * 0x1_0000_0001, i));
        Assert.False(map.Update(5ul, 5ul));
        Assert.True(map.Update(0x1_0000_0001ul, 500ul, MapUpdate.Exist));
        Assert.False(map.Update(5ul, 5ul, MapUpdate.Exist));
        Assert.Equal(1000, map.Count);
        Assert.Equal(500ul, map.Lookup<ulong, ulong>(0x1_0000_0001));
        for (ulong i = 0; i < 1000; i += 2) Assert.True(map.Delete(i * 0x1_0000_0001));
        Assert.False(map.Delete(0ul));
        Assert.Equal(500, map.Count);
        for (ulong i = 0; i < 500; i++) Assert.True(map.Update(~i, i, MapUpdate.NoExist));
        Assert.False(map.Update(1ul, 1ul));
        Assert.Equal(1000, map.Keys().Count());
        for (ulong i = 0; i < 500; i++) Assert.Equal(i, map.Lookup<ulong, ulong>(~i));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(13)]
    [InlineData(64)]
    [InlineData(511)]
    public void Keys_of_any_size_are_told_apart(int size)
    {
        EbpfMap map = Make(MapType.Hash, size, 4, 200);
        byte[] key = new byte[size];
        for (int i = 0; i < 200; i++)
        {
            key[i % size] ^= (byte)(i + 1);
            map.Update(key, BitConverter.GetBytes(i));
            byte[] value = new byte[4];
            Assert.True(map.TryLookup(key, value));
            Assert.Equal(i, BitConverter.ToInt32(value));
        }
    }

    [Fact]
    public void Least_recently_used_entries_make_room()
    {
        EbpfMap map = Make(MapType.LruHash, 4, 4, 100);
        LoadedProgram touch = Load("ldxw %r2, [%r1+0]\nldxw %r3, [%r2+0]\nstxw [%r10-4], %r3\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 1\nexit", map);
        for (uint i = 0; i < 100; i++) map.Update(i, i);
        for (uint i = 0; i < 10; i++) Assert.NotEqual(0u, touch.Run(BitConverter.GetBytes(i)));
        for (uint i = 1000; i < 1080; i++) Assert.True(map.Update(i, i));
        Assert.Equal(100, map.Count);
        for (uint i = 0; i < 10; i++) Assert.True(map.TryLookup(i, out uint _), $"{i} was used lately");
    }

    [Fact]
    public void Each_processor_has_its_own_values()
    {
        EbpfMap map = Make(MapType.PerCpuHash, 4, 4, 10);
        Assert.Equal(24, map.HostValueSize);
        byte[] all = new byte[24];
        all[0] = 1;
        all[8] = 2;
        all[16] = 3;
        Assert.True(map.Update(BitConverter.GetBytes(7), all));
        Assert.True(map.TryLookupAll(7, out int[] values));
        Assert.Equal([1, 2, 3], values);
        LoadedProgram add = Load("stw [%r10-4], 7\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 1\nldxw %r1, [%r0]\nadd %r1, 10\nstxw [%r0], %r1\nmov %r0, %r1\nexit", map);
        Assert.Equal(11u, add.Run(new byte[1]));
        Assert.Equal(21u, add.Run(new byte[1]));
        Assert.True(map.TryLookupAll(7, out values));
        Assert.Equal([21, 2, 3], values);
    }

    [Fact]
    public void The_longest_prefix_wins()
    {
        EbpfMap map = Make(MapType.LpmTrie, 8, 4, 100, MapFlags.NoPreallocation);
        Set(8, 10, 0, 0, 0, value: 1);
        Set(16, 10, 1, 0, 0, value: 2);
        Set(32, 10, 1, 2, 3, value: 3);
        Set(0, 0, 0, 0, 0, value: 9);
        Set(13, 10, 8, 255, 255, value: 4);
        Assert.Equal(5, map.Count);
        Assert.Equal(3, Find(10, 1, 2, 3));
        Assert.Equal(2, Find(10, 1, 2, 4));
        Assert.Equal(1, Find(10, 2, 2, 4));
        Assert.Equal(4, Find(10, 15, 2, 4));
        Assert.Equal(9, Find(11, 1, 2, 3));
        Assert.True(map.Delete(Key(16, 10, 1, 77, 77)));
        Assert.Equal(1, Find(10, 1, 2, 4));
        Assert.False(map.Delete(Key(16, 10, 1, 0, 0)));
        Assert.Throws<NotSupportedException>(() => map.Update(Key(33, 1, 2, 3, 4), new byte[4]));

        int Find(byte a, byte b, byte c, byte d)
        {
            byte[] value = new byte[4];
            Assert.True(map.TryLookup(Key(32, a, b, c, d), value));
            return BitConverter.ToInt32(value);
        }

        void Set(int length, byte a, byte b, byte c, byte d, int value) => Assert.True(map.Update(Key(length, a, b, c, d), BitConverter.GetBytes(value)));

        static byte[] Key(int length, byte a, byte b, byte c, byte d)
        {
            byte[] key = [0, 0, 0, 0, a, b, c, d];
            BinaryPrimitives.WriteInt32LittleEndian(key, length);
            return key;
        }
    }

    [Fact]
    public void Ring_buffers_keep_the_order_skip_discarded_records_and_drop_when_full()
    {
        var ring = (RingBuffer)Make(MapType.RingBuffer, 0, 0, 4096);
        // Reserves as many bytes as the packet says, writes the length, submits or discards.
        LoadedProgram output = Load("ldxw %r2, [%r1+0]\nldxw %r4, [%r2+0]\nmov %r3, %r4\nlddw %r1, map 0\nmov %r4, 0\ncall 130\nexit", ring);
        LoadedProgram discard = Load("lddw %r1, map 0\nmov %r2, 16\nmov %r3, 0\ncall 131\njeq %r0, 0, +3\nmov %r1, %r0\nmov %r2, 0\ncall 133\nmov %r0, 0\nexit", ring);
        LoadedProgram forget = Load("lddw %r1, map 0\nmov %r2, 16\nmov %r3, 0\ncall 131\nmov %r0, 0\nexit", ring);
        for (int round = 0; round < 100; round++)
        {
            var seen = new List<int>();
            foreach (int size in new[] { 8, 100, 1000, 5 })
            {
                byte[] packet = new byte[1000];
                BitConverter.TryWriteBytes(packet, size);
                Assert.Equal(0u, output.Run(packet));
                discard.Run(packet);
            }

            forget.Run(new byte[1]);
            Assert.Equal(4, ring.Consume(record =>
            {
                seen.Add(record.Length);
                if (record.Length >= 4) Assert.Equal(record.Length, BitConverter.ToInt32(record));
            }));
            Assert.Equal([8, 100, 1000, 5], seen);
        }

        byte[] large = new byte[1000];
        BitConverter.TryWriteBytes(large, 1000);
        // A record doesn't wrap, so what is left at the end may not be enough for the fourth.
        int fitting = 0;
        while (output.Run(large) == 0) fitting++;
        Assert.InRange(fitting, 3, 4);
        Assert.Equal(unchecked((ulong)-11), output.Run(large));
        Assert.Equal(2u, ring.Dropped);
        Assert.Equal(fitting, ring.Consume(_ => { }));
        Assert.Equal(0u, output.Run(large));
    }

    [Fact]
    public void Queues_and_stacks()
    {
        EbpfMap queue = Make(MapType.Queue, 0, 4, 3), stack = Make(MapType.Stack, 0, 4, 3);
        foreach (EbpfMap map in new[] { queue, stack })
        {
            LoadedProgram push = Load("ldxw %r2, [%r1+0]\nlddw %r1, map 0\nmov %r3, 0\ncall 87\nexit", map);
            LoadedProgram pop = Load("lddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 88\njne %r0, 0, +1\nldxw %r0, [%r10-4]\nexit", map);
            for (int i = 1; i < 4; i++) Assert.Equal(0u, push.Run(BitConverter.GetBytes(i)));
            Assert.Equal(unchecked((ulong)-7), push.Run(BitConverter.GetBytes(4)));
            Assert.Equal(map == queue ? [1ul, 2, 3] : [3ul, 2, 1], new[] { pop.Run(new byte[1]), pop.Run(new byte[1]), pop.Run(new byte[1]) });
            Assert.Equal(unchecked((ulong)-2), pop.Run(new byte[1]));
        }
    }

    [Theory]
    [InlineData(MapType.Array, 8, 4, 1, MapFlags.None, "an array's have 4")]
    [InlineData(MapType.Array, 4, 0, 1, MapFlags.None, "values of 0 bytes")]
    [InlineData(MapType.Array, 4, 4, 0, MapFlags.None, "0 entries")]
    [InlineData(MapType.Array, 4, 4, -1, MapFlags.None, "-1 entries")]
    [InlineData(MapType.Hash, 0, 4, 1, MapFlags.None, "keys of 0 bytes")]
    [InlineData(MapType.Hash, 513, 4, 1, MapFlags.None, "keys of 513 bytes")]
    [InlineData(MapType.Hash, 4, 1 << 20, 1 << 20, MapFlags.None, "are more than")]
    [InlineData(MapType.LpmTrie, 8, 4, 1, MapFlags.None, "no preallocation")]
    [InlineData(MapType.RingBuffer, 0, 0, 5000, MapFlags.None, "power of two")]
    [InlineData(MapType.RingBuffer, 4, 0, 4096, MapFlags.None, "no keys")]
    [InlineData(MapType.Array, 4, 4, 1, (MapFlags)(1 << 20), "flags 0x100000")]
    [InlineData(MapType.StackTrace, 4, 8, 1, MapFlags.None, "7 (StackTrace) isn't supported")]
    [InlineData((MapType)99, 4, 8, 1, MapFlags.None, "type 99 isn't supported")]
    public void Definitions_that_make_no_sense(MapType type, int key, int value, int entries, MapFlags flags, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidMapException>(() => Make(type, key, value, entries, flags)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_disposed_map_goes_on_working_in_programs()
    {
        EbpfMap map = Make(MapType.Array, 4, 8, 1);
        LoadedProgram count = Load("lddw %r1, value 0+0\nmov %r2, 1\nlock fetch add [%r1], %r2\nmov %r0, %r2\nexit", map);
        Assert.Equal(0u, count.Run(new byte[1]));
        map.Dispose();
        map = null!;
        for (ulong i = 1; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.Equal(i, count.Run(new byte[1]));
        }

        Assert.Throws<ObjectDisposedException>(() => count.Maps[0].Lookup<uint, ulong>(0));
    }

    [Fact]
    public async Task Threads_change_a_hash_that_others_read()
    {
        EbpfMap map = Make(MapType.Hash, 4, 8, 64);
        LoadedProgram find = Load("ldxw %r2, [%r1+0]\nldxw %r3, [%r2+0]\nstxw [%r10-4], %r3\nlddw %r1, map 0\nmov %r2, %r10\nadd %r2, -4\ncall 1\njeq %r0, 0, +1\nldxdw %r0, [%r0]\nexit", map);
        for (uint i = 0; i < 16; i++) map.Update(i, i + 1ul);
        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(() =>
        {
            var random = new Random(3);
            while (!stop.IsCancellationRequested)
            {
                uint key = (uint)random.Next(16, 60);
                if (random.Next(2) == 0) map.Update(key, key + 1ul);
                else map.Delete(key);
            }
        });
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            byte[] packet = new byte[4];
            for (int round = 0; round < 20_000; round++)
            {
                uint key = (uint)(round % 16);
                BitConverter.TryWriteBytes(packet, key);
                // What nobody removes is always found.
                Assert.Equal(key + 1ul, find.Run(packet));
            }
        }))];
        await Task.WhenAll(readers);
        await stop.CancelAsync();
        await writer;
    }

    private EbpfMap Make(MapType type, int key, int value, int entries, MapFlags flags = MapFlags.None) =>
        runtime.CreateMap(new MapDefinition { Name = "m", Type = type, KeySize = key, ValueSize = value, MaxEntries = entries, Flags = flags });

    private LoadedProgram Load(string text, EbpfMap map) =>
        runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text), [map.Definition]), [map]);
}
