// One call frame of an explored path: registers and stack. The stack is 64 slots of eight bytes, slot 0 ending at r10. A slot holds
// a register that was stored whole, two 4-byte numbers that were stored apart, or plain bytes, for each of which it's known whether
// it was written and whether it's zero. Instances are pooled; copying touches only what is in use.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anneal.Ebpf.Verification;

/// <summary>Registers and stack of one frame.</summary>
internal sealed class FrameState
{
    public const int StackBytes = 512;
    public const int SlotCount = StackBytes / 8;
    public const int FramePointer = 10;

    // What a byte of a slot holds; eight of them in one word.
    public const ulong Unwritten = 0;
    public const ulong Data = 0x0101_0101_0101_0101;
    public const ulong Zero = 0x0202_0202_0202_0202;

    public readonly RegisterState[] Registers = new RegisterState[11];

    /// <summary>Kinds of the bytes of each slot, as far as they aren't covered by <see cref="Whole"/>, <see cref="LowHalves"/>, <see cref="HighHalves"/>.</summary>
    public ulong[] Bytes = [];

    /// <summary>Registers stored whole, or numbers in low halves; by slot.</summary>
    public RegisterState[] Spills = [];

    /// <summary>Numbers in high halves.</summary>
    public RegisterState[] HighSpills = [];

    /// <summary>Bit n: slot n holds a whole register, a number in its low half, a number in its high half.</summary>
    public ulong Whole, LowHalves, HighHalves;

    /// <summary>Slots that were ever written: those from here on are unwritten.</summary>
    public int Depth;

    /// <summary>The subprogram that runs.</summary>
    public int Subprogram;

    /// <summary>The call that made this frame (a local call, or a helper's call back), or -1.</summary>
    public int CallSlot;

    /// <summary>The call was a helper's.</summary>
    public bool IsCallback;

    /// <summary>References that were held when a callback was entered.</summary>
    public int ReferencesAtEntry;

    /// <summary>Distinguishes this run of the subprogram from others on the same path.</summary>
    public uint Activation;

    /// <summary>Distinguishes the last call of a helper that calls back, from this frame, from others at the same place.</summary>
    public uint CallbackCall;

    /// <summary>Bytes that the pool has counted for this frame.</summary>
    public int CountedBytes;

    /// <summary>About how much memory the frame takes.</summary>
    public int Footprint => ((Registers.Length + Spills.Length + HighSpills.Length) * Unsafe.SizeOf<RegisterState>()) + (Bytes.Length * sizeof(ulong)) + 256;

    public void Reset(int subprogram, int callSlot, uint activation)
    {
        Array.Clear(Registers);
        Whole = LowHalves = HighHalves = 0;
        Depth = 0;
        Subprogram = subprogram;
        CallSlot = callSlot;
        IsCallback = false;
        ReferencesAtEntry = 0;
        Activation = activation;
        CallbackCall = 0;
    }

    public void CopyFrom(FrameState other)
    {
        other.Registers.AsSpan().CopyTo(Registers);
        Reserve(other.Depth);
        other.Bytes.AsSpan(0, other.Depth).CopyTo(Bytes);
        for (ulong rest = other.Whole | other.LowHalves; rest != 0; rest &= rest - 1)
        {
            int slot = BitOperations.TrailingZeroCount(rest);
            Spills[slot] = other.Spills[slot];
        }

        for (ulong rest = other.HighHalves; rest != 0; rest &= rest - 1)
        {
            int slot = BitOperations.TrailingZeroCount(rest);
            HighSpills[slot] = other.HighSpills[slot];
        }

        (Whole, LowHalves, HighHalves, Depth) = (other.Whole, other.LowHalves, other.HighHalves, other.Depth);
        (Subprogram, CallSlot, IsCallback, ReferencesAtEntry) = (other.Subprogram, other.CallSlot, other.IsCallback, other.ReferencesAtEntry);
        (Activation, CallbackCall) = (other.Activation, other.CallbackCall);
    }

    /// <summary>Makes slots up to <paramref name="depth"/> exist, unwritten.</summary>
    public void Touch(int depth)
    {
        if (depth <= Depth) return;
        Reserve(depth);
        Bytes.AsSpan(Depth, depth - Depth).Clear();
        Depth = depth;
    }

    private void Reserve(int slots)
    {
        if (slots <= Bytes.Length) return;
        int size = Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)slots + 1), SlotCount);
        Array.Resize(ref Bytes, size);
        Array.Resize(ref Spills, size);
        Array.Resize(ref HighSpills, size);
    }

    /// <summary>The kinds of a slot's bytes, stored numbers included; <paramref name="pointer"/> if it holds a pointer instead.</summary>
    public ulong KindsOf(int slot, out bool pointer)
    {
        pointer = false;
        if (slot >= Depth) return Unwritten;
        ulong bit = 1UL << slot;
        if ((Whole & bit) != 0)
        {
            ref RegisterState stored = ref Spills[slot];
            pointer = stored.Kind != RegisterKind.Scalar;
            return stored.IsNull ? Zero : Data;
        }

        ulong kinds = Bytes[slot];
        const ulong Low = uint.MaxValue;
        if ((LowHalves & bit) != 0) kinds = (kinds & ~Low) | ((Spills[slot].IsNull ? Zero : Data) & Low);
        if ((HighHalves & bit) != 0) kinds = (kinds & Low) | ((HighSpills[slot].IsNull ? Zero : Data) & ~Low);
        return kinds;
    }

    /// <summary>Turns what is stored in a slot into two halves (a known number) or plain bytes, before part of it is overwritten.</summary>
    public void Break(int slot)
    {
        ulong bit = 1UL << slot;
        if ((Whole & bit) == 0) return;
        Whole &= ~bit;
        ref RegisterState stored = ref Spills[slot];
        if (stored.Kind == RegisterKind.Scalar && stored.Number.IsConstant)
        {
            ulong value = stored.Number.ConstantValue;
            Spills[slot] = RegisterState.Constant((uint)value);
            HighSpills[slot] = RegisterState.Constant(value >> 32);
            LowHalves |= bit;
            HighHalves |= bit;
            return;
        }

        // The rest of a pointer may not be read: that would make a number of it.
        Bytes[slot] = stored.Kind == RegisterKind.Scalar ? Data : Unwritten;
    }

    /// <summary>Turns a number stored in a half into plain bytes.</summary>
    public void BreakHalves(int slot)
    {
        Break(slot);
        Bytes[slot] = KindsOf(slot, out _);
        LowHalves &= ~(1UL << slot);
        HighHalves &= ~(1UL << slot);
    }
}
