// Grace periods for what emitted code finds in maps without asking anybody: programs in program arrays, maps in arrays of maps. Who
// replaces an entry retires what was there; it stays referenced until every run that was under way then has ended.
//
// A run notes the epoch when it begins, with a plain store. What orders that store before the run's loads is the retiring
// side's process-wide barrier: after it, a run that isn't seen here yet reads the new entry. So runs pay two stores, and changes of
// maps, which are rare, some microseconds.

namespace Anneal.Ebpf.Runtime;

/// <summary>Objects that were taken out of maps and that runs may still use. Thread-safe.</summary>
internal sealed class Retirement
{
    private readonly Lock gate = new();
    private readonly List<RunContext> contexts = [];
    private readonly Queue<(long Epoch, object Item)> retired = [];
    private long epoch = 1;

    /// <summary>The epoch that a run which begins now belongs to; never 0.</summary>
    public long Epoch => Volatile.Read(ref epoch);

    /// <summary>Objects that wait for runs to end.</summary>
    public int Waiting
    {
        get
        {
            lock (gate) return retired.Count;
        }
    }

    /// <summary>Adds a context whose runs count.</summary>
    public void Add(RunContext context)
    {
        lock (gate) contexts.Add(context);
    }

    /// <summary>Removes a context that has no more runs.</summary>
    public void Remove(RunContext context)
    {
        lock (gate) contexts.Remove(context);
    }

    /// <summary>Keeps an object that nothing leads to any more until no run can hold it, and lets go of those that had to wait.</summary>
    public void Retire(object item)
    {
        lock (gate)
        {
            retired.Enqueue((epoch, item));
            Volatile.Write(ref epoch, epoch + 1);
            Interlocked.MemoryBarrierProcessWide();
            long oldest = long.MaxValue;
            foreach (RunContext context in contexts)
            {
                if (context.ActiveSince is var since and not 0) oldest = Math.Min(oldest, since);
            }

            while (retired.TryPeek(out (long Epoch, object Item) first) && first.Epoch < oldest) retired.Dequeue();
        }
    }
}
