// The portable tier's entry: the boundary between the host's exceptions and the guest's traps. Faults are raised as GuestFault
// anywhere below and become a TrapException with a backtrace here, so that the loop needs no exception handling of its own.

using Anneal.Runtime;
using Anneal.Tiering;

namespace Anneal.Portable;

/// <summary>The portable tier: a plain C# loop over the bytecode; the oracle for the other tiers, and what runs anywhere.</summary>
internal static unsafe partial class Interpreter
{
    /// <summary>
    /// Runs a function whose arguments are at the window; results are there afterwards. Called by the engine, and again by
    /// host functions that call back: the window must then lie at or above the execution's NestedWindow.
    /// </summary>
    /// <exception cref="TrapException">The guest trapped; the backtrace shows up to 200 frames of each entry, the innermost and the outermost.</exception>
    /// <exception cref="OperationCanceledException">The execution's token was cancelled.</exception>
    /// <exception cref="GuestTimeoutException">The execution's deadline has passed.</exception>
    public static void Run(Execution execution, FunctionReference* function, ulong* window) => Run(execution, function, window, null);

    /// <summary>Lets lifted frames, whose slots are in place, go on; the results of the outermost are at its window afterwards.</summary>
    /// <exception cref="GuestSuspension">The guest was stopped again.</exception>
    /// <exception cref="TrapException">The guest trapped.</exception>
    public static void Resume(Execution execution, FrameState[] frames) => Run(execution, null, null, frames);

    private static void Run(Execution execution, FunctionReference* function, ulong* window, FrameState[]? frames)
    {
        ExecutionState* state = execution.State;
        bool outermost = state->EntryStack == 0;
        if (outermost) execution.BeginOnThisThread();
        var activation = new Activation(execution);
        byte here = 0;
        try
        {
            if (outermost) state->EntryStack = (nuint)(&here);
            // Entries nest on the native stack: guest, host function, guest. They share the outermost one's limit.
            if ((nuint)(&here) < state->TrueStackLimit) throw new GuestFault(TrapKind.StackExhausted);
            if (frames is not null)
            {
                activation.Restore(frames);
                Loop(activation);
            }
            else if (function->Function < 0) activation.InvokeHost(function, null, window);
            else if (activation.Call(function, window)) Loop(activation);
        }
        catch (GuestFault fault)
        {
            execution.CountTrap();
            throw new TrapException(fault.Kind, activation.Backtrace());
        }
        catch (Exception exception) when (activation.Extend(exception))
        {
            // Never: the filter only looks on. Entries nest, and a catch that throws again keeps its native stack until the
            // outermost one is done, which is more than the reserve at the bottom of a deep nest.
            throw;
        }
        finally
        {
            if (outermost) state->EntryStack = 0;
        }
    }
}
