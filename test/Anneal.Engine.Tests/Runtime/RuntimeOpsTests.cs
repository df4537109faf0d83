using Anneal.Bytecode;
using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests;

public sealed unsafe class RuntimeOpsTests
{
    private const ulong Chunk = RuntimeOps.ChunkBytes;
    private const ulong Elementwise = RuntimeOps.ChunkElements;

    [Theory]
    [InlineData(0, 5, 3 * Chunk)] // apart by less than a chunk, upwards
    [InlineData(5, 0, 3 * Chunk)] // and downwards
    [InlineData(0, Chunk + 7, (2 * Chunk) + 3)]
    [InlineData(Chunk + 7, 0, (2 * Chunk) + 3)]
    [InlineData(0, 3 * Chunk, 2 * Chunk)]
    [InlineData(9, 9, Chunk + 1)]
    public void Copy_moves_bytes_as_if_by_way_of_a_buffer(ulong source, ulong destination, ulong count)
    {
        using var memory = new LinearMemory(8 * Chunk, 8 * Chunk, AddressingMode.Checked);
        var expected = new byte[8 * Chunk];
        new Random(1).NextBytes(expected);
        expected.CopyTo(new Span<byte>(memory.Base, expected.Length));
        expected.AsSpan((int)source, (int)count).ToArray().CopyTo(expected, (int)destination);
        ulong to = destination, from = source, left = count;
        int calls = 1;
        while (RuntimeOps.MemoryCopy(memory.State, memory.State, &to, &from, &left)) calls++;
        Assert.Equal(0ul, left);
        Assert.Equal((int)((count + Chunk - 1) / Chunk), calls);
        Assert.True(expected.AsSpan().SequenceEqual(new ReadOnlySpan<byte>(memory.Base, expected.Length)));
    }

    [Fact]
    public void Copy_between_memories_checks_each()
    {
        using var small = new LinearMemory(65536, 65536, AddressingMode.Checked);
        using var large = new LinearMemory(131072, 131072, AddressingMode.Checked);
        large.Base[70000] = 7;
        Assert.Equal(TrapKind.MemoryOutOfBounds, Fault(() => Copy(large, small, 0, 65530, 7)));
        Assert.Equal(TrapKind.MemoryOutOfBounds, Fault(() => Copy(small, large, 65530, 0, 7)));
        Assert.Equal(TrapKind.MemoryOutOfBounds, Fault(() => Copy(small, large, ulong.MaxValue, 0, 2)));
        Assert.Equal(TrapKind.MemoryOutOfBounds, Fault(() => Copy(small, large, 0, 1, ulong.MaxValue)));
        Copy(small, large, 3, 70000, 1);
        Assert.Equal(7, small.Base[3]);
        Copy(small, large, 65536, 131072, 0);
    }

    [Fact]
    public void Fill_keeps_its_progress_in_its_operands()
    {
        using var memory = new LinearMemory(4 * Chunk, 4 * Chunk, AddressingMode.Checked);
        ulong start = 1, count = Chunk + 2;
        Assert.True(RuntimeOps.MemoryFill(memory.State, &start, 9, &count));
        Assert.Equal((1 + Chunk, 2ul), (start, count));
        Assert.False(RuntimeOps.MemoryFill(memory.State, &start, 9, &count));
        Assert.Equal(0ul, count);
        Assert.Equal(0, memory.Base[0]);
        Assert.Equal(-1, new ReadOnlySpan<byte>(memory.Base + 1, (int)Chunk + 2).IndexOfAnyExcept((byte)9));
        Assert.Equal(0, memory.Base[Chunk + 3]);
    }

    [Fact]
    public void Fill_out_of_bounds_writes_nothing()
    {
        using var memory = new LinearMemory(65536, 65536, AddressingMode.Guarded);
        Assert.Equal(TrapKind.MemoryOutOfBounds, Fault(() =>
        {
            ulong start = 65535, count = 2;
            RuntimeOps.MemoryFill(memory.State, &start, 1, &count);
        }));
        Assert.Equal(0, memory.Base[65535]);
    }

