// The time at which the call that runs in an execution is to be stopped. Armed for a call and disarmed at its end, both by the
// thread that makes the call; the engine's deadline thread looks whether it has passed.
//
// Arming is one exchange: the thread isn't told unless it would look too late, and at its look it finds what is due then. So of
// calls that end in time, one a timeout's length costs the thread a look. Invariant: a deadline that is armed is scheduled
// at or before its time, because Arm writes the time before it reads when the next look is, and the look works the other way round.
//
// It is the thread's compare-and-swap that makes a deadline pass. A call that ends first has won and is never touched; one that
// finds it has passed waits for the interrupt to be over. A token carries the news to whatever waits in host code.

using System.Diagnostics;

namespace Anneal.Runtime;

/// <summary>The deadline of an execution's calls.</summary>
internal sealed class Deadline : IDisposable
{
    /// <summary>The time that never comes.</summary>
    public const long Never = long.MaxValue;

    // In place of a time: the deadline has passed and the call hasn't ended yet.
    private const long Passed = long.MinValue;

    private readonly DeadlineThread thread;
    private readonly Execution execution;
    private readonly DeadlineEntry entry;
    private CancellationTokenSource source = new();
    private Exception? failure;
    private long due = Never;
    private volatile bool interrupting;

    public Deadline(DeadlineThread thread, Execution execution)
    {
        this.thread = thread;
        this.execution = execution;
        entry = new DeadlineEntry(this);
    }

    /// <summary>Cancelled when the deadline passes. Another one after a call that it stopped.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Whether the call that runs should have ended.</summary>
    public bool HasPassed => Volatile.Read(ref due) == Passed;

    /// <summary>How long the call was allowed to take, for the exception.</summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>The time at a distance from now, as <see cref="Arm"/> takes it; <see cref="Never"/> if it's too far away.</summary>
    public static long After(TimeSpan timeout)
    {
        double ticks = timeout.TotalSeconds * Stopwatch.Frequency;
        long now = Stopwatch.GetTimestamp();
        return ticks < Never - now - 1.0 ? now + (long)ticks : Never;
    }

    /// <summary>Sets the time for the call that starts, or goes on, on this thread; the deadline must be disarmed.</summary>
    /// <param name="time">A timestamp of <see cref="Stopwatch"/>.</param>
    public void Arm(long time)
    {
        // A full fence, see above.
        Interlocked.Exchange(ref due, time);
        if (time < Volatile.Read(ref entry.NextLook)) thread.Schedule(entry, time);
    }

    /// <summary>In place of <see cref="Arm"/>, for a call that has no time left: it's stopped as if it had just run out.</summary>
    public void Pass()
    {
        Interlocked.Exchange(ref due, Passed);
        execution.Interrupt(InterruptReasons.Deadline);
        source.Cancel();
    }

    /// <summary>Ends the call's deadline.</summary>
    /// <returns>True if it had passed: then <see cref="Token"/> is another one now.</returns>
    public bool Disarm()
    {
        if (Interlocked.Exchange(ref due, Never) != Passed) return false;
        var spin = default(SpinWait);
        while (interrupting) spin.SpinOnce();
        source = new CancellationTokenSource();
        failure = null;
        return true;
    }

    /// <summary>What stops the guest whose deadline has passed.</summary>
    /// <param name="cause">How the host function ended that the deadline found it in; null for none.</param>
    public GuestTimeoutException CreateException(Exception? cause) => new(Timeout, cause ?? Volatile.Read(ref failure));

    /// <summary>Looks at the deadline, on the deadline thread.</summary>
    /// <returns>When to look again; <see cref="Never"/> if it's disarmed or has passed now.</returns>
    public long Look(long now, out CancellationTokenSource? passed)
    {
        passed = null;
        while (true)
        {
            long time = Volatile.Read(ref due);
            if (time is Passed or Never) return Never;
            if (time > now) return time;
            // Before the exchange, so that who finds that the deadline has passed waits for this to be over.
            interrupting = true;
            bool claimed = Interlocked.CompareExchange(ref due, Passed, time) == time;
            if (claimed)
            {
                passed = source;
                execution.Interrupt(InterruptReasons.Deadline);
            }

            interrupting = false;
            if (claimed) return Never;
        }
    }

    /// <summary>Notes what a callback on the token threw; it becomes the cause of the exception if that isn't made yet.</summary>
    public void NoteFailure(CancellationTokenSource cancelled, Exception exception)
    {
        if (ReferenceEquals(cancelled, Volatile.Read(ref source))) Volatile.Write(ref failure, exception);
    }

    /// <summary>Makes the deadline thread forget the deadline. It must be disarmed.</summary>
    public void Dispose() => thread.Remove(entry);
}
