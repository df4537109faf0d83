// Where emitted code enters managed code. Each entry catches every exception: it becomes the execution's pending exception
// and the answer that makes the stub unwind the guest frames; the managed caller of Enter throws it on.

using System.Runtime.InteropServices;
using Anneal.Templates;
using Anneal.Tiering;

namespace Anneal.Runtime;

/// <summary>The targets of the stubs' calls.</summary>
internal static unsafe class EmittedCalls
{
    /// <summary>Guest code faulted or raised a trap at that address; the stub unwinds afterwards in any case.</summary>
    [UnmanagedCallersOnly]
    public static void OnFault(ExecutionState* state, nint address, nint* framePointer)
    {
        try
        {
            Execution execution = Execution.Of(state);
            EmittedTier tier = execution.Tier!;
            if (!tier.TryFindSite(address, out ushort kind))
            {
                Environment.FailFast(
                    $"Anneal: engine bug: signal {state->FaultSignal} at 0x{address:x} (address 0x{state->FaultAddress:x}), no trap site there");
                return;
            }

            execution.CountTrap();
            execution.Pending = new TrapException(KindOf(kind, state), StackWalker.Walk(tier, address, framePointer));
        }
        catch (Exception exception)
        {
            Environment.FailFast("Anneal: engine bug while handling a trap", exception);
        }
    }

    /// <summary>A trampoline's function isn't compiled yet; the address to go on at, 0 to unwind.</summary>
    [UnmanagedCallersOnly]
    public static nint Compile(ExecutionState* state, InstanceState* instance, nint trampoline, nint* stubFrame)
    {
        Execution execution = Execution.Of(state);
        try
        {
            CodeUnit unit = GuestInstance.Of(instance).Code;
            return execution.Tier!.CodeOf(unit).PrepareAt(unit, trampoline);
        }
        catch (Exception exception)
        {
            execution.Pending = exception;
            return 0;
        }
    }

    /// <summary>Guest code called a host function; 0 to go on, 1 to unwind.</summary>
    [UnmanagedCallersOnly]
    public static int HostCall(ExecutionState* state, InstanceState* host, ulong* slots, nint* stubFrame, InstanceState* caller)
    {
        Execution execution = Execution.Of(state);
        ulong* outerWindow = state->NestedWindow;
        try
        {
            HostFunction function = HostFunction.Of(host);
            ulong* end = slots + function.WindowSlots;
            CheckRoom(state, end, (nuint)(&caller));
            state->NestedWindow = end;
            if (execution.IsMetered) execution.Charge(FuelRates.HostCall);
            function.Invoke(execution, caller, slots);
            state->NestedWindow = outerWindow;
            execution.AfterHost();
            return 0;
        }
        catch (Exception exception)
        {
            state->NestedWindow = outerWindow;
            return Unwind(execution, exception, stubFrame);
        }
    }

    /// <summary>Runs a rare op; 0 done, 1 to be called again, -1 to unwind.</summary>
    [UnmanagedCallersOnly]
    public static int RareOp(ExecutionState* state, InstanceState* instance, ulong* slots, ulong* pc, nint* stubFrame)
    {
        Execution execution = Execution.Of(state);
        try
        {
            if (Volatile.Read(ref state->InterruptPending) != 0 && execution.Poll() && Suspend(execution, execution.DescribeSuspension(), stubFrame, slots)) return -1;
            return RuntimeOps.Execute(GuestInstance.Of(instance), slots, pc) ? 1 : 0;
        }
        catch (Exception exception)
        {
            Unwind(execution, exception, stubFrame);
            return -1;
        }
    }

    /// <summary>rsp is below the stack limit; 0 to go on, 1 to unwind, else the address at which the frame goes on.</summary>
    [UnmanagedCallersOnly]
    public static nint Poll(ExecutionState* state, nint* stubFrame, ulong* window)
    {
        Execution execution = Execution.Of(state);
        try
        {
            bool suspends = execution.Poll();
            if ((nuint)stubFrame < state->TrueStackLimit) throw new GuestFault(TrapKind.StackExhausted);
            if (suspends && Suspend(execution, execution.DescribeSuspension(), stubFrame, window)) return 1;
            return execution.Stressed is { Kind: TierStress.AlternateAtLoops } ? TierSwitch.AtLoop(execution, stubFrame) : 0;
        }
        catch (Exception exception)
        {
            return Unwind(execution, exception, stubFrame);
        }
    }

    /// <summary>A fuel op wants more than is left, and has charged nothing; 0 to try again, 1 to unwind.</summary>
    [UnmanagedCallersOnly]
    public static nint OutOfFuel(ExecutionState* state, nint* stubFrame, ulong* window)
    {
        Execution execution = Execution.Of(state);
        try
        {
            return execution.OutOfFuel() && Suspend(execution, SuspensionReason.OutOfFuel, stubFrame, window) ? 1 : 0;
        }
        catch (Exception exception)
        {
            return Unwind(execution, exception, stubFrame);
        }
    }

    /// <summary>A function or loop of the threaded interpreter is hot; 0 to go on there, 1 to unwind, else the address of better code.</summary>
    [UnmanagedCallersOnly]
    public static nint Hot(ExecutionState* state, nint position)
    {
        Execution execution = Execution.Of(state);
        try
        {
            return execution.Tier!.BecameHot(state, (byte*)position);
        }
        catch (Exception exception)
        {
            execution.Pending = exception;
            return 1;
        }
    }

    // Lifts the frames; false if tests want it, and there are more than they do.
    private static bool Suspend(Execution execution, SuspensionReason? reason, nint* stubFrame, ulong* window)
    {
        int most = reason is null ? StressedTiers.MostFrames : int.MaxValue;
        if (FrameLifting.Lift(execution.Tier!, execution.State, stubFrame, window, most) is not { } frames) return false;
        execution.Journal?.Suspended(frames);
        execution.Pending = new GuestSuspension(frames, reason);
        return true;
    }

    // Frames of the guest that an exception passes through become part of its backtrace, where it has one.
    private static int Unwind(Execution execution, Exception exception, nint* stubFrame)
    {
        EmittedTier tier = execution.Tier!;
        if (exception is GuestFault fault)
        {
            execution.CountTrap();
            execution.Pending = new TrapException(fault.Kind, StackWalker.WalkFromStub(tier, stubFrame));
        }
        else
        {
            exception = execution.Explain(exception);
            if (exception is IGuestStop { WantsFrames: true } stop) stop.AppendFrames(StackWalker.WalkFromStub(tier, stubFrame));
            execution.Pending = exception;
        }

        return 1;
    }

    // A host function's results may need more room than the caller's frame has; its own code needs stack.
    private static void CheckRoom(ExecutionState* state, ulong* end, nuint stackPointer)
    {
        if (end > state->ValueStackEnd || stackPointer < state->TrueStackLimit) throw new GuestFault(TrapKind.StackExhausted);
    }

    private static TrapKind KindOf(ushort site, ExecutionState* state)
    {
        if (site < (ushort)SiteKind.Divide32) return (TrapKind)site;
        // One fault for both ways in which a division can fail: the divisor tells them apart.
        ulong divisor = state->SavedRegisters[site & 15];
        if (site < (ushort)SiteKind.Divide64) divisor = (uint)divisor;
        return divisor == 0 ? TrapKind.IntegerDivideByZero : TrapKind.IntegerOverflow;
    }
}
