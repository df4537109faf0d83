// What is known of a register that holds a number: an interval for the whole value and one for its low half, which narrow each
// other. Operations on the whole compute both halves on their own where the low half of the result depends on the low halves only;
// operations on the low half zero-extend. The set meant: x with x in Full and low(x) in Low. `width` is 64 in the verifier, with a
// low half of 32; the tests run the same code at 4 bits and 2, exhaustively.

namespace Anneal.Ebpf.Verification;

/// <summary>Known bits and bounds of a value and of its low half.</summary>
internal struct Scalar : IEquatable<Scalar>
{
    public Interval Full;
    public Interval Low;

    public readonly bool IsConstant => Full.UMin == Full.UMax;

    public readonly ulong ConstantValue => Full.UMin;

    /// <summary>Whether nothing at all is known.</summary>
    public readonly bool IsUnknown(int width = 64) => Full.Bits.Mask == Interval.MaskOf(width) && Full.UMin == 0 && Full.UMax == Interval.MaskOf(width)
        && Full.SMin == Interval.SMinOf(width) && Full.SMax == Interval.SMaxOf(width)
        && Low.UMin == 0 && Low.UMax == Interval.MaskOf(width / 2) && Low.SMin == Interval.SMinOf(width / 2) && Low.SMax == Interval.SMaxOf(width / 2);

    public static Scalar Unknown(int width = 64) => new() { Full = Interval.Unknown(width), Low = Interval.Unknown(width / 2) };

    public static Scalar Constant(ulong value, int width = 64) => new()
    {
        Full = Interval.Constant(value, width), Low = Interval.Constant(value, width / 2),
    };

    /// <summary>An unsigned interval; its ends included.</summary>
    public static Scalar Range(ulong min, ulong max, int width = 64)
    {
        Scalar result = Unknown(width);
        result.Full.UMin = min;
        result.Full.UMax = max;
        result.Narrow(width);
        return result;
    }

    /// <summary>A signed interval; its ends included.</summary>
    public static Scalar SignedRange(long min, long max, int width = 64)
    {
        Scalar result = Unknown(width);
        result.Full.SMin = min;
        result.Full.SMax = max;
        result.Narrow(width);
        return result;
    }

    public readonly bool Contains(ulong value, int width = 64) =>
        Full.Contains(value, width) && Low.Contains(value & Interval.MaskOf(width / 2), width / 2);

    /// <summary>Whether each member of <paramref name="inner"/> is known to be a member of this.</summary>
    public readonly bool Contains(in Scalar inner) => Full.Contains(inner.Full) && Low.Contains(inner.Low);

    /// <summary>Lets the halves and orders narrow each other until nothing changes (bounded rounds; stopping early is sound). False: empty.</summary>
    public bool Narrow(int width = 64)
    {
        if (IsUnknown(width)) return true;
        int half = width / 2;
        for (int round = 0; round < 4; round++)
        {
            Interval before = Full, beforeLow = Low;
            if (!Full.Narrow(width)) return false;
            if (!Tnum.TryIntersect(Low.Bits, Full.Bits.Truncate(half), out Low.Bits)) return false;
            NarrowLowFromFull(half);
            if (!Low.Narrow(half)) return false;

            Tnum high = new(Full.Bits.Value >> half << half, Full.Bits.Mask >> half << half);
            Full.Bits = new(high.Value | Low.Bits.Value, high.Mask | Low.Bits.Mask);
            if (!NarrowFullFromLow(width, half)) return false;
            if (Full.Equals(before) && Low.Equals(beforeLow)) break;
        }

        return true;
    }

    // Truncation maps an interval that is shorter than 2^half to an arc of the circle of low halves; the arc is an interval of an
    // order of that circle if and only if its ends stand in that order. Taking it for one regardless is CVE-2020-8835.
    private void NarrowLowFromFull(int half)
    {
        ulong mask = Interval.MaskOf(half);
        if (Full.UMax - Full.UMin <= mask) NarrowLowToArc(Full.UMin & mask, Full.UMax & mask, half);
        if ((ulong)(Full.SMax - Full.SMin) <= mask) NarrowLowToArc((ulong)Full.SMin & mask, (ulong)Full.SMax & mask, half);
    }

