// Loads from and stores to the stack: of the running frame or, through a pointer, of a caller's.

namespace Anneal.Ebpf.Verification;

internal sealed partial class Exploration
{
    /// <summary>The range of the access's first byte below r10 (negative numbers), checked to lie in the stack.</summary>
    private void CheckStackRange(int register, in RegisterState pointer, long offset, long size, out int first, out int last)
    {
        long min = pointer.Number.Full.SMin, max = pointer.Number.Full.SMax;
        if (min < -MaxOffset || max > MaxOffset) throw Refuse($"the stack offset of r{register} ({Describe(pointer)}) isn't bounded");
        min += pointer.Offset + offset;
        max += pointer.Offset + offset;
        if (min < -FrameState.StackBytes || max + size > 0)
            throw Refuse($"{size} bytes at stack offset {(min == max ? $"{min}" : $"{min} to {max}")} through r{register}, outside of the frame's {FrameState.StackBytes} bytes");
        first = (int)min;
        last = (int)max;
    }

    private RegisterState ReadStack(int register, in RegisterState pointer, int offset, int size, bool signed)
    {
        CheckStackRange(register, pointer, offset, size, out int first, out int last);
        FrameState frame = path.Frames[pointer.Object]!;
        facts.Stack(frame.Subprogram, first);
        if (first == last && (first & 7) + size <= 8) return ReadSlot(frame, first, size, signed);

        RequireWritten(frame, first, last + size, "load");
        return UnknownOfSize(size);
    }

    // A load that lies in one slot.
    private RegisterState ReadSlot(FrameState frame, int offset, int size, bool signed)
    {
        int index = SlotOf(offset), start = offset & 7;
        ulong bit = 1UL << index;
        if ((frame.Whole & bit) != 0)
        {
            ref RegisterState stored = ref frame.Spills[index];
            if (size == 8) return stored;
            if (stored.Kind != RegisterKind.Scalar)
            {
                if (options.AllowPointerLeaks) return UnknownOfSize(size);
                throw Refuse($"load of a part of a pointer, which is stored at stack offset {offset - start}");
            }

            Scalar shifted = start == 0 ? stored.Number : Scalar.Apply(ScalarOperation.ShiftRight, stored.Number, Scalar.Constant((ulong)start * 8));
            return RegisterState.Of(Scalar.Truncate(shifted, size * 8));
        }

        if (size <= 4 && start < 4 && start + size <= 4 && (frame.LowHalves & bit) != 0) return Part(frame.Spills[index].Number, start, size);
        if (start >= 4 && (frame.HighHalves & bit) != 0) return Part(frame.HighSpills[index].Number, start - 4, size);

        RequireWritten(frame, offset, offset + size, "load");
        ulong kinds = frame.KindsOf(index, out _) >> (start * 8) & Interval.MaskOf(size * 8);
        if (kinds == (FrameState.Zero & Interval.MaskOf(size * 8))) return RegisterState.Constant(0);
        bool halves = size == 8 && (frame.LowHalves & frame.HighHalves & bit) != 0;
        if (!halves) return UnknownOfSize(size);
        Scalar high = Scalar.Apply(ScalarOperation.ShiftLeft, frame.HighSpills[index].Number, Scalar.Constant(32));
        return RegisterState.Of(Scalar.Apply(ScalarOperation.Or, high, frame.Spills[index].Number));

        static RegisterState Part(in Scalar half, int start, int size)
        {
            Scalar shifted = start == 0 ? half : Scalar.Apply(ScalarOperation.ShiftRight, half, Scalar.Constant((ulong)start * 8));
            return RegisterState.Of(Scalar.Truncate(shifted, size * 8));
        }
    }

    private static int SlotOf(int offset) => (-offset - 1) >> 3;

    private void RequireWritten(FrameState frame, int first, int end, string what)
    {
        for (int offset = first; offset < end; offset++)
        {
            ulong kinds = frame.KindsOf(SlotOf(offset), out bool pointer);
            if (pointer && !options.AllowPointerLeaks) throw Refuse($"{what} of stack bytes {first} to {end} as data, with a stored pointer at offset {offset & ~7}");
            if (!pointer && (kinds >> ((offset & 7) * 8) & 0xFF) == 0) throw Refuse($"{what} of stack byte {offset}, which wasn't written");
        }
    }

    private void WriteStack(int register, in RegisterState pointer, int offset, int size, in RegisterState value, int valueRegister)
    {
        CheckStackRange(register, pointer, offset, size, out int first, out int last);
        FrameState frame = path.Frames[pointer.Object]!;
        facts.Stack(frame.Subprogram, first);
        frame.Touch(SlotOf(first) + 1);
        if (value.IsPointer)
        {
            if (value.Kind == RegisterKind.Stack && value.Object > pointer.Object)
                throw Refuse($"r{valueRegister} ({Describe(value)}) would outlive its frame in the caller's stack");
            bool whole = first == last && size == 8 && (first & 7) == 0;
            if (!whole && !options.AllowPointerLeaks) throw Refuse($"r{valueRegister} ({Describe(value)}) stored in part, or not at a multiple of 8");
        }

        if (first != last)
        {
            WriteSomewhere(frame, first, last + size, value);
            return;
        }

        if ((first & 7) + size <= 8)
        {
            WriteSlot(frame, first, size, value);
            return;
        }

        for (int at = first; at < first + size; at++) WriteSlot(frame, at, 1, value.IsNull ? value : RegisterState.Unknown);
    }

    private static void WriteSlot(FrameState frame, int offset, int size, in RegisterState value)
    {
        int index = SlotOf(offset), start = offset & 7;
        ulong bit = 1UL << index;
        if (size == 8)
        {
            frame.Spills[index] = value;
            frame.Whole |= bit;
            frame.LowHalves &= ~bit;
            frame.HighHalves &= ~bit;
            return;
        }

        if (size == 4 && (start & 3) == 0 && value.Kind == RegisterKind.Scalar)
        {
            frame.Break(index);
            bool high = start == 4;
            ref RegisterState half = ref (high ? ref frame.HighSpills[index] : ref frame.Spills[index]);
            half = RegisterState.Of(Scalar.ZeroExtendLow(value.Number));
            if (high) frame.HighHalves |= bit;
            else frame.LowHalves |= bit;
            return;
        }

        frame.BreakHalves(index);
        ulong mask = Interval.MaskOf(size * 8) << (start * 8);
        bool zero = value.Kind == RegisterKind.Scalar && (value.Number.Full.Bits.Max & Interval.MaskOf(size * 8)) == 0;
        frame.Bytes[index] = (frame.Bytes[index] & ~mask) | ((zero ? FrameState.Zero : FrameState.Data) & mask);
    }

    // A store to one of several places: each byte is as before or new. Unwritten stays unwritten.
    private void WriteSomewhere(FrameState frame, int first, int end, in RegisterState value)
    {
        bool zero = value.IsNull;
        for (int offset = first; offset < end; offset++)
        {
            int index = SlotOf(offset);
            frame.KindsOf(index, out bool pointer);
            if (pointer && !options.AllowPointerLeaks) throw Refuse($"store to one of several stack places, at {offset & ~7} of which a pointer is stored");
            frame.BreakHalves(index);
            int shift = (offset & 7) * 8;
            ulong kind = frame.Bytes[index] >> shift & 0xFF;
            bool data = kind == (FrameState.Data & 0xFF) || (kind == (FrameState.Zero & 0xFF) && !zero);
            if (data) frame.Bytes[index] = (frame.Bytes[index] & ~(0xFFUL << shift)) | ((FrameState.Data & 0xFF) << shift);
        }
    }
}
