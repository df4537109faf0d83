namespace Anneal.Wasm.Tests.Suspension;

/// <summary>A thread that suspends what runs in a store, so many times, after random moments.</summary>
internal sealed class Stopper : IDisposable
{
    private readonly Thread thread;
    private volatile Store? target;
    private volatile int left;
    private volatile bool ended;

    public Stopper(int times, int seed)
    {
        left = times;
        thread = new Thread(() => Run(new Random(seed))) { IsBackground = true };
        thread.Start();
    }

    /// <summary>Whether it suspends nothing any more.</summary>
    public bool IsDone => left == 0;

    /// <summary>Suspends calls in this store from now on.</summary>
    public void Aim(Store store) => target = store;

    public void Dispose()
    {
        ended = true;
        thread.Join();
    }

    private void Run(Random random)
    {
        while (!ended && left > 0)
        {
            int spins = random.Next(20_000);
            for (int i = 0; i < spins && !ended; i++) Thread.SpinWait(10);
            if (random.Next(4) == 0) Thread.Yield();
            if (target is { } store && store.Suspend()) left--;
        }
    }
}
