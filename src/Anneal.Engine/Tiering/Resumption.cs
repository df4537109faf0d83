// Lets lifted frames go on, in whichever tier. The slots go back to where they were on a value stack; native frames are rebuilt
// one at a time: only the innermost is entered, and when it has returned, to managed code, the next one goes on behind its call.
// So there are no forged return addresses, and each frame may be in another tier.
//
// Baseline code has entries at loop headers and behind calls. A frame that stands elsewhere goes on in the interpreter, where
// every instruction is an entry, as does one that the interpreter is asked for.

using System.Runtime.ExceptionServices;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Threaded;

namespace Anneal.Tiering;

/// <summary>Runs lifted frames to their end.</summary>
internal static unsafe class Resumption
{
    /// <summary>Runs frames; the results of the outermost are at its window afterwards.</summary>
    /// <param name="emitted">The engine's emitted tier; null if it has none.</param>
    /// <param name="execution">Where they run. The frames' places on its value stack are free.</param>
    /// <param name="frames">Innermost first.</param>
    /// <param name="tier">The tier in which frames go on.</param>
    /// <exception cref="GuestSuspension">The guest has been stopped again; the exception has all frames.</exception>
    /// <exception cref="TrapException">The guest trapped.</exception>
    public static void Run(EmittedTier? emitted, Execution execution, FrameState[] frames, Tier tier)
    {
        ExecutionState* state = execution.State;
        foreach (FrameState frame in frames) Restore(state, frame);
        if (emitted is null || tier == Tier.Portable)
        {
            Portable.Interpreter.Resume(execution, frames);
            return;
        }

        if (state->EntryStack == 0) execution.BeginOnThisThread();
        for (int i = 0; i < frames.Length; i++)
        {
            try
            {
                Enter(emitted, execution, frames[i], tier);
            }
            catch (GuestSuspension again)
            {
                throw new GuestSuspension([.. again.Frames, .. frames.AsSpan(i + 1)]);
            }
            catch (Exception exception) when (Extend(exception, frames, i + 1))
            {
                throw;
            }
        }
    }

    // Frames that have not been entered again belong to a backtrace all the same. Always false: an exception filter.
    private static bool Extend(Exception exception, FrameState[] frames, int from)
    {
        if (exception is not IGuestStop { WantsFrames: true } stop) return false;
        var trace = new List<GuestFrame>();
        for (int i = from; i < frames.Length; i++) trace.Add(frames[i].Unit.FrameAt(frames[i].Function, frames[i].Pc));
        stop.AppendFrames(trace);
        return false;
    }

    private static void Restore(ExecutionState* state, FrameState frame)
    {
        ulong* window = state->ValueStack + frame.Window;
        int needed = Math.Max(frame.Slots.Length, frame.Body.SlotCount);
        if (frame.Window < 0 || needed > state->ValueStackEnd - window) throw new TrapException(TrapKind.StackExhausted, []);
        frame.Slots.CopyTo(new Span<ulong>(window, frame.Slots.Length));
    }

    private static void Enter(EmittedTier emitted, Execution execution, FrameState frame, Tier tier)
    {
        ExecutionState* state = execution.State;
        UnitCode code = emitted.CodeOf(frame.Unit);
        ulong* window = state->ValueStack + frame.Window;
        int answer;
        if (frame.Point == FramePoint.Entry)
        {
            nint entry = tier switch
            {
                Tier.Baseline => code.CompileFunction(frame.Unit, frame.Function).Start,
                Tier.Threaded => code.StreamOf(frame.Unit, frame.Function)?.Entry ?? code.EntryOf(frame.Function),
                _ => code.EntryOf(frame.Function),
            };
            var enter = (delegate* unmanaged<ExecutionState*, InstanceState*, ulong*, nint, int>)emitted.Machine.Stubs.Enter;
            answer = enter(state, frame.Instance.State, window, entry);
        }
        else
        {
            Place place = PlaceOf(code, frame, tier);
            var resume = (delegate* unmanaged<ExecutionState*, InstanceState*, ulong*, nint, nint, int>)emitted.Machine.Stubs.Resume;
            answer = resume(state, frame.Instance.State, window + place.WindowOffset, place.Address, place.Position);
        }

        if (answer == 0) return;
        Exception pending = execution.TakePending();
        if (pending is TrapException or GuestSuspension) throw pending;
        ExceptionDispatchInfo.Throw(pending);
    }

    // Where a frame is entered: the address, what r15 holds there and how far rbx is from the frame's window.
    private readonly record struct Place(nint Address, nint Position, int WindowOffset);

    private static Place PlaceOf(UnitCode code, FrameState frame, Tier tier)
    {
        FunctionBody body = frame.Body;
        bool isLoop = (Op)(ushort)body.Code[frame.Pc] == Op.Loop;
        ThreadedFunction? stream = null;
        if (tier == Tier.Threaded || frame.Point == FramePoint.At) stream = code.StreamOf(frame.Unit, frame.Function);
        if (stream is not null)
        {
            int pc = frame.Point == FramePoint.At ? frame.Pc : frame.Pc + OpTable.LengthAt(body.Code, frame.Pc);
            byte* position = stream.PositionOf(body, pc);
            return new Place(*(nint*)position, (nint)position, 0);
        }

        if (frame.Point == FramePoint.At) throw new NotSupportedException("a frame stands where only the interpreter can enter it, and the interpreter has refused its function");
        CompiledFunction compiled = code.CompileFunction(frame.Unit, frame.Function);
        return isLoop
            ? new Place(compiled.EntryAtLoop((int)(uint)body.Code[frame.Pc + 1]), 0, 0)
            : new Place(compiled.ReturnAddressOf(frame.Pc), 0, FrameState.ArgumentBaseAt(body, frame.Pc));
    }
}