    [Fact]
    public void Init_checks_segment_and_memory_and_dropped_segments_are_empty()
    {
        using var memory = new LinearMemory(65536, 65536, AddressingMode.Checked);
        byte* bytes = stackalloc byte[] { 1, 2, 3 };
        var segment = new SegmentState { Start = bytes, Length = 3 };
        SegmentState* pointer = &segment;
        Init(pointer, memory, 65534, 1, 2);
        Assert.Equal((2, 3), (memory.Base[65534], memory.Base[65535]));
        Assert.Equal(TrapKind.MemoryOutOfBounds, Fault(() => Init(pointer, memory, 65534, 0, 3)));
        Assert.Equal(TrapKind.MemoryOutOfBounds, Fault(() => Init(pointer, memory, 0, 2, 2)));
        Assert.Equal(TrapKind.MemoryOutOfBounds, Fault(() => Init(pointer, memory, 0, ulong.MaxValue, 2)));
        Assert.Equal(2, memory.Base[65534]);
        RuntimeOps.Drop(pointer);
        Init(pointer, memory, 65536, 0, 0);
        Assert.Equal(TrapKind.MemoryOutOfBounds, Fault(() => Init(pointer, memory, 0, 0, 1)));
    }

    [Fact]
    public void Memory_grows_by_pages_until_its_maximum_or_a_limit()
    {
        using var memory = new LinearMemory(65536, 4 * 65536, AddressingMode.Checked);
        Assert.Equal(1ul, RuntimeOps.MemorySize(memory.State));
        Assert.Equal(1ul, RuntimeOps.MemoryGrow(memory.State, 2));
        Assert.Equal(3ul, RuntimeOps.MemorySize(memory.State));
        Assert.Equal(RuntimeOps.GrowFailed, RuntimeOps.MemoryGrow(memory.State, 2));
        Assert.Equal(RuntimeOps.GrowFailed, RuntimeOps.MemoryGrow(memory.State, 1UL << 48)); // 2^64 bytes
        memory.GrowthLimit = (_, _) => false;
        Assert.Equal(RuntimeOps.GrowFailed, RuntimeOps.MemoryGrow(memory.State, 1));
        Assert.Equal(3ul, RuntimeOps.MemoryGrow(memory.State, 0));
    }

    [Fact]
    public void Table_operations_check_their_whole_range_first()
    {
        using var table = new ReferenceTable(4, 6, 1);
        TableState* state = table.State;
        Assert.Equal(TrapKind.TableOutOfBounds, Fault(() => Fill(state, 2, 9, 3)));
        Assert.Equal(TrapKind.TableOutOfBounds, Fault(() => Fill(state, ulong.MaxValue, 9, 2)));
        Assert.Equal(TrapKind.TableOutOfBounds, Fault(() => RuntimeOps.TableGet(state, 4)));
        Assert.Equal(TrapKind.TableOutOfBounds, Fault(() => RuntimeOps.TableSet(state, ulong.MaxValue, 4)));
        Assert.Equal([1ul, 1, 1, 1], Elements(state));
        Fill(state, 4, 9, 0);
        for (ulong i = 0; i < 4; i++) RuntimeOps.TableSet(state, i, i);
        CopyElements(state, 1, 0, 3);
        Assert.Equal([0ul, 0, 1, 2], Elements(state));
        CopyElements(state, 0, 1, 3);
        Assert.Equal([0ul, 1, 2, 2], Elements(state));
        Assert.Equal(TrapKind.TableOutOfBounds, Fault(() => CopyElements(state, 0, 2, 3)));
        Assert.Equal(4ul, RuntimeOps.TableGrow(state, 7, 2));
        Assert.Equal(RuntimeOps.GrowFailed, RuntimeOps.TableGrow(state, 7, 1));
        Assert.Equal([0ul, 1, 2, 2, 7, 7], Elements(state));
    }

    [Fact]
    public void Table_init_copies_from_a_segment()
    {
        using var table = new ReferenceTable(3, 3, 0);
        TableState* state = table.State;
        ulong* elements = stackalloc ulong[] { 5, 6 };
        var segment = new SegmentState { Start = elements, Length = 2 };
        SegmentState* pointer = &segment;
        InitElements(pointer, state, 1, 0, 2);
        Assert.Equal([0ul, 5, 6], Elements(state));
        Assert.Equal(TrapKind.TableOutOfBounds, Fault(() => InitElements(pointer, state, 2, 0, 2)));
        Assert.Equal(TrapKind.TableOutOfBounds, Fault(() => InitElements(pointer, state, 0, 1, 2)));
    }

