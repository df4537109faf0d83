// Decides whether a state is covered by one that was explored before: everything that may happen from it was then looked at already.
// Only live registers and stack slots count, and numbers only where they're relevant (FlowAnalysis). Identities are matched by a
// map from the old state's to the new one's, since their values mean nothing: what the old state holds equal must be equal here.

using System.Numerics;
using Needs = Anneal.Ebpf.Verification.FlowAnalysis.Needs;

namespace Anneal.Ebpf.Verification;

/// <summary>Compares states.</summary>
internal sealed class StateComparison(FlowAnalysis flow, EbpfProgram program)
{
    // Registers that survive a call: r6 to r9 (r0 to r5 are gone, r10 is the frame's).
    private const ushort Saved = 0b11_1100_0000;
    private const uint FirstFresh = 1u << 31;

    private uint[] oldIds = new uint[64];
    private uint[] newIds = new uint[64];
    private int idCount;
    private uint fresh;

    /// <summary>Whether everything that <paramref name="current"/> stands for at <paramref name="slot"/> is also in <paramref name="old"/>.</summary>
    public bool Covers(PathState old, PathState current, int slot)
    {
        if (old.FrameCount != current.FrameCount || old.ReferenceCount != current.ReferenceCount) return false;
        idCount = 0;
        fresh = FirstFresh;
        for (int i = old.FrameCount - 1; i >= 0; i--)
        {
            FrameState oldFrame = old.Frames[i]!, frame = current.Frames[i]!;
            if (oldFrame.CallSlot != frame.CallSlot || oldFrame.Subprogram != frame.Subprogram || oldFrame.IsCallback != frame.IsCallback) return false;
            NeedsAt(current, i, slot, out Needs live, out Needs relevant);
            if (!RegistersCover(oldFrame, frame, live, relevant) || !StackCovers(oldFrame, frame, live, relevant)) return false;
        }

        for (int i = 0; i < old.ReferenceCount; i++)
        {
            if (!Match(old.References[i], current.References[i])) return false;
        }

        return true;
    }

    /// <summary>What frame <paramref name="index"/> still needs while the top frame is at <paramref name="slot"/>.</summary>
    public void NeedsAt(PathState state, int index, int slot, out Needs live, out Needs relevant)
    {
        if (index == state.FrameCount - 1)
        {
            live = flow.Live[slot];
            relevant = flow.Relevant[slot];
            return;
        }

        FrameState callee = state.Frames[index + 1]!;
        int call = callee.CallSlot;
        live = flow.Live[call];
        relevant = flow.Relevant[call];
        if (callee.IsCallback) return;

        // A local call that returns: what is needed after it.
        live = flow.Live[call + program.Instructions[call].Slots];
        relevant = flow.Relevant[call + program.Instructions[call].Slots];
        live.Registers &= Saved;
        relevant.Registers &= Saved;
    }

    private bool RegistersCover(FrameState old, FrameState current, in Needs live, in Needs relevant)
    {
        // Numbers that decide something first: loop counters differ most often.
        for (uint rest = relevant.Registers; rest != 0; rest &= rest - 1)
        {
            int r = BitOperations.TrailingZeroCount(rest);
            ref RegisterState a = ref old.Registers[r];
            ref RegisterState b = ref current.Registers[r];
            if (a.Kind == RegisterKind.Scalar && (b.Number.Full.UMin < a.Number.Full.UMin || b.Number.Full.UMax > a.Number.Full.UMax)) return false;
        }

        for (uint rest = live.Registers; rest != 0; rest &= rest - 1)
        {
            int r = BitOperations.TrailingZeroCount(rest);
            if (!Covers(old.Registers[r], current.Registers[r], (relevant.Registers >> r & 1) != 0)) return false;
        }

        return true;
    }

    private bool StackCovers(FrameState old, FrameState current, in Needs live, in Needs relevant)
    {
        ulong slots = live.Stack & (old.Depth >= FrameState.SlotCount ? ulong.MaxValue : (1UL << old.Depth) - 1);
        for (; slots != 0; slots &= slots - 1)
        {
            int slot = BitOperations.TrailingZeroCount(slots);
            ulong bit = 1UL << slot;
            bool matters = (relevant.Stack & bit) != 0;
            if ((old.Whole & bit) != 0 && (matters || old.Spills[slot].Kind != RegisterKind.Scalar))
            {
                if ((current.Whole & bit) == 0 || !Covers(old.Spills[slot], current.Spills[slot], matters)) return false;
                continue;
            }

            if (matters && (old.LowHalves & bit) != 0
                && ((current.LowHalves & bit) == 0 || !Covers(old.Spills[slot], current.Spills[slot], relevant: true))) return false;
            if (matters && (old.HighHalves & bit) != 0
                && ((current.HighHalves & bit) == 0 || !Covers(old.HighSpills[slot], current.HighSpills[slot], relevant: true))) return false;

            ulong before = old.KindsOf(slot, out _), now = current.KindsOf(slot, out bool pointer);
            if (before == FrameState.Unwritten) continue;
            if (pointer) return false;
            if (!BytesCover(before, now, matters)) return false;
        }

        return true;
    }

    // Unwritten covers anything, data covers data and zero, zero covers zero only (or data, if the number doesn't matter).
    private static bool BytesCover(ulong old, ulong current, bool matters)
    {
        if (old == current) return true;
        for (int i = 0; i < 64; i += 8)
        {
            ulong before = old >> i & 0xFF, now = current >> i & 0xFF;
            if (before == 0 || before == now) continue;
            if (now == 0) return false;
            if (matters && before == (FrameState.Zero & 0xFF)) return false;
        }

        return true;
    }

    private bool Covers(in RegisterState old, in RegisterState current, bool relevant)
    {
        if (old.Kind == RegisterKind.Uninitialized) return true;
        if (old.Kind != current.Kind) return false;
        if (old.Kind == RegisterKind.Scalar)
            return !relevant || (old.Number.Contains(current.Number) && Match(old.Id, current.Id));
        return old.MaybeNull == current.MaybeNull && old.IsReadOnly == current.IsReadOnly && old.Object == current.Object
            && old.Offset == current.Offset
            && (old.Kind == RegisterKind.Memory ? old.Extent == current.Extent : old.Extent <= current.Extent)
            && old.Number.Contains(current.Number)
            && Match(old.Id, current.Id) && Match(old.Reference, current.Reference);
    }

    // Equal in the old state must mean equal in the current one. A value without identity is equal to no other.
    private bool Match(uint old, uint current)
    {
        if (old == 0) return true;
        if (current == 0) current = fresh++;
        for (int i = 0; i < idCount; i++)
        {
            if (oldIds[i] == old) return newIds[i] == current;
        }

        if (idCount == oldIds.Length)
        {
            Array.Resize(ref oldIds, idCount * 2);
            Array.Resize(ref newIds, idCount * 2);
        }

        oldIds[idCount] = old;
        newIds[idCount++] = current;
        return true;
    }
}
