// Suspending the guests of a store, and letting them go on. Any thread may ask; what it asks for is the outermost call that runs
// at that moment, by number, so that nothing comes of a wish that is too late. The gate keeps the execution from being given
// back meanwhile. The engine lifts the frames at the guest's next poll; here they become an image, and an image frames.

using Anneal.Runtime;
using Anneal.Tiering;
using Anneal.Wasm.Runtime;
using Anneal.Wasm.Suspension;

namespace Anneal.Wasm;

public sealed unsafe partial class Store
{
    private readonly Lock suspending = new();
    private readonly List<SuspensionScope> suspenders = [];
    private StopBehavior timeoutBehavior;
    private StopBehavior outOfFuelBehavior;

    /// <summary>
    /// What happens when the time of a call is over (<see cref="CallTimeout"/>, <see cref="StopAfter"/>). Default:
    /// <see cref="StopBehavior.Throw"/>. A guest that is suspended instead isn't woken from WASI functions that wait: it's suspended
    /// after them, and after host functions as <see cref="Suspend"/> describes. Its time starts anew when it's resumed.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">No such behavior.</exception>
    /// <exception cref="InvalidOperationException">Set while a call into the store runs.</exception>
    public StopBehavior TimeoutBehavior
    {
        get => timeoutBehavior;
        set => SetBehavior(ref timeoutBehavior, value);
    }

    /// <summary>
    /// What happens when a guest has no fuel left (<see cref="Fuel"/>). Default: <see cref="StopBehavior.Throw"/>. A guest that is
    /// suspended goes on when the store has more. What a host function uses beyond what there is, is owed: the guest is suspended
    /// when it comes to pay itself. A guest with a host function among its callers traps: it can't be suspended, and not go on.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">No such behavior.</exception>
    /// <exception cref="InvalidOperationException">Set while a call into the store runs.</exception>
    public StopBehavior OutOfFuelBehavior
    {
        get => outOfFuelBehavior;
        set => SetBehavior(ref outOfFuelBehavior, value);
    }

    /// <summary>
    /// Asks for the call that runs in the store to be suspended: the guest stops at its next poll (a loop, a function entry), and
    /// the call ends with <see cref="GuestSuspendedException"/>. While a host function is among the callers of what runs,
    /// that waits until it has returned; a module's start function isn't suspended. Callable from any thread.
    /// </summary>
    /// <returns>Whether a call was running. It may still end before it comes to a poll; nothing comes of the wish then.</returns>
    public bool Suspend()
    {
        lock (suspending)
        {
            if (execution is not { } running) return false;
            // In this order: a call's number is its own from the end of the call before.
            long call = running.Call;
            if (Volatile.Read(ref owner) == 0) return false;
            running.RequestSuspension(call);
            return true;
        }
    }

    /// <summary>
    /// Makes a token suspend every call into the store, the one that runs and later ones, as <see cref="Suspend"/> does, until the
    /// registration is disposed.
    /// </summary>
    /// <param name="cancellation">The token.</param>
    /// <returns>What ends the registration when disposed.</returns>
    /// <exception cref="InvalidOperationException">Another thread is using the store.</exception>
    public IDisposable SuspendOn(CancellationToken cancellation)
    {
        var scope = new SuspensionScope(this, cancellation);
        ulong* window = Hold();
        try
        {
            suspenders.Add(scope);
            scope.Registration = cancellation.UnsafeRegister(static store => ((Store)store!).Suspend(), this);
        }
        finally
        {
            Exit(window);
        }

        return scope;
    }

    /// <summary>
    /// Lets a suspended guest go on: its instances' memories, tables, globals, segments and WASI descriptors become what they were,
    /// and the call that was suspended goes on to its end, on this thread and in this store. Everything that applies to
    /// calls applies to it: time limits start anew, fuel is what the store has.
    /// </summary>
    /// <param name="image">The guest.</param>
    /// <param name="instances">
    /// What it's to go on in: an instance for each of <see cref="StateImage.Modules"/>, of the same module and linked in the same
    /// way. None if they are those that the image is of, or the store has but one of each module.
    /// </param>
    /// <returns>What the call that was suspended returns, as <see cref="Function.Invoke(ReadOnlySpan{object?})"/> does.</returns>
    /// <exception cref="StateImageException">The image can't be resumed in these instances; nothing has run.</exception>
    /// <exception cref="ArgumentException">An instance belongs to another store.</exception>
    /// <exception cref="GuestSuspendedException">The guest was suspended again.</exception>
    /// <exception cref="TrapException">The guest trapped.</exception>
    /// <exception cref="GuestTimeoutException">A time limit of the store was exceeded.</exception>
    /// <exception cref="OperationCanceledException">A token was cancelled that stops the store's calls.</exception>
    /// <exception cref="InvalidOperationException">The store is in use: by another thread, or this is a host function.</exception>
    public object? Resume(StateImage image, params ReadOnlySpan<Instance> instances) => Resume(image, Engine.Tier, instances);

