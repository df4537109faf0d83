// Where the arrays behind an InstanceState's header are. One layout a code unit, fixed when the unit is made: emitted code
// has the displacements in its instructions.

namespace Anneal.Runtime;

/// <summary>Byte offsets, from an <see cref="InstanceState"/>, of the arrays that follow its header.</summary>
internal sealed unsafe class InstanceLayout
{
    /// <summary>Bytes of a global's cell: wide enough for a vector.</summary>
    public const int CellBytes = 16;

    public InstanceLayout(InstanceCounts counts)
    {
        Counts = counts;
        long end = (sizeof(InstanceState) + 15) & ~15;
        Cells = Place(ref end, counts.Globals - counts.ImportedGlobals, CellBytes);
        Globals = Place(ref end, counts.Globals, sizeof(ulong*));
        Memories = Place(ref end, counts.Memories, sizeof(MemoryState*));
        Tables = Place(ref end, counts.Tables, sizeof(TableState*));
        DataSegments = Place(ref end, counts.DataSegments, sizeof(SegmentState));
        ElementSegments = Place(ref end, counts.ElementSegments, sizeof(SegmentState));
        Functions = Place(ref end, counts.Functions, sizeof(FunctionReference*));
        OwnReferences = Place(ref end, counts.Functions - counts.ImportedFunctions, sizeof(FunctionReference));
        Feedback = Place(ref end, counts.Sites, sizeof(ulong));
        Size = (int)end;
    }

    public InstanceCounts Counts { get; }

    /// <summary>Cells of the instance's own globals, 16 bytes each.</summary>
    public int Cells { get; }

    /// <summary>Pointers to the cells of all globals, imported ones first.</summary>
    public int Globals { get; }

    /// <summary>Pointers to the <see cref="MemoryState"/>s.</summary>
    public int Memories { get; }

    /// <summary>Pointers to the <see cref="TableState"/>s.</summary>
    public int Tables { get; }

    /// <summary><see cref="SegmentState"/>s of the data segments.</summary>
    public int DataSegments { get; }

    /// <summary><see cref="SegmentState"/>s of the element segments.</summary>
    public int ElementSegments { get; }

    /// <summary>Pointers to the <see cref="FunctionReference"/>s of all functions, imported ones first.</summary>
    public int Functions { get; }

    /// <summary>The <see cref="FunctionReference"/>s of the instance's own functions.</summary>
    public int OwnReferences { get; }

    /// <summary>The feedback vector: a 64-bit cell a call site, by site number.</summary>
    public int Feedback { get; }

    /// <summary>The size of the whole block in bytes.</summary>
    public int Size { get; }

    private static int Place(ref long end, int count, int elementSize)
    {
        long start = end;
        end += (long)count * elementSize;
        if (end > int.MaxValue) throw new OutOfMemoryException("an instance of this module is larger than 2 GiB");
        end = (end + 15) & ~15L;
        return (int)start;
    }
}