    private void NarrowLowToArc(ulong first, ulong last, int half)
    {
        if (first <= last)
        {
            Low.UMin = Math.Max(Low.UMin, first);
            Low.UMax = Math.Min(Low.UMax, last);
        }

        long signedFirst = Interval.Signed(first, half), signedLast = Interval.Signed(last, half);
        if (signedFirst <= signedLast)
        {
            Low.SMin = Math.Max(Low.SMin, signedFirst);
            Low.SMax = Math.Min(Low.SMax, signedLast);
        }
    }

    // A value is at least (its high half, the least low half); the high half is at least that of the lower bound, and one more if
    // the bound's low half is above every possible one.
    private bool NarrowFullFromLow(int width, int half)
    {
        ulong mask = Interval.MaskOf(half);
        ulong highest = Interval.MaskOf(width) >> half;

        ulong high = Full.UMin >> half;
        if ((Full.UMin & mask) > Low.UMax && high++ == highest) return false;
        Full.UMin = Math.Max(Full.UMin, (high << half) | Low.UMin);
        high = Full.UMax >> half;
        if ((Full.UMax & mask) < Low.UMin && high-- == 0) return false;
        Full.UMax = Math.Min(Full.UMax, (high << half) | Low.UMax);
        if (Full.UMin > Full.UMax) return false;

        long signedHigh = Full.SMin >> half, signedHighest = (long)(highest >> 1);
        if (((ulong)Full.SMin & mask) > Low.UMax && signedHigh++ == signedHighest) return false;
        Full.SMin = Math.Max(Full.SMin, (signedHigh << half) | (long)Low.UMin);
        signedHigh = Full.SMax >> half;
        if (((ulong)Full.SMax & mask) < Low.UMin && signedHigh-- == -signedHighest - 1) return false;
        Full.SMax = Math.Min(Full.SMax, (signedHigh << half) | (long)Low.UMax);

        // A value that is its own low half sign-extended.
        if (Full.SMin >= Interval.SMinOf(half) && Full.SMax <= Interval.SMaxOf(half))
        {
            Full.SMin = Math.Max(Full.SMin, Low.SMin);
            Full.SMax = Math.Min(Full.SMax, Low.SMax);
        }

        return Full.SMin <= Full.SMax;
    }

    public static Scalar Apply(ScalarOperation operation, in Scalar a, in Scalar b, int width = 64)
    {
        if (a.IsConstant && b.IsConstant) return Constant(IntervalArithmetic.Evaluate(operation, a.ConstantValue, b.ConstantValue, width), width);

        // Anything plus something is anything: the state of most hash and checksum code.
        if (operation is ScalarOperation.Add or ScalarOperation.Subtract or ScalarOperation.Xor && (a.IsUnknown(width) || b.IsUnknown(width))) return Unknown(width);
        int half = width / 2;
        Scalar result;
        result.Full = IntervalArithmetic.Apply(operation, a.Full, b.Full, width);
        bool lowFromLow = operation is ScalarOperation.Add or ScalarOperation.Subtract or ScalarOperation.Multiply
            or ScalarOperation.And or ScalarOperation.Or or ScalarOperation.Xor;
        bool shiftsLow = operation == ScalarOperation.ShiftLeft && b.IsConstant && (b.ConstantValue & (ulong)(width - 1)) < (ulong)half;
        if (lowFromLow) result.Low = IntervalArithmetic.Apply(operation, a.Low, b.Low, half);
        else if (shiftsLow) result.Low = IntervalArithmetic.Apply(operation, a.Low, Interval.Constant(b.ConstantValue & (ulong)(width - 1), half), half);
        else result.Low = Interval.Unknown(half);
        return result.NarrowedResult(width);
    }

    /// <summary>The operation on the low halves, zero-extended.</summary>
    public static Scalar ApplyLow(ScalarOperation operation, in Scalar a, in Scalar b, int width = 64)
    {
        int half = width / 2;
        return ZeroExtend(IntervalArithmetic.Apply(operation, a.Low, b.Low, half), width);
    }

    /// <summary>A 32-bit move: the low half, zero-extended.</summary>
    public static Scalar ZeroExtendLow(in Scalar a, int width = 64) => ZeroExtend(a.Low, width);

