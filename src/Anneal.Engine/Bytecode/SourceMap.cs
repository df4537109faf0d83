// Bytecode pc <-> guest offset. Written in order of pc by lowering, an entry where the offset changes; read only for
// backtraces, dumps and state images, so a search is quick enough and eight bytes an entry are small enough.

namespace Anneal.Bytecode;

/// <summary>Maps positions in bytecode to offsets in the guest's own code.</summary>
internal sealed class SourceMap(int[] pcs, int[] guestOffsets)
{
    /// <summary>A map that knows nothing.</summary>
    public static SourceMap Empty { get; } = new([], []);

    /// <summary>The guest offset of the instruction at or before <paramref name="pc"/>; -1 if none is known.</summary>
    public int GuestOffset(int pc)
    {
        int index = Array.BinarySearch(pcs, pc);
        if (index < 0) index = ~index - 1;
        return index < 0 ? -1 : guestOffsets[index];
    }

    /// <summary>The first bytecode position that comes from the guest offset; -1 if none does.</summary>
    public int FirstPc(int guestOffset)
    {
        int index = Array.IndexOf(guestOffsets, guestOffset);
        return index < 0 ? -1 : pcs[index];
    }
}
