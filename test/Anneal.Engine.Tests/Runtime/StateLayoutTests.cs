// Emitted code names fields by the Offsets constants: they must be where the structs have them.

using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests.Runtime;

public sealed unsafe class StateLayoutTests
{
    [Fact]
    public void Execution_state()
    {
        ExecutionState state;
        Assert.Equal(Offsets.StackLimit, Distance(&state, &state.StackLimit));
        Assert.Equal(Offsets.EntryStack, Distance(&state, &state.EntryStack));
        Assert.Equal(Offsets.FaultPc, Distance(&state, &state.FaultPc));
        Assert.Equal(Offsets.FaultAddress, Distance(&state, &state.FaultAddress));
        Assert.Equal(Offsets.FaultSignal, Distance(&state, &state.FaultSignal));
        Assert.Equal(Offsets.ValueStackEnd, Distance(&state, &state.ValueStackEnd));
        Assert.Equal(Offsets.Fuel, Distance(&state, &state.Fuel));
        Assert.Equal(Offsets.SavedRegisters, Distance(&state, state.SavedRegisters));
        Assert.Equal(Offsets.ResumePosition, Distance(&state, &state.ResumePosition));
        Assert.Equal(Offsets.EntriesAtLoops, Distance(&state, &state.EntriesAtLoops));
        Assert.Equal(Offsets.ThreadPointer, Distance(&state, &state.ThreadPointer));
        Assert.Equal(Offsets.SectionRequest, Distance(&state, &state.SectionRequest));
        Assert.Equal(Offsets.SectionCells, Distance(&state, state.SectionCells));
    }

    [Fact]
    public void Memory_and_table_states()
    {
        MemoryState memory;
        Assert.Equal(Offsets.MemoryBase, Distance(&memory, &memory.Base));
        Assert.Equal(Offsets.MemoryLength, Distance(&memory, &memory.Length));
        TableState table;
        Assert.Equal(Offsets.TableElements, Distance(&table, &table.Elements));
        Assert.Equal(Offsets.TableLength, Distance(&table, &table.Length));
    }

    [Fact]
    public void References_and_instances()
    {
        FunctionReference reference;
        Assert.Equal(Offsets.ReferenceEntry, Distance(&reference, &reference.Entry));
        Assert.Equal(Offsets.ReferenceInstance, Distance(&reference, &reference.Instance));
        Assert.Equal(Offsets.ReferenceType, Distance(&reference, &reference.Type));
        InstanceState instance;
        Assert.Equal(Offsets.InstanceMemoryBase, Distance(&instance, &instance.MemoryBase));
    }

    [Fact]
    public void Every_offset_is_compared() => Assert.Equal(21, typeof(Offsets).GetFields().Length);

    // The arrays behind an instance's header neither overlap nor reach outside the block.
    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, 0, 0, 0)]
    [InlineData(1, 3, 1, 4, 1, 1, 1, 1, 2)]
    [InlineData(7, 100, 5, 33, 3, 9, 11, 2, 1000)]
    public void Instance_arrays_do_not_overlap(int importedFunctions, int functions, int importedGlobals, int globals, int memories, int tables, int data, int elements, int sites)
    {
        var layout = new InstanceLayout(new InstanceCounts(importedFunctions, functions, importedGlobals, globals, memories, tables, data, elements, sites));
        (int Start, int Bytes)[] pieces =
        [
            (0, sizeof(InstanceState)),
            (layout.Cells, (globals - importedGlobals) * InstanceLayout.CellBytes),
            (layout.Globals, globals * sizeof(nint)),
            (layout.Memories, memories * sizeof(nint)),
            (layout.Tables, tables * sizeof(nint)),
            (layout.DataSegments, data * sizeof(SegmentState)),
            (layout.ElementSegments, elements * sizeof(SegmentState)),
            (layout.Functions, functions * sizeof(nint)),
            (layout.OwnReferences, (functions - importedFunctions) * sizeof(FunctionReference)),
            (layout.Feedback, sites * sizeof(ulong)),
        ];
        int end = 0;
        foreach ((int start, int bytes) in pieces.OrderBy(piece => piece.Start).ThenBy(piece => piece.Bytes))
        {
            Assert.InRange(start, end, layout.Size);
            Assert.Equal(0, start % 8);
            end = start + bytes;
        }

        Assert.InRange(end, 0, layout.Size);
    }

    [Fact]
    public void An_instance_too_large_is_refused() =>
        Assert.Throws<OutOfMemoryException>(() => new InstanceLayout(new InstanceCounts(0, 0, 0, int.MaxValue / 8, 0, 0, 0, 0, 0)));

    private static int Distance(void* from, void* to) => (int)((byte*)to - (byte*)from);
}