    /// <summary>As the public one, with the frames of the image going on in a tier; what they call runs as ever.</summary>
    internal object? Resume(StateImage image, Tier tier, params ReadOnlySpan<Instance> instances)
    {
        ArgumentNullException.ThrowIfNull(image);
        ulong* window = Enter(0);
        try
        {
            if (depth != 1) throw new InvalidOperationException("A guest can't be resumed while a call into the store runs.");
            var restoration = new ImageRestoration(this, image, instances.ToArray());
            Run(restoration.Apply(), tier);
            return BoxedValue.ReadResults(window, restoration.Type, this);
        }
        finally
        {
            Exit(window);
        }
    }

    /// <summary>Runs a module's start function: it isn't suspended, since there's no instance yet to be resumed in.</summary>
    internal void RunStart(FunctionReference* function, ulong* window)
    {
        bool wasBarred = execution!.IsSuspensionBarred;
        execution.IsSuspensionBarred = true;
        try
        {
            Run(function, window);
        }
        finally
        {
            execution.IsSuspensionBarred = wasBarred;
        }
    }

    private void Run(FrameState[] frames, Tier tier)
    {
        GuestSuspension suspension;
        try
        {
            Engine.Resume(execution!, frames, tier);
            return;
        }
        catch (GuestSuspension caught)
        {
            suspension = caught;
        }

        throw Suspended(suspension);
    }

    private GuestSuspendedException Suspended(GuestSuspension suspension) => new(ImageCapture.Of(this, suspension, FuelLeft()));

    private long? FuelLeft() => Engine.Options.FuelMetering ? execution!.State->Fuel - execution.FuelOwed : null;

    private void SetBehavior(ref StopBehavior behavior, StopBehavior value)
    {
        if (value is not (StopBehavior.Throw or StopBehavior.Suspend)) throw new ArgumentOutOfRangeException(nameof(value), value, "no such behavior");
        ulong* window = Hold();
        try
        {
            if (depth != 1) throw new InvalidOperationException("What stops a call can't be changed while it runs.");
            behavior = value;
            TakeBehavior();
            SetToken();
        }
        finally
        {
            Exit(window);
        }
    }

    private void TakeBehavior()
    {
        execution!.SuspendsAtDeadline = timeoutBehavior == StopBehavior.Suspend;
        execution.SuspendsOutOfFuel = outOfFuelBehavior == StopBehavior.Suspend;
    }

    private void LeaseExecution()
    {
        Execution leased = Engine.Lease();
        lock (suspending) execution = leased;
        TakeBehavior();
    }

    // Afterwards no other thread reaches it.
    private Execution? TakeExecution()
    {
        // Ends of registrations wait for callbacks, which want the gate: so before it.
        foreach (SuspensionScope scope in suspenders) scope.Registration.Dispose();
        suspenders.Clear();
        lock (suspending)
        {
            Execution? leased = execution;
            execution = null;
            return leased;
        }
    }

    // A call begins whose token has been cancelled already.
    private void SuspendIfAsked()
    {
        foreach (SuspensionScope scope in suspenders)
        {
            if (!scope.Token.IsCancellationRequested) continue;
            Suspend();
            return;
        }
    }

    private sealed unsafe class SuspensionScope(Store store, CancellationToken token) : IDisposable
    {
        public CancellationToken Token => token;

        public CancellationTokenRegistration Registration { get; set; }

        public void Dispose()
        {
            if (store.disposed) return;
            ulong* window = store.Hold();
            try
            {
                if (store.suspenders.Remove(this)) Registration.Dispose();
            }
            finally
            {
                store.Exit(window);
            }
        }
    }
}
