// Calls of subprograms, returns, and the paths that callbacks add.

using System.Numerics;

namespace Anneal.Ebpf.Verification;

internal sealed partial class Exploration
{
    // How often an open state at a call that calls back may be passed before it's forgotten.
    private const int OpenMisses = 100;

    private bool Call(Instruction i)
    {
        if (i.IsLocalCall)
        {
            EnterLocal();
            return true;
        }

        if (!i.IsHelperCall) throw Refuse("call of a helper whose number is in a register");
        return CallHelper(i);
    }

    private void EnterLocal()
    {
        int target = program.CallTarget(slot);
        FrameState caller = Top;
        FrameState frame = PushFrame(program.SubprogramAt(target));
        caller.Registers.AsSpan(1, 5).CopyTo(frame.Registers.AsSpan(1));
        slot = target;
    }

    private FrameState PushFrame(int subprogram)
    {
        if (path.FrameCount == PathState.MaxFrames) throw Refuse($"more than {PathState.MaxFrames} calls deep");
        FrameState frame = pool.TakeFrame(subprogram, slot, NewId());
        frame.ReferencesAtEntry = path.ReferenceCount;
        frame.Registers[FrameState.FramePointer] = RegisterState.Pointer(RegisterKind.Stack, path.FrameCount);
        path.Frames[path.FrameCount++] = frame;
        return frame;
    }

    private void PopFrame()
    {
        pool.Give(Top);
        path.Frames[--path.FrameCount] = null;
    }

    private bool Exit()
    {
        FrameState frame = Top;
        if (path.FrameCount == 1)
        {
            ExitProgram();
            return false;
        }

        if (frame.IsCallback)
        {
            ExitCallback(frame);
            return true;
        }

        RegisterState result = frame.Registers[0];
        if (result.Kind == RegisterKind.Stack && result.Object == path.FrameCount - 1) throw Refuse($"r0 ({Describe(result)}) would be returned from the frame that it points to");
        int call = frame.CallSlot;
        PopFrame();
        ForgetArguments();
        Registers[0] = result;
        slot = call + 1;
        return true;
    }

    private void ExitProgram()
    {
        Scalar result = NumberOf(0, "return");
        ProgramType type = program.Type;
        bool asSigned = result.Low.SMin >= type.MinResult && result.Low.SMax <= type.MaxResult;
        bool asUnsigned = (long)result.Low.UMin >= type.MinResult && (long)result.Low.UMax <= type.MaxResult;
        if (!asSigned && !asUnsigned)
            throw Refuse($"r0 ({Describe(Registers[0])}) isn't in [{type.MinResult}, {type.MaxResult}], which programs of type {type.Name} may return");
        if (path.ReferenceCount > 0) throw Refuse($"the memory acquired at instruction {path.ReferenceSlots[0]} isn't given back");
    }

    // Back to the call, as if before it: the helper may call again or be done.
    private void ExitCallback(FrameState frame)
    {
        Scalar result = NumberOf(0, "return");
        if (result.Full.UMax > 1) throw Refuse($"callbacks return 0 or 1, r0 is {Describe(Registers[0])}");
        if (path.ReferenceCount != frame.ReferencesAtEntry)
            throw Refuse($"the memory acquired at instruction {path.ReferenceSlots[path.ReferenceCount - 1]} isn't given back by the callback");
        slot = frame.CallSlot;
        backFromCallback = true;
        PopFrame();
    }

    private void ForgetArguments() => Registers[..6].Clear();

    private void InvalidatePackets()
    {
        foreach (ref RegisterState state in new StateRegisters(path))
        {
            if (state.IsPacketPointer) state = default;
        }

        DropUninitializedSpills();
    }

