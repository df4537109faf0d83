using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests.Runtime;

/// <summary>The free list of the code space against a map of single cells.</summary>
public sealed class FreeBlocksTests
{
    [Fact]
    public void Takes_the_first_that_fits_and_joins_what_touches()
    {
        const int Cells = 200;
        var free = new FreeBlocks();
        var isFree = new bool[Cells];
        var taken = new List<(long Start, long Size)>();
        var random = new Random(1);
        free.Add(0, Cells);
        Array.Fill(isFree, true);
        for (int step = 0; step < 20_000; step++)
        {
            if (random.Next(2) == 0)
            {
                int size = random.Next(1, 12);
                long start = free.Take(size);
                Assert.Equal(FirstFit(isFree, size), start);
                if (start < 0) continue;
                Array.Fill(isFree, false, (int)start, size);
                taken.Add((start, size));
            }
            else if (taken.Count != 0)
            {
                int index = random.Next(taken.Count);
                (long start, long size) = taken[index];
                taken.RemoveAt(index);
                free.Add(start, size);
                Array.Fill(isFree, true, (int)start, (int)size);
            }
        }
    }

    private static long FirstFit(bool[] isFree, int size)
    {
        int run = 0;
        for (int i = 0; i < isFree.Length; i++)
        {
            run = isFree[i] ? run + 1 : 0;
            if (run == size) return i - size + 1;
        }

        return -1;
    }
}
