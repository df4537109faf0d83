using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests;

public sealed class DeadlineQueueTests
{
    [Fact]
    public void The_first_entry_is_the_earliest_whatever_was_set_moved_and_removed()
    {
        using var thread = new DeadlineThread();
        using var execution = new Execution(64 << 10);
        var random = new Random(7);
        var queue = new DeadlineQueue();
        DeadlineEntry[] entries = [.. Enumerable.Range(0, 200).Select(_ => new DeadlineEntry(new Deadline(thread, execution)))];
        var expected = new Dictionary<DeadlineEntry, long>();
        for (int i = 0; i < 20_000; i++)
        {
            DeadlineEntry entry = entries[random.Next(entries.Length)];
            if (random.Next(3) == 0)
            {
                queue.Remove(entry);
                expected.Remove(entry);
                Assert.Equal(Deadline.Never, entry.NextLook);
            }
            else
            {
                long time = random.Next(1000);
                queue.Set(entry, time);
                expected[entry] = time;
            }

            Assert.Equal(expected.Count, queue.Count);
            if (expected.Count == 0) continue;
            Assert.Equal(expected.Values.Min(), queue.First.NextLook);
            Assert.Equal(expected[queue.First], queue.First.NextLook);
        }

        Assert.Equal(expected.Keys.ToHashSet(), [.. queue.ToArray()]);
        long last = long.MinValue;
        while (queue.Count != 0)
        {
            DeadlineEntry first = queue.First;
            Assert.True(first.NextLook >= last);
            last = first.NextLook;
            queue.Remove(first);
        }
    }
}
