// Instruction slot → source line: entries sorted by slot, each valid up to the next.

namespace Anneal.Ebpf;

/// <summary>The source lines of a program's instructions.</summary>
public sealed class LineTable
{
    private readonly int[] slots;
    private readonly SourceLine[] lines;

    /// <summary>A table of lines, each from its slot on; slots ascend.</summary>
    public LineTable(ReadOnlySpan<int> slots, ReadOnlySpan<SourceLine> lines)
    {
        if (slots.Length != lines.Length) throw new ArgumentException("as many slots as lines are needed", nameof(lines));
        for (int i = 1; i < slots.Length; i++)
        {
            if (slots[i] < slots[i - 1]) throw new ArgumentException("slots must ascend", nameof(slots));
        }

        this.slots = slots.ToArray();
        this.lines = lines.ToArray();
    }

    /// <summary>The table without entries.</summary>
    public static LineTable Empty { get; } = new([], []);

    /// <summary>The number of entries.</summary>
    public int Count => slots.Length;

    /// <summary>The line that instruction <paramref name="slot"/> comes from, or null.</summary>
    public SourceLine? At(int slot)
    {
        int found = slots.AsSpan().BinarySearch(slot);
        if (found < 0) found = ~found - 1;
        else while (found + 1 < slots.Length && slots[found + 1] == slot) found++;
        return found < 0 ? null : lines[found];
    }
}
