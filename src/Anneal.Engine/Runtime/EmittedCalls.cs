// Where emitted code enters managed code. Each entry catches every exception: it becomes the execution's pending exception
// and the answer that makes the stub unwind the guest frames; the managed caller of Enter throws it on.

using System.Runtime.InteropServices;
using Anneal.Templates;

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
            CodeMap map = execution.Tier!.Map;
            if (map.Find(address) is not { } function || !function.TryFindSite(address, out ushort kind, out _))
            {
                Environment.FailFast(
                    $"Anneal: engine bug: signal {state->FaultSignal} at 0x{address:x} (address 0x{state->FaultAddress:x}), no trap site there");
                return;
            }

            execution.Pending = new TrapException(KindOf(kind, state), StackWalker.Walk(map, address, framePointer));
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
            return execution.Tier!.CodeOf(unit).CompileAt(unit, trampoline);
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
            ulong* end = slots + Math.Max(function.ParameterSlots, function.ResultSlots);
            CheckRoom(state, end, (nuint)(&caller));
            state->NestedWindow = end;
            function.Invoke(execution, caller, slots);
            state->NestedWindow = outerWindow;
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
            if (Volatile.Read(ref state->InterruptPending) != 0) execution.Poll();
            return RuntimeOps.Execute(GuestInstance.Of(instance), slots, pc) ? 1 : 0;
        }
        catch (Exception exception)
        {
            Unwind(execution, exception, stubFrame);
            return -1;
        }
    }

    /// <summary>rsp is below the stack limit; 0 to go on, 1 to unwind.</summary>
    [UnmanagedCallersOnly]
    public static int Poll(ExecutionState* state, nint* stubFrame)
    {
        Execution execution = Execution.Of(state);
        try
        {
            execution.Poll();
            if ((nuint)stubFrame < state->TrueStackLimit) throw new GuestFault(TrapKind.StackExhausted);
            return 0;
        }
        catch (Exception exception)
        {
            return Unwind(execution, exception, stubFrame);
        }
    }

    /// <summary>A sectioned access missed its cell; the host address, 0 to unwind.</summary>
    [UnmanagedCallersOnly]
    public static nint SectionMiss(ExecutionState* state, ulong address, nint* stubFrame)
    {
        Execution execution = Execution.Of(state);
        try
        {
            return (nint)SectionTable.Resolve(execution, address, new SectionRequest(state->SectionRequest));
        }
        catch (Exception exception)
        {
            Unwind(execution, exception, stubFrame);
            return 0;
        }
    }

    // Frames of the guest that an exception passes through become part of a trap's backtrace.
    private static int Unwind(Execution execution, Exception exception, nint* stubFrame)
    {
        CodeMap map = execution.Tier!.Map;
        if (exception is GuestFault fault)
        {
            execution.Pending = new TrapException(fault.Kind, StackWalker.WalkFromStub(map, stubFrame));
        }
        else
        {
            if (exception is TrapException { WantsFrames: true } trap) trap.AppendFrames(StackWalker.WalkFromStub(map, stubFrame));
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
