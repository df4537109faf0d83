using System.Numerics;

namespace Anneal.Runtime;

/// <summary>
/// What an access in sectioned mode asks for: cell, width, whether it writes, and, in emitted code, the register that the
/// template keeps the address in.
/// </summary>
internal readonly record struct SectionRequest(ulong Bits)
{
    /// <summary>The cell, 0 to <see cref="SectionCell.Count"/> - 1.</summary>
    public int Cell => (int)(Bits & 15);

    /// <summary>The logarithm of the width: 0 to 3.</summary>
    public int WidthLog => (int)(Bits >> 4) & 3;

    public uint Width => 1u << WidthLog;

    public bool Writes => (Bits & 64) != 0;

    /// <summary>The number of the register.</summary>
    public int Register => (int)(Bits >> 8) & 15;

    /// <summary>The cell's place among all cells of the execution, in bytes.</summary>
    public int CellOffset => ((Writes ? SectionCell.Count : 0) + Cell) * SectionCell.Bytes;

    public static SectionRequest Of(int cell, int width, bool writes, int register = 0) =>
        new((ulong)(uint)((cell % SectionCell.Count) | (BitOperations.Log2((uint)width) << 4) | (writes ? 64 : 0) | (register << 8)));
}
