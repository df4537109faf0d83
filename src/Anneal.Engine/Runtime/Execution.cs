// One activity of a guest. Leased from the engine for the outermost call into a store and given back when that returns;
// nested calls (host function -> guest) go on in the same execution, above the window of the host call.
//
// The stack limit is the one word that emitted code polls: interrupting writes all ones to it, which makes every function
// entry and loop header take its slow path, where the reason is found. The portable tier polls InterruptPending, which holds
// the reasons as flags. They are hints: Poll asks each cause whether it still holds, so an interrupt that comes late hits nobody.

using System.Runtime.InteropServices;
using Anneal.Diagnostics;
using Anneal.Tiering;

namespace Anneal.Runtime;

/// <summary>The managed owner of an <see cref="ExecutionState"/> and its value stack.</summary>
internal sealed unsafe class Execution : IDisposable
{
    /// <summary>Frames up to this size are probed by touching their end; larger ones compare with the end of the stack.</summary>
    public const int ProbedFrameBytes = 1 << 16;

    // The number of no call.
    private const long NoCall = -1;

    private ExecutionState* state;
    private readonly nuint valueStackBytes;
    private GCHandle self;
    private long callToSuspend = NoCall;
    private long call;

    /// <param name="valueStackBytes">Bytes of value stack, a multiple of the page size.</param>
    /// <param name="journal">Its engine's; null for nobody's.</param>
    /// <exception cref="OutOfMemoryException">The system refuses the memory.</exception>
    public Execution(int valueStackBytes, TierJournal? journal = null)
    {
        this.valueStackBytes = (nuint)valueStackBytes + ProbedFrameBytes;
        void* stack = Libc.Map(null, this.valueStackBytes, Libc.ProtNone, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
        if (stack == Libc.MapFailed) throw new OutOfMemoryException("no address space for a guest's value stack");
        if (Libc.Protect(stack, (nuint)valueStackBytes, Libc.ProtRead | Libc.ProtWrite) != 0)
        {
            _ = Libc.Unmap(stack, this.valueStackBytes);
            throw new OutOfMemoryException("no memory for a guest's value stack");
        }

        state = (ExecutionState*)NativeMemory.AllocZeroed((nuint)sizeof(ExecutionState));
        state->ValueStack = (ulong*)stack;
        state->ValueStackEnd = (ulong*)((byte*)stack + valueStackBytes);
        state->NestedWindow = state->ValueStack;
        self = GCHandle.Alloc(this, GCHandleType.Weak);
        state->Owner = GCHandle.ToIntPtr(self);
        Journal = journal;
        journal?.Statistics.Attach(state);
    }

    ~Execution() => Free();

    public ExecutionState* State => state;

    /// <summary>The emitted tier of the engine that the execution belongs to; null in the portable tier.</summary>
    public EmittedTier? Tier { get; init; }

    /// <summary>Takes notice of what happens to the guest.</summary>
    public TierJournal? Journal { get; }

    /// <summary>The most native stack that one outermost call may use, where the thread has so much.</summary>
    public int GuestStackBytes { get; init; } = 4 << 20;

    /// <summary>The exception that unwinds the guest frames of the innermost entry; set at a boundary, taken by the entry.</summary>
    public Exception? Pending { get; set; }

    /// <summary>The frames of the portable tier's entries below the host function now running: they share one limit.</summary>
    public int PortableFrames { get; set; }

    /// <summary>Whether guest code is metered: it uses <see cref="ExecutionState.Fuel"/> up.</summary>
    public bool IsMetered { get; init; }

    /// <summary>Asked for more fuel when it runs out, before the guest traps: by whoever can let it go on; null for nobody.</summary>
    public Action<Execution>? Refuel { get; set; }

    /// <summary>Cancels the guest when cancelled; set for the duration of the outermost call.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>The number of the outermost call that runs, or of the next one; whoever makes the calls counts them, with <see cref="EndCall"/>.</summary>
    public long Call => Volatile.Read(ref call);

    /// <summary>Whether the call that runs is to be suspended at its next poll.</summary>
    public bool IsSuspensionWanted => Volatile.Read(ref callToSuspend) == call;

    /// <summary>Whether a call whose time is over is suspended; else it ends with an exception.</summary>
    public bool SuspendsAtDeadline { get; set; }

    /// <summary>Whether a guest without fuel is suspended; else it traps.</summary>
    public bool SuspendsOutOfFuel { get; set; }

    /// <summary>Set while guest code runs that can't be suspended, though no host function is in between.</summary>
    public bool IsSuspensionBarred { get; set; }

    /// <summary>
    /// Fuel that was taken though it wasn't there, for what host functions have done: they can't be stopped half-way. Whoever
    /// gives more takes it off.
    /// </summary>
    public long FuelOwed { get; set; }

    /// <summary>What makes moves between tiers frequent, in tests.</summary>
    public StressedTiers? Stressed { get; init; }

    /// <summary>The deadline of the calls; null until one is wanted. It stays with the execution when a store gives that back.</summary>
    public Deadline? Deadline { get; private set; }

    /// <summary>The managed owner of a state that is in use.</summary>
    public static Execution Of(ExecutionState* state) => (Execution)GCHandle.FromIntPtr(state->Owner).Target!;

    /// <summary>Makes the guest stop at its next poll, if the reason holds then. Callable from any thread.</summary>
    public void Interrupt(InterruptReasons reasons = InterruptReasons.Cancellation)
    {
        Interlocked.Or(ref state->InterruptPending, (int)reasons);
        Volatile.Write(ref state->StackLimit, nuint.MaxValue);
    }

    /// <summary>Asks for a call to be suspended at its next poll; nothing comes of it if that has ended. Callable from any thread, by one at a time.</summary>
    public void RequestSuspension(long ofCall)
    {
        if (ofCall > callToSuspend) Volatile.Write(ref callToSuspend, ofCall);
        Interrupt(InterruptReasons.Suspension);
    }

    /// <summary>The outermost call has ended, and with it all wishes to suspend it.</summary>
    public void EndCall() => Volatile.Write(ref call, call + 1);

    /// <summary>Takes the exception that unwound the guest frames of the innermost entry.</summary>
    public Exception TakePending()
    {
        Exception pending = Pending ?? new InvalidOperationException("engine bug: guest frames unwound without a reason");
        Pending = null;
        return pending;
    }

    /// <summary>Takes an interrupt back, where there's one: throws if the guest is to stop, else goes on.</summary>
    /// <returns>Whether the guest is to be suspended here; <see cref="DescribeSuspension"/> says why.</returns>
    /// <exception cref="GuestTimeoutException">The deadline of the call has passed.</exception>
    /// <exception cref="OperationCanceledException">The token of the outermost call was cancelled.</exception>
    public bool Poll()
    {
        var reasons = (InterruptReasons)Interlocked.Exchange(ref state->InterruptPending, 0);
        // Also when none was pending: an interrupter that wrote the two words around an earlier poll left the limit raised.
        SetStackLimit(state->TrueStackLimit);
        bool late = IsLate && (!SuspendsAtDeadline || IsSuspensionBarred);
        if (!late && !Cancellation.IsCancellationRequested)
        {
            bool suspends = CanSuspend && IsSuspensionDue;
            if (Stressed is not { } stress) return suspends;
            Interrupt(InterruptReasons.Stress);
            return suspends || (stress.Kind == TierStress.SuspendAtPolls && stress.IsDue());
        }

        // Host code between here and the outermost call may catch what is thrown and return to the guest: it must stop again.
        Interrupt(reasons | (late ? InterruptReasons.Deadline : InterruptReasons.Cancellation));
        if (late) throw Deadline!.CreateException(null);
        Cancellation.ThrowIfCancellationRequested();
        return false;
    }

    /// <summary>A host function has returned to the guest: what couldn't be done under it may be due now.</summary>
    public void AfterHost()
    {
        if (IsSuspensionDue && CanSuspend) Interrupt(InterruptReasons.Suspension);
    }

    /// <summary>Why the guest is being suspended after a <see cref="Poll"/>; null where tests want it.</summary>
    public SuspensionReason? DescribeSuspension()
    {
        if (!CanSuspend) return null;
        if (IsSuspensionWanted) return SuspensionReason.Requested;
        return SuspendsAtDeadline && IsLate ? SuspensionReason.Timeout : null;
    }

    // Native frames of host functions can't be lifted, so with them in between suspension waits.
    private bool CanSuspend => state->NestedWindow == state->ValueStack && !IsSuspensionBarred;

    private bool IsLate => Deadline is { HasPassed: true };

    private bool IsSuspensionDue => IsSuspensionWanted || (SuspendsAtDeadline && IsLate);

    /// <summary>
    /// Takes fuel for what the host is about to do. Without enough nothing is taken, unless a host function asks and the guest
    /// is to be suspended for want of fuel: then the rest is owed, and the guest stops when it comes to pay itself.
    /// </summary>
    /// <param name="amount">Units, not negative.</param>
    /// <exception cref="GuestFault">There isn't enough.</exception>
    public void Charge(long amount)
    {
        while (state->Fuel < amount)
        {
            if (TryRefuel()) continue;
            long lacking = amount - state->Fuel;
            if (!SuspendsOutOfFuel || state->NestedWindow == state->ValueStack || lacking > long.MaxValue - FuelOwed) throw new GuestFault(TrapKind.OutOfFuel);
            FuelOwed += lacking;
            state->Fuel = 0;
            return;
        }

        state->Fuel -= amount;
    }

    /// <summary>
    /// A charge of the guest's is more than is left, and hasn't been made. The one place that decides what becomes of the guest:
    /// without new fuel it's suspended or traps. All who come here try the same charge again if this returns false, and let it
    /// be tried again when a suspended guest goes on, so it's charged once.
    /// </summary>
    /// <returns>Whether the guest is to be suspended here.</returns>
    /// <exception cref="GuestFault">There's no more.</exception>
    public bool OutOfFuel()
    {
        if (TryRefuel()) return false;
        return SuspendsOutOfFuel && CanSuspend ? true : throw new GuestFault(TrapKind.OutOfFuel);
    }

    private bool TryRefuel()
    {
        long left = state->Fuel;
        Refuel?.Invoke(this);
        return state->Fuel > left;
    }

    /// <summary>Guest code of this execution has trapped.</summary>
    public void CountTrap() => Journal?.Statistics.CountTrap();

    /// <summary>The deadline, made at the first request.</summary>
    public Deadline DeadlineOn(DeadlineThread thread) => Deadline ??= new Deadline(thread, this);

    /// <summary>
    /// What a host function's exception means to who called the guest: where the deadline ended its waiting, that is what
    /// happened, and not that a token was cancelled of which the caller knows nothing.
    /// </summary>
    public Exception Explain(Exception exception) =>
        exception is OperationCanceledException && !SuspendsAtDeadline && Deadline is { HasPassed: true } late ? late.CreateException(exception) : exception;

    /// <summary>Sets the limit of the native stack for an outermost call, which starts here on this thread.</summary>
    /// <exception cref="TrapException">The thread has no stack left for guest code.</exception>
    public void BeginOnThisThread()
    {
        // Setting the limit takes a full fence (an interrupter may write it at the same time), so calls from about the same
        // depth of the same thread keep the one that is there.
        const int Tolerance = 64 << 10;
        byte here = 0;
        nuint bottom = ThreadStack.GuestBottom;
        // The entry stub and the way back need some stack themselves.
        if ((nuint)(&here) <= bottom) throw new TrapException(TrapKind.StackExhausted, []);
        nuint limit = Math.Max(bottom, (nuint)(&here) - (nuint)GuestStackBytes);
        nuint current = state->TrueStackLimit;
        if (current < bottom || current + Tolerance - limit > 2 * Tolerance) SetStackLimit(limit);
    }

    /// <summary>Sets the limit of the native stack; a pending interrupt stays pending.</summary>
    public void SetStackLimit(nuint limit)
    {
        state->TrueStackLimit = limit;
        Volatile.Write(ref state->StackLimit, limit);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref state->InterruptPending) != 0) Volatile.Write(ref state->StackLimit, nuint.MaxValue);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (state == null) return;
        Deadline?.Dispose();
        Journal?.Statistics.Detach(state);
        _ = Libc.Unmap(state->ValueStack, valueStackBytes);
        NativeMemory.Free(state);
        state = null;
        self.Free();
    }
}