    private static Scalar ZeroExtend(in Interval low, int width)
    {
        if (low.IsConstant) return Constant(low.UMin, width);
        Scalar result;
        result.Low = low;
        result.Full = new() { Bits = low.Bits, UMin = low.UMin, UMax = low.UMax, SMin = (long)low.UMin, SMax = (long)low.UMax };
        return result.NarrowedResult(width);
    }

    /// <summary>Sign extension of the low <paramref name="from"/> bits to <paramref name="to"/> bits (the width or its half), zeroes above.</summary>
    public static Scalar SignExtend(in Scalar a, int from, int to, int width = 64)
    {
        if (from >= to) return to == width ? a : ZeroExtendLow(a, width);
        Interval result = Interval.Unknown(to);
        result.Bits = a.Full.Bits.Truncate(from).SignExtend(from, to);
        result.SMin = Interval.SMinOf(from);
        result.SMax = Interval.SMaxOf(from);
        if (from == width / 2)
        {
            result.SMin = Math.Max(result.SMin, a.Low.SMin);
            result.SMax = Math.Min(result.SMax, a.Low.SMax);
        }

        // The same argument as for truncation to half: short enough and in order, the ends map to the ends.
        ulong mask = Interval.MaskOf(from);
        if (a.Full.UMax - a.Full.UMin <= mask) NarrowToArc(ref result, a.Full.UMin, a.Full.UMax, from);
        if ((ulong)(a.Full.SMax - a.Full.SMin) <= mask) NarrowToArc(ref result, (ulong)a.Full.SMin, (ulong)a.Full.SMax, from);
        if (from <= width / 2 && a.Low.UMax - a.Low.UMin <= mask) NarrowToArc(ref result, a.Low.UMin, a.Low.UMax, from);
        if (from <= width / 2 && (ulong)(a.Low.SMax - a.Low.SMin) <= mask) NarrowToArc(ref result, (ulong)a.Low.SMin, (ulong)a.Low.SMax, from);

        if (to < width) return ZeroExtend(result, width);
        Scalar whole;
        whole.Full = result;
        whole.Low = Interval.Unknown(width / 2);
        return whole.NarrowedResult(width);

        static void NarrowToArc(ref Interval result, ulong first, ulong last, int from)
        {
            long signedFirst = Interval.Signed(first, from), signedLast = Interval.Signed(last, from);
            if (signedFirst > signedLast) return;
            result.SMin = Math.Max(result.SMin, signedFirst);
            result.SMax = Math.Min(result.SMax, signedLast);
        }
    }

    /// <summary>The low <paramref name="bits"/> bits with their bytes reversed, zeroes above.</summary>
    public static Scalar SwapBytes(in Scalar a, int bits)
    {
        Scalar result = Unknown();
        result.Full.Bits = a.Full.Bits.SwapBytes(bits);
        return result.NarrowedResult(64);
    }

    /// <summary>The low <paramref name="bits"/> bits, zeroes above.</summary>
    public static Scalar Truncate(in Scalar a, int bits, int width = 64)
    {
        if (bits >= width) return a;
        return Apply(ScalarOperation.And, a, Constant(Interval.MaskOf(bits), width), width);
    }

    /// <summary>Two's complement negation of the whole, or of the low half with zeroes above.</summary>
    public static Scalar Negate(in Scalar a, int operandWidth, int width = 64)
    {
        Scalar zero = Constant(0, width);
        return operandWidth == width ? Apply(ScalarOperation.Subtract, zero, a, width) : ApplyLow(ScalarOperation.Subtract, zero, a, width);
    }

    public static Scalar Union(in Scalar a, in Scalar b) => new() { Full = Interval.Union(a.Full, b.Full), Low = Interval.Union(a.Low, b.Low) };

    // An operation of non-empty sets has results. If narrowing finds none, a transfer function is wrong: know nothing rather than
    // take code for unreachable.
    private Scalar NarrowedResult(int width)
    {
        bool any = Narrow(width);
        System.Diagnostics.Debug.Assert(any, "a transfer function lost all results");
        return any ? this : Unknown(width);
    }

    public readonly bool Equals(Scalar other) => Full.Equals(other.Full) && Low.Equals(other.Low);

    public override readonly bool Equals(object? obj) => obj is Scalar other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(Full, Low);
}
