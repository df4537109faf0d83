// Time limits of the calls into a store. The execution has one deadline: the earliest of what the outermost call may take and
// of the time limits that are registered. It's armed when a call takes the store and disarmed when that gives it back. Only a
// deadline that has passed costs more: its token is used up, and the store's tokens are linked anew.

using System.Diagnostics;
using Anneal.Runtime;

namespace Anneal.Wasm;

public sealed unsafe partial class Store
{
    private readonly List<TimeoutScope> timeouts = [];
    private TimeSpan callTimeout = Timeout.InfiniteTimeSpan;
    private long callDue;
    private bool isTimed; // calls have a deadline
    private bool isArmed; // the one that runs has

    /// <summary>
    /// How long each call into the store, from the next one on, may take, what host functions take included; a call that a host function makes is
    /// part of the call that it's called in. Default: <see cref="Timeout.InfiniteTimeSpan"/>. A guest that takes longer is
    /// stopped at its next poll (a loop, a function entry), a WASI function that waits is woken, and the call throws
    /// <see cref="GuestTimeoutException"/>. A host function that waits should watch <see cref="Caller.CancellationToken"/>;
    /// callbacks on that token run on the thread that watches all deadlines of the engine, so they should be quick.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is neither positive nor infinite.</exception>
    /// <exception cref="InvalidOperationException">Set while another thread is using the store.</exception>
    public TimeSpan CallTimeout
    {
        get => callTimeout;
        set
        {
            CheckTimeout(value);
            ulong* window = Hold();
            try
            {
                callTimeout = value;
                SetTimed();
            }
            finally
            {
                Exit(window);
            }
        }
    }

    /// <summary>
    /// Gives all calls into the store together, the one that runs and later ones, a time after which they are stopped, as
    /// <see cref="CallTimeout"/> describes, until the registration is disposed. Calls made after that time throw at once.
    /// In a host function: limits what the function itself goes on to call, if it disposes the registration before it returns.
    /// </summary>
    /// <param name="timeout">From now on. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>What ends the registration when disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is neither positive nor infinite.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the store.</exception>
    public IDisposable StopAfter(TimeSpan timeout)
    {
        CheckTimeout(timeout);
        ulong* window = Hold();
        try
        {
            var scope = new TimeoutScope(this, timeout);
            timeouts.Add(scope);
            SetTimed();
            return scope;
        }
        finally
        {
            Exit(window);
        }
    }

    private static void CheckTimeout(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
    }

    // After a time limit has come or gone, under Hold. A call that runs goes on under those that are left.
    private void SetTimed()
    {
        bool wasTimed = isTimed;
        isTimed = callTimeout != Timeout.InfiniteTimeSpan || timeouts.Exists(scope => scope.Due != Deadline.Never);
        Deadline deadline = execution!.DeadlineOn(Engine.Deadlines);
        bool renewed = isArmed && deadline.Disarm();
        // What runs already isn't under the time for one call if that has only been set now.
        if (!isArmed) callDue = Deadline.Never;
        isArmed = isTimed;
        if (renewed || wasTimed != isTimed) SetToken();
        if (isTimed) Arm(deadline);
    }

    private void ArmDeadline()
    {
        callDue = callTimeout == Timeout.InfiniteTimeSpan ? Deadline.Never : Deadline.After(callTimeout);
        Arm(execution!.Deadline!);
        isArmed = true;
    }

    private void Arm(Deadline deadline)
    {
        long due = callDue;
        TimeSpan timeout = callTimeout;
        foreach (TimeoutScope scope in timeouts)
        {
            if (scope.Due >= due) continue;
            due = scope.Due;
            timeout = scope.Timeout;
        }

        deadline.Timeout = timeout;
        if (timeouts.Count != 0 && due <= Stopwatch.GetTimestamp()) deadline.Pass();
        else deadline.Arm(due);
    }

    private void DisarmDeadline()
    {
        isArmed = false;
        if (execution!.Deadline!.Disarm()) SetToken();
    }

    private sealed class TimeoutScope(Store store, TimeSpan timeout) : IDisposable
    {
        public TimeSpan Timeout => timeout;

        /// <summary>When the time is over, as a <see cref="Deadline"/> has it.</summary>
        public long Due { get; } = timeout == System.Threading.Timeout.InfiniteTimeSpan ? Deadline.Never : Deadline.After(timeout);

        public void Dispose()
        {
            if (store.disposed) return;
            ulong* window = store.Hold();
            try
            {
                if (store.timeouts.Remove(this)) store.SetTimed();
            }
            finally
            {
                store.Exit(window);
            }
        }
    }
}
