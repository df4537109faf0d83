// The free parts of a range: sorted by start, never two that touch; first fit. Used by CodeSpace, under its lock.

namespace Anneal.Runtime;

/// <summary>Free blocks by offset.</summary>
internal sealed class FreeBlocks
{
    private long[] starts = new long[16];
    private long[] ends = new long[16];
    private int count;

    /// <summary>Takes the first that is large enough, or its beginning.</summary>
    /// <returns>The start; -1 if none is large enough.</returns>
    public long Take(long size)
    {
        for (int i = 0; i < count; i++)
        {
            long start = starts[i];
            if (ends[i] - start < size) continue;
            starts[i] = start + size;
            if (starts[i] == ends[i]) RemoveAt(i);
            return start;
        }

        return -1;
    }

    /// <summary>Adds a block, joined with those that it touches.</summary>
    public void Add(long start, long size)
    {
        int next = FirstFrom(start);
        long end = start + size;
        bool joinsPrevious = next > 0 && ends[next - 1] == start;
        bool joinsNext = next < count && starts[next] == end;
        if (joinsPrevious && joinsNext)
        {
            ends[next - 1] = ends[next];
            RemoveAt(next);
        }
        else if (joinsPrevious)
        {
            ends[next - 1] = end;
        }
        else if (joinsNext)
        {
            starts[next] = start;
        }
        else
        {
            Insert(next, start, end);
        }
    }

    // The number of blocks before an offset.
    private int FirstFrom(long offset)
    {
        int low = 0, high = count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (starts[middle] < offset) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private void Insert(int index, long start, long end)
    {
        if (count == starts.Length)
        {
            Array.Resize(ref starts, count * 2);
            Array.Resize(ref ends, count * 2);
        }

        Array.Copy(starts, index, starts, index + 1, count - index);
        Array.Copy(ends, index, ends, index + 1, count - index);
        starts[index] = start;
        ends[index] = end;
        count++;
    }

    private void RemoveAt(int index)
    {
        count--;
        Array.Copy(starts, index + 1, starts, index, count - index);
        Array.Copy(ends, index + 1, ends, index, count - index);
    }
}
