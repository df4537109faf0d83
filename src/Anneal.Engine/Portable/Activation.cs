// The guest frames of one entry into the portable tier, from the host's call to the innermost guest function. Guest calls
// push and pop here instead of recursing in C#, so the guest's depth costs no native stack. A host function that calls back
// into the guest starts another activation further up the native stack.
//
// Invariant: Current is the innermost frame's position whenever anything can throw, so that a backtrace can be taken at the
// boundary, after the loop's own C# frame has been unwound.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Tiering;

namespace Anneal.Portable;

/// <summary>The stack of guest frames of one entry; used by the interpreter loop alone.</summary>
internal sealed unsafe class Activation(Execution execution)
{
    /// <summary>The most frames of all activations of an execution together: 4 MiB of them.</summary>
    public const int MaxFrames = 1 << 17;

    /// <summary>The length in words of every call instruction: a caller goes on that far behind its call.</summary>
    public const int CallWords = 2;

    private const int BacktraceEnd = IGuestStop.FramesAtEnd;

    private readonly Execution execution = execution;
    private readonly ExecutionState* state = execution.State;
    private readonly int outerFrames = execution.PortableFrames;
    private Frame[] frames = new Frame[16];
    private int depth;

    /// <summary>The position of the innermost frame: where it goes on after a push or pop, what it executes otherwise.</summary>
    public ulong* Current;

    /// <summary>The innermost frame.</summary>
    public ref Frame Top => ref frames[depth - 1];

    public ExecutionState* State => state;

    /// <summary>The first instruction of a body; its array is pinned.</summary>
    public static ulong* CodeOf(FunctionBody body) =>
        (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(body.Code));

    /// <summary>Stops the guest here if someone has asked for it.</summary>
    /// <param name="point">How the innermost frame stands to the instruction at <see cref="Current"/>.</param>
    public void Poll(FramePoint point)
    {
        if (Volatile.Read(ref state->InterruptPending) != 0 && execution.Poll()) Suspend(point, execution.DescribeSuspension());
    }

    /// <summary>Puts lifted frames, whose slots are in place, back.</summary>
    /// <param name="lifted">Innermost first.</param>
    public void Restore(FrameState[] lifted)
    {
        if (frames.Length < lifted.Length) frames = new Frame[lifted.Length * 2];
        for (depth = 0; depth < lifted.Length; depth++)
        {
            FrameState frame = lifted[^(depth + 1)];
            frames[depth] = new Frame
            {
                Instance = frame.Instance,
                Body = frame.Body,
                Window = state->ValueStack + frame.Window,
                Function = frame.Function,
                CallPc = frame.Pc,
            };
        }

        FunctionBody body = Top.Body;
        Current = CodeOf(body) + lifted[0].Pc;
        if (lifted[0].Point == FramePoint.After) Current += OpTable.LengthAt(body.Code, lifted[0].Pc);
        if (lifted[0].Point == FramePoint.Entry) ClearLocals(body, Top.Window);
    }

    /// <summary>Takes fuel; what there isn't enough for hasn't been charged when the guest stops.</summary>
    public void Charge(long amount)
    {
        while (state->Fuel < amount)
        {
            if (execution.OutOfFuel()) Suspend(FramePoint.At, SuspensionReason.OutOfFuel);
        }

        state->Fuel -= amount;
    }

    /// <summary>Enters a function of the innermost frame's own unit.</summary>
    public void Call(int function, ulong* window)
    {
        GuestInstance instance = Top.Instance;
        NoteCall();
        Push(instance, function, window);
    }

    /// <summary>Calls any function. True if a guest frame has been entered; false if a host function has run and returned.</summary>
    public bool Call(FunctionReference* callee, ulong* window)
    {
        if (callee->Function < 0)
        {
            InvokeHost(callee, Top.Instance.State, window);
            return false;
        }

        if (depth != 0) NoteCall();
        Push(GuestInstance.Of(callee->Instance), callee->Function, window);
        return true;
    }

    /// <summary>Replaces the innermost frame by one of another function of its unit; arguments at <paramref name="arguments"/>.</summary>
    public void Tail(int function, ulong* arguments, int argumentSlots)
    {
        GuestInstance instance = Top.Instance;
        ulong* window = MoveArguments(arguments, argumentSlots);
        depth--;
        Push(instance, function, window);
    }

    /// <summary>
    /// Replaces the innermost frame by a call of any function; a host function runs, and the frame returns. False if the
    /// outermost frame has returned with that.
    /// </summary>
    public bool Tail(FunctionReference* callee, ulong* arguments, int argumentSlots)
    {
        ulong* window = MoveArguments(arguments, argumentSlots);
        if (callee->Function < 0)
        {
            InstanceState* caller = Top.Instance.State;
            bool hasCaller = Return();
            // Until the host function is done the new top is at its call, and a backtrace shows that.
            if (hasCaller) Current -= CallWords;
            InvokeHost(callee, caller, window);
            if (hasCaller) Current += CallWords;
            return hasCaller;
        }

        depth--;
        Push(GuestInstance.Of(callee->Instance), callee->Function, window);
        return true;
    }

