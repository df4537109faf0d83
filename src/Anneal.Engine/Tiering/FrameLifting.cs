// Lifts the frames of a guest that has called out of emitted code: finds them along the frame-pointer chain and copies their
// slots. At a poll, a charge of fuel or a rare op all slots that are live are in the value stack, whatever the tier.

using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Tiering;

/// <summary>Makes frame states of emitted frames.</summary>
internal static unsafe class FrameLifting
{
    /// <summary>The frames of the innermost entry, innermost first; null if there are more than wanted.</summary>
    /// <param name="tier">Finds functions by address.</param>
    /// <param name="state">The execution that the frames belong to.</param>
    /// <param name="stubFrame">The frame of the stub that guest code called.</param>
    /// <param name="window">The window of the frame that called.</param>
    /// <param name="most">The most frames to lift.</param>
    public static FrameState[]? Lift(EmittedTier tier, ExecutionState* state, nint* stubFrame, ulong* window, int most)
    {
        var frames = new List<FrameState>();
        nint address = stubFrame[1];
        var frame = (nint*)stubFrame[0];
        while (CodeLocation.TryFind(tier, address, frame, out CodeLocation location))
        {
            if (frames.Count == most) return null;
            GuestInstance instance = GuestInstance.Of((InstanceState*)frame[-1]);
            FunctionBody body = instance.Code.BodyOf(location.Range.Function);
            int pc = location.Pc;
            int slots = body.SlotCount;
            FramePoint point = FramePoint.After;
            if (frames.Count == 0)
            {
                if (location.IsEntry) point = FramePoint.Entry;
                else if ((Op)(ushort)body.Code[pc] != Op.Loop) point = FramePoint.At;
            }
            else
            {
                slots = FrameState.ArgumentBaseAt(body, pc);
                window -= slots;
            }

            int place = (int)(window - state->ValueStack);
            frames.Add(new FrameState(instance, location.Range.Function, pc, point, place, new ReadOnlySpan<ulong>(window, slots).ToArray()));
            address = frame[1];
            frame = (nint*)frame[0];
        }

        return [.. frames];
    }
}