    [Theory]
    [InlineData(0, 5, 3 * Elementwise)]
    [InlineData(5, 0, 3 * Elementwise)]
    [InlineData(0, Elementwise + 7, (2 * Elementwise) + 3)]
    [InlineData(Elementwise + 7, 0, (2 * Elementwise) + 3)]
    [InlineData(9, 9, Elementwise + 1)]
    public void Long_table_copies_go_in_chunks_as_if_by_way_of_a_buffer(ulong source, ulong destination, ulong count)
    {
        using var table = new ReferenceTable(4 * Elementwise, 4 * Elementwise, 0);
        var expected = new ulong[4 * Elementwise];
        for (int i = 0; i < expected.Length; i++) expected[i] = (ulong)i;
        expected.CopyTo(new Span<ulong>(table.State->Elements, expected.Length));
        expected.AsSpan((int)source, (int)count).ToArray().CopyTo(expected, (int)destination);
        ulong to = destination, from = source, left = count;
        int calls = 1;
        while (RuntimeOps.TableCopy(table.State, table.State, &to, &from, &left)) calls++;
        Assert.Equal((int)((count + Elementwise - 1) / Elementwise), calls);
        Assert.True(expected.AsSpan().SequenceEqual(Elements(table.State)));
    }

    [Fact]
    public void Long_inits_and_table_fills_keep_their_progress_in_their_operands()
    {
        using var memory = new LinearMemory(2 * Chunk, 2 * Chunk, AddressingMode.Checked);
        using var table = new ReferenceTable(2 * Elementwise, 2 * Elementwise, 0);
        ulong[] data = GC.AllocateArray<ulong>(2 * (int)Elementwise, pinned: true);
        Array.Fill(data, 0x0707_0707_0707_0707ul);
        fixed (ulong* start = data)
        {
            var bytes = new SegmentState { Start = start, Length = 2 * Chunk };
            ulong to = 3, from = 1, count = Chunk + 2;
            Assert.True(RuntimeOps.MemoryInit(&bytes, memory.State, &to, &from, &count));
            Assert.Equal((3 + Chunk, 1 + Chunk, 2ul), (to, from, count));
            Assert.False(RuntimeOps.MemoryInit(&bytes, memory.State, &to, &from, &count));
            Assert.Equal((int)Chunk + 2, new ReadOnlySpan<byte>(memory.Base, 2 * (int)Chunk).Count((byte)7));

            var elements = new SegmentState { Start = start, Length = 2 * Elementwise };
            (to, from, count) = (3, 1, Elementwise + 2);
            Assert.True(RuntimeOps.TableInit(&elements, table.State, &to, &from, &count));
            Assert.Equal((3 + Elementwise, 1 + Elementwise, 2ul), (to, from, count));
            Assert.False(RuntimeOps.TableInit(&elements, table.State, &to, &from, &count));
            Assert.Equal((int)Elementwise + 2, Elements(table.State).Count(element => element != 0));
        }

        ulong first = 1, left = Elementwise + 2;
        Assert.True(RuntimeOps.TableFill(table.State, &first, 9, &left));
        Assert.Equal((1 + Elementwise, 2ul), (first, left));
        Assert.False(RuntimeOps.TableFill(table.State, &first, 9, &left));
        Assert.Equal((int)Elementwise + 2, Elements(table.State).Count(element => element == 9));
    }

    private static void Init(SegmentState* segment, LinearMemory memory, ulong destination, ulong source, ulong count) =>
        Assert.False(RuntimeOps.MemoryInit(segment, memory.State, &destination, &source, &count));

    private static void Fill(TableState* table, ulong start, ulong value, ulong count) =>
        Assert.False(RuntimeOps.TableFill(table, &start, value, &count));

    private static void CopyElements(TableState* table, ulong destination, ulong source, ulong count) =>
        Assert.False(RuntimeOps.TableCopy(table, table, &destination, &source, &count));

    private static void InitElements(SegmentState* segment, TableState* table, ulong destination, ulong source, ulong count) =>
        Assert.False(RuntimeOps.TableInit(segment, table, &destination, &source, &count));

    private static ulong[] Elements(TableState* state) => new Span<ulong>(state->Elements, (int)state->Length).ToArray();

    private static void Copy(LinearMemory to, LinearMemory from, ulong destination, ulong source, ulong count)
    {
        while (RuntimeOps.MemoryCopy(to.State, from.State, &destination, &source, &count))
        {
        }
    }

    private static TrapKind Fault(Action action) => Assert.Throws<GuestFault>(action).Kind;
}
