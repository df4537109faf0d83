// The sections that an execution's accesses in sectioned mode may reach, and the filling of the inline cells from them. The
// guest layer makes a table, keeps the memory behind its sections alive, and changes it only between instructions of the
// guest (before a run, or in a host function); every change that takes something away empties the cells.
//
// Sections must not overlap in guest addresses. There are few (a handful to some dozens), so finding one is a binary search.

namespace Anneal.Runtime;

/// <summary>A registry of sections by guest address. Used by one execution at a time.</summary>
internal sealed unsafe class SectionTable
{
    private Section[] sections = new Section[8];
    private int count;

    /// <summary>The number of sections.</summary>
    public int Count => count;

    /// <summary>Removes all sections.</summary>
    public void Clear(Execution execution)
    {
        count = 0;
        Forget(execution);
    }

    /// <summary>Adds a section.</summary>
    /// <exception cref="ArgumentException">It overlaps another one, or reaches beyond the address space.</exception>
    public void Add(in Section section)
    {
        if (section.Length == 0) return;
        if (section.Lower + section.Length < section.Lower) throw new ArgumentException("the section reaches beyond the address space", nameof(section));
        int index = FirstAbove(section.Lower);
        bool overlaps = (index > 0 && sections[index - 1].Lower + sections[index - 1].Length > section.Lower)
            || (index < count && sections[index].Lower < section.Lower + section.Length);
        if (overlaps) throw new ArgumentException("the section overlaps another one", nameof(section));
        if (count == sections.Length) Array.Resize(ref sections, count * 2);
        sections.AsSpan(index, count - index).CopyTo(sections.AsSpan(index + 1));
        sections[index] = section;
        count++;
    }

    /// <summary>Removes the section that starts at that address, if there's one.</summary>
    public void Remove(Execution execution, ulong lower)
    {
        int index = FirstAbove(lower) - 1;
        if (index < 0 || sections[index].Lower != lower) return;
        sections.AsSpan(index + 1, count - index - 1).CopyTo(sections.AsSpan(index));
        count--;
        Forget(execution);
    }

    /// <summary>Whether a section starts at that address.</summary>
    public bool Contains(ulong lower)
    {
        int index = FirstAbove(lower) - 1;
        return index >= 0 && sections[index].Lower == lower;
    }

    /// <summary>The host address of bytes at a guest address, or null: for host functions that get guest pointers.</summary>
    public byte* Find(ulong address, ulong bytes, bool writes)
    {
        int index = FirstAbove(address) - 1;
        if (index < 0) return null;
        ref readonly Section section = ref sections[index];
        return writes && !section.IsWritable ? null : section.Locate(address, bytes);
    }

    /// <summary>The section that holds an address; false if none does.</summary>
    public bool TryFind(ulong address, out Section section)
    {
        int index = FirstAbove(address) - 1;
        section = index < 0 ? default : sections[index];
        return index >= 0 && address - section.Lower < section.Length;
    }

    /// <summary>Empties the cells of an execution.</summary>
    public static void Forget(Execution execution) =>
        new Span<ulong>(execution.State->SectionCells, 2 * SectionCell.Count * SectionCell.Bytes / sizeof(ulong)).Clear();

    /// <summary>The host address of an access, by its cell or by the table; null if no section holds it.</summary>
    public static byte* Locate(ExecutionState* state, ulong address, SectionRequest request)
    {
        var cell = (SectionCell*)((byte*)state->SectionCells + request.CellOffset);
        ulong distance = address - cell->Lower;
        if (distance < cell->Counts[request.WidthLog]) return cell->Host + distance;
        return Execution.Of(state).Sections is { } table ? table.Fill(cell, address, request) : null;
    }

    /// <summary>The host address of an access that missed its cell; fills the cell.</summary>
    /// <exception cref="GuestFault">No section holds it, or it writes to one that is read-only.</exception>
    public static byte* Resolve(Execution execution, ulong address, SectionRequest request)
    {
        byte* host = Locate(execution.State, address, request);
        return host != null ? host : throw new GuestFault(TrapKind.MemoryOutOfBounds);
    }

    private byte* Fill(SectionCell* cell, ulong address, SectionRequest request)
    {
        byte* host = Find(address, request.Width, request.Writes);
        if (host == null) return null;
        ref readonly Section section = ref sections[FirstAbove(address) - 1];
        cell->Lower = section.Lower;
        cell->Host = (byte*)section.Host;
        for (int log = 0; log < 4; log++)
        {
            ulong width = 1ul << log;
            cell->Counts[log] = section.Length >= width ? section.Length - width + 1 : 0;
        }

        return host;
    }

    // The first section that starts above the address.
    private int FirstAbove(ulong address)
    {
        int low = 0, high = count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sections[middle].Lower <= address) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
