// One thread an engine that stops what has run too long. Not a timer of the thread pool, whose threads guests may all be
// occupying just then. It sleeps until the next look that is due; what it finds has passed is interrupted first and its token
// cancelled afterwards, because callbacks on tokens are the host's code and may take their time.
//
// Started with the first deadline; ends when none was scheduled for a while, or with the engine: a call that is still running
// then keeps its deadline, and the thread ends after the last such call. It refers to no engine, and to deadlines weakly.

using System.Diagnostics;

namespace Anneal.Runtime;

/// <summary>Looks at deadlines when they are due. Thread-safe.</summary>
internal sealed class DeadlineThread : IDisposable
{
    private const int IdleMilliseconds = 10_000;
    private const int LongestWait = 1 << 30;
    private static readonly long TicksPerMillisecond = Math.Max(1, Stopwatch.Frequency / 1000);

    // Monitor, not Lock: the thread waits on it.
    private readonly object gate = new();
    private readonly DeadlineQueue queue = new();
    private bool running;
    private bool closing;

    /// <summary>Whether the thread exists.</summary>
    public bool IsRunning
    {
        get
        {
            lock (gate) return running;
        }
    }

    /// <summary>Makes the thread look at a deadline no later than at that time.</summary>
    public void Schedule(DeadlineEntry entry, long time)
    {
        lock (gate)
        {
            if (time >= entry.NextLook) return;
            queue.Set(entry, time);
            if (!running) Start();
            else if (queue.First == entry) Monitor.Pulse(gate);
        }
    }

    /// <summary>Forgets a deadline, which is disarmed.</summary>
    public void Remove(DeadlineEntry entry)
    {
        lock (gate)
        {
            queue.Remove(entry);
            if (closing) Monitor.Pulse(gate);
        }
    }

    /// <summary>Ends the thread, once no call with a deadline runs any more.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closing = true;
            Monitor.Pulse(gate);
        }
    }

    private void Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "Anneal deadlines" };
        // The thread would otherwise run under the host's context of whichever call came first.
        thread.UnsafeStart();
        running = true;
    }

    private void Run()
    {
        var passed = new List<(Deadline Deadline, CancellationTokenSource Source)>();
        while (WaitForPassed(passed))
        {
            foreach ((Deadline deadline, CancellationTokenSource source) in passed) Cancel(deadline, source);
            passed.Clear();
        }
    }

    // False if the thread is to end.
    private bool WaitForPassed(List<(Deadline Deadline, CancellationTokenSource Source)> passed)
    {
        lock (gate)
        {
            bool idle = false;
            while (true)
            {
                long now = Stopwatch.GetTimestamp();
                if (closing) LookAtAll(now, passed);
                else LookAtDue(now, passed);
                if (passed.Count != 0) return true;
                if (queue.Count == 0 && (closing || idle))
                {
                    running = false;
                    return false;
                }

                idle = !Monitor.Wait(gate, queue.Count == 0 ? IdleMilliseconds : MillisecondsTo(queue.First.NextLook, now)) && queue.Count == 0;
            }
        }
    }

    private void LookAtDue(long now, List<(Deadline Deadline, CancellationTokenSource Source)> passed)
    {
        while (queue.Count != 0 && queue.First.NextLook <= now) Look(queue.First, now, passed);
    }

    // Also at those that aren't due: the disarmed ones go.
    private void LookAtAll(long now, List<(Deadline Deadline, CancellationTokenSource Source)> passed)
    {
        foreach (DeadlineEntry entry in queue.ToArray()) Look(entry, now, passed);
    }

    private void Look(DeadlineEntry entry, long now, List<(Deadline Deadline, CancellationTokenSource Source)> passed)
    {
        // From here on, whoever arms the deadline schedules it; a deadline that was armed before is found by the look.
        Volatile.Write(ref entry.NextLook, Deadline.Never);
        Interlocked.MemoryBarrier();
        long next = Deadline.Never;
        if (entry.Deadline.TryGetTarget(out Deadline? deadline))
        {
            next = deadline.Look(now, out CancellationTokenSource? source);
            if (source is not null) passed.Add((deadline, source));
        }

        if (next == Deadline.Never) queue.Remove(entry);
        else queue.Set(entry, next);
    }

    private static void Cancel(Deadline deadline, CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
#pragma warning disable CA1031 // Whatever a host's callback throws: this is nobody's call stack. The guest's exception carries it.
        catch (Exception exception)
        {
            deadline.NoteFailure(source, exception);
        }
#pragma warning restore CA1031
    }

    // Rounded up: a look that comes too early would only lead to another wait.
    private static int MillisecondsTo(long time, long now) =>
        (int)Math.Min(LongestWait, (time - now + TicksPerMillisecond - 1) / TicksPerMillisecond);
}
