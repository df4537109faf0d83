using System.Runtime.InteropServices;

namespace Anneal.Runtime;

/// <summary>
/// An inline cache of one section: what an access in sectioned mode looks at. An access of w bytes at a guest address hits when
/// address - <see cref="Lower"/> is below the count for w; its host address is that difference plus <see cref="Host"/>. An
/// empty cell has counts of 0. Cells belong to one execution, so nobody else reads or writes them.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct SectionCell
{
    /// <summary>The number of cells for reads, and again for writes; a memory operand names one, modulo this.</summary>
    public const int Count = 16;

    /// <summary>Bytes of a cell.</summary>
    public const int Bytes = 64;

    public const int LowerOffset = 0;
    public const int HostOffset = 8;

    /// <summary>The counts for accesses of 1, 2, 4 and 8 bytes.</summary>
    public const int CountsOffset = 16;

    public ulong Lower;
    public byte* Host;
    public fixed ulong Counts[4];
}