    /// <summary>Leaves the innermost frame. False if it was the outermost.</summary>
    public bool Return()
    {
        frames[--depth] = default;
        if (depth == 0) return false;
        Current = CodeOf(Top.Body) + Top.CallPc + CallWords;
        return true;
    }

    /// <summary>The function that an indirect call of the innermost frame reaches.</summary>
    /// <exception cref="GuestFault">Outside the table, null, or of another type.</exception>
    public FunctionReference* Element(int table, ulong index, int type)
    {
        var callee = (FunctionReference*)RuntimeOps.TableGet(Top.Instance.Tables[table], index);
        if (callee == null) throw new GuestFault(TrapKind.IndirectCallToNull);
        return callee->Type == (uint)type ? callee : throw new GuestFault(TrapKind.IndirectCallTypeMismatch);
    }

    /// <summary>Runs a host function. Entries into the guest from there have their windows above this call's slots.</summary>
    public void InvokeHost(FunctionReference* callee, InstanceState* caller, ulong* window)
    {
        HostFunction host = HostFunction.Of(callee->Instance);
        ulong* end = window + host.WindowSlots;
        if (end > state->ValueStackEnd) throw new GuestFault(TrapKind.StackExhausted);
        ulong* nested = state->NestedWindow;
        state->NestedWindow = end;
        execution.PortableFrames = outerFrames + depth;
        Exception? explained = null;
        try
        {
            if (execution.IsMetered) execution.Charge(FuelRates.HostCall);
            host.Invoke(execution, caller, window);
        }
        catch (OperationCanceledException exception) when (!execution.SuspendsAtDeadline && execution.Deadline is { HasPassed: true })
        {
            explained = execution.Explain(exception);
        }
        finally
        {
            state->NestedWindow = nested;
            execution.PortableFrames = outerFrames;
        }

        execution.AfterHost();
        if (explained is not null) throw explained;
    }

    /// <summary>
    /// The frames as a backtrace, innermost first. Of a very deep stack the innermost and the outermost hundred are shown.
    /// </summary>
    public List<GuestFrame> Backtrace()
    {
        var trace = new List<GuestFrame>(Math.Min(depth, 2 * BacktraceEnd));
        for (int i = depth - 1; i >= 0; i--)
        {
            if (depth > 2 * BacktraceEnd && i == depth - 1 - BacktraceEnd) i = BacktraceEnd - 1;
            ref Frame frame = ref frames[i];
            int pc = i == depth - 1 ? (int)(Current - CodeOf(frame.Body)) : frame.CallPc;
            trace.Add(frame.Instance.Code.FrameAt(frame.Function, pc));
        }

        return trace;
    }

    /// <summary>Adds this activation's frames to an exception that wants them. Always false: an exception filter.</summary>
    public bool Extend(Exception exception)
    {
        if (exception is IGuestStop { WantsFrames: true } stop) stop.AppendFrames(Backtrace());
        return false;
    }

    private void NoteCall() => Top.CallPc = (int)(Current - CodeOf(Top.Body));

    private ulong* MoveArguments(ulong* arguments, int argumentSlots)
    {
        ulong* window = Top.Window;
        new ReadOnlySpan<ulong>(arguments, argumentSlots).CopyTo(new Span<ulong>(window, argumentSlots));
        return window;
    }

    // The frame is there before the stack is checked: a trap for want of stack shows the function that didn't fit.
    private void Push(GuestInstance instance, int function, ulong* window)
    {
        FunctionBody body = instance.Code.BodyOf(function);
        if (depth == frames.Length) Array.Resize(ref frames, depth * 2);
        ref Frame frame = ref frames[depth++];
        frame.Instance = instance;
        frame.Body = body;
        frame.Window = window;
        frame.Function = function;
        Current = CodeOf(body);
        if (outerFrames + depth > MaxFrames || window + body.SlotCount > state->ValueStackEnd)
            throw new GuestFault(TrapKind.StackExhausted);
        ClearLocals(body, window);
        Poll(FramePoint.Entry);
    }

    private static void ClearLocals(FunctionBody body, ulong* window)
    {
        int locals = body.TemporaryBase - body.ParameterSlots;
        if (locals > 0) new Span<ulong>(window + body.ParameterSlots, locals).Clear();
    }

    // Lifts the frames, unless only tests want it and there are more than they do.
    private void Suspend(FramePoint point, SuspensionReason? reason)
    {
        if (reason is null && depth > StressedTiers.MostFrames) return;
        var lifted = new FrameState[depth];
        for (int i = 0; i < depth; i++)
        {
            ref Frame frame = ref frames[depth - 1 - i];
            bool innermost = i == 0;
            int pc = innermost ? (int)(Current - CodeOf(frame.Body)) : frame.CallPc;
            int slots = innermost ? frame.Body.SlotCount : FrameState.ArgumentBaseAt(frame.Body, pc);
            lifted[i] = new FrameState(
                frame.Instance,
                frame.Function,
                pc,
                innermost ? point : FramePoint.After,
                (int)(frame.Window - state->ValueStack),
                new ReadOnlySpan<ulong>(frame.Window, slots).ToArray());
        }

        execution.Journal?.Suspended(lifted);
        throw new GuestSuspension(lifted, reason);
    }
}
