// A binary heap of deadline entries by their next look. Entries know their positions, so that one can be moved or taken out
// without a search: a deadline has one entry, however often its time changes.

namespace Anneal.Runtime;

/// <summary>The scheduled entries, the earliest first. Not thread-safe.</summary>
internal sealed class DeadlineQueue
{
    private DeadlineEntry[] entries = new DeadlineEntry[4];

    public int Count { get; private set; }

    /// <summary>The entry to look at first; there must be one.</summary>
    public DeadlineEntry First => entries[0];

    /// <summary>Puts an entry in, or moves it, to a time.</summary>
    public void Set(DeadlineEntry entry, long time)
    {
        Volatile.Write(ref entry.NextLook, time);
        int at = entry.Position;
        if (at < 0)
        {
            if (Count == entries.Length) Array.Resize(ref entries, Count * 2);
            at = Count++;
        }

        Settle(entry, at);
    }

    /// <summary>Takes an entry out, if it's in.</summary>
    public void Remove(DeadlineEntry entry)
    {
        Volatile.Write(ref entry.NextLook, Deadline.Never);
        int at = entry.Position;
        if (at < 0) return;
        entry.Position = -1;
        DeadlineEntry last = entries[--Count];
        entries[Count] = null!;
        if (last != entry) Settle(last, at);
    }

    /// <summary>All entries, in no particular order.</summary>
    public DeadlineEntry[] ToArray() => entries[..Count];

    // Finds the entry's place from a free one on: up past later parents, else down past earlier children.
    private void Settle(DeadlineEntry entry, int at)
    {
        while (at > 0 && entries[(at - 1) / 2].NextLook > entry.NextLook)
        {
            Place(entries[(at - 1) / 2], at);
            at = (at - 1) / 2;
        }

        while (true)
        {
            int child = (2 * at) + 1;
            if (child + 1 < Count && entries[child + 1].NextLook < entries[child].NextLook) child++;
            if (child >= Count || entries[child].NextLook >= entry.NextLook) break;
            Place(entries[child], at);
            at = child;
        }

        Place(entry, at);
    }

    private void Place(DeadlineEntry entry, int at)
    {
        entries[at] = entry;
        entry.Position = at;
    }
}