    // A stored pointer that's gone leaves its slot unwritten.
    private void DropUninitializedSpills()
    {
        for (int f = 0; f < path.FrameCount; f++)
        {
            FrameState frame = path.Frames[f]!;
            for (ulong rest = frame.Whole; rest != 0; rest &= rest - 1)
            {
                int index = BitOperations.TrailingZeroCount(rest);
                if (frame.Spills[index].Kind != RegisterKind.Uninitialized) continue;
                frame.Whole &= ~(1UL << index);
                frame.Bytes[index] = FrameState.Unwritten;
            }
        }
    }

    /// <summary>
    /// A helper that calls back is walked as a loop around its call: done (go on after it), or one more call of the callback, whose
    /// return leads here again. The state widens from round to round until one covers it. True: covered.
    /// </summary>
    private bool CallsBackCovered()
    {
        bool back = backFromCallback;
        backFromCallback = false;
        FrameState frame = Top;
        if (!back) frame.CallbackCall = NewId();
        bool widened = false;
        PathNode? previous = null;
        for (PathNode? candidate = stored[slot]; candidate is not null;)
        {
            // Of the open states only those of this very call count: coming around by jumps is a loop of the program's own.
            PathState state = candidate.State!;
            bool earlierRound = back && candidate.Open > 0 && candidate.CallbackCall == frame.CallbackCall;
            bool counts = candidate.Open == 0 || earlierRound;
            if (counts && comparison.Covers(state, path, slot))
            {
                candidate.Hits++;
                if (Logs) log!.Covered(slot);
                return true;
            }

            if (earlierRound && !widened) Widen(state, path);
            widened |= earlierRound;
            PathNode? next = candidate.Next;
            // Open ones are kept for long: CheckProgress needs them.
            bool kept = earlierRound || (candidate.Open > 0 && ++candidate.Misses < OpenMisses);
            if (kept) previous = candidate;
            else Missed(candidate, ref previous);
            candidate = next;
        }

        if (back) CheckProgress(frame.CallbackCall);
        StoreState();
        node!.CallbackCall = frame.CallbackCall;
        return false;
    }

    // After a round, the state may be that of an earlier call of the helper: then a loop of the program comes around without progress,
    // because the callback undoes it.
    private void CheckProgress(uint call)
    {
        for (PathNode? candidate = stored[slot]; candidate is not null; candidate = candidate.Next)
        {
            PathState state = candidate.State!;
            bool ancestor = candidate.Open > 0 && candidate.CallbackCall != call && SameRun(state);
            if (ancestor && comparison.Covers(state, path, slot) && comparison.Covers(path, state, slot)) throw Refuse(NoProgress);
        }
    }

    // Numbers in frames' stacks that changed since the last round become unknown, so that rounds can't go on for long.
    private static void Widen(PathState old, PathState current)
    {
        for (int f = 0; f < current.FrameCount; f++)
        {
            FrameState before = old.Frames[f]!, now = current.Frames[f]!;
            for (ulong rest = now.Whole | now.LowHalves; rest != 0; rest &= rest - 1)
            {
                int index = BitOperations.TrailingZeroCount(rest);
                ulong bit = 1UL << index;
                ref RegisterState value = ref now.Spills[index];
                if (value.Kind != RegisterKind.Scalar) continue;
                bool low = (now.LowHalves & bit) != 0;
                bool same = ((low ? before.LowHalves : before.Whole) & bit) != 0 && before.Spills[index].Kind == RegisterKind.Scalar
                    && before.Spills[index].Number.Contains(value.Number);
                if (!same) value = low ? RegisterState.Of(Scalar.ZeroExtendLow(Scalar.Unknown())) : RegisterState.Unknown;
            }

            for (ulong rest = now.HighHalves; rest != 0; rest &= rest - 1)
            {
                int index = BitOperations.TrailingZeroCount(rest);
                bool same = (before.HighHalves >> index & 1) != 0 && before.HighSpills[index].Number.Contains(now.HighSpills[index].Number);
                if (!same) now.HighSpills[index] = RegisterState.Of(Scalar.ZeroExtendLow(Scalar.Unknown()));
            }
        }
    }
}
