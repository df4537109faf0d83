// What a conditional jump teaches about its operands, on either way out, for whole values and for low halves (32-bit jumps). False
// means that this way can't be taken. A 32-bit compare narrows the low halves only; the whole values follow by Scalar.Narrow.

using System.Numerics;

namespace Anneal.Ebpf.Verification;

internal static class ScalarRefinement
{
    /// <summary>Narrows both operands by the condition being <paramref name="holds"/>; false if it can't be.</summary>
    public static bool Refine(ScalarCondition condition, bool holds, ref Scalar a, ref Scalar b, bool low, int width = 64)
    {
        if (!holds) condition = Opposite(condition);
        if (low)
        {
            // The same unknown register on both sides would be narrowed twice; that's sound as well.
            return RefineInterval(condition, ref a.Low, ref b.Low, width / 2) && a.Narrow(width) && b.Narrow(width);
        }

        return RefineInterval(condition, ref a.Full, ref b.Full, width) && a.Narrow(width) && b.Narrow(width);
    }

    /// <summary>The condition on two numbers of <paramref name="width"/> bits.</summary>
    public static bool Evaluate(ScalarCondition condition, ulong a, ulong b, int width)
    {
        long signedA = Interval.Signed(a, width), signedB = Interval.Signed(b, width);
        return condition switch
        {
            ScalarCondition.Equal => a == b,
            ScalarCondition.NotEqual => a != b,
            ScalarCondition.Greater => a > b,
            ScalarCondition.GreaterOrEqual => a >= b,
            ScalarCondition.Less => a < b,
            ScalarCondition.LessOrEqual => a <= b,
            ScalarCondition.SignedGreater => signedA > signedB,
            ScalarCondition.SignedGreaterOrEqual => signedA >= signedB,
            ScalarCondition.SignedLess => signedA < signedB,
            ScalarCondition.SignedLessOrEqual => signedA <= signedB,
            ScalarCondition.AnyBitSet => (a & b) != 0,
            ScalarCondition.NoBitSet => (a & b) == 0,
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };
    }

    public static ScalarCondition Opposite(ScalarCondition condition) => condition switch
    {
        ScalarCondition.Equal => ScalarCondition.NotEqual,
        ScalarCondition.NotEqual => ScalarCondition.Equal,
        ScalarCondition.Greater => ScalarCondition.LessOrEqual,
        ScalarCondition.GreaterOrEqual => ScalarCondition.Less,
        ScalarCondition.Less => ScalarCondition.GreaterOrEqual,
        ScalarCondition.LessOrEqual => ScalarCondition.Greater,
        ScalarCondition.SignedGreater => ScalarCondition.SignedLessOrEqual,
        ScalarCondition.SignedGreaterOrEqual => ScalarCondition.SignedLess,
        ScalarCondition.SignedLess => ScalarCondition.SignedGreaterOrEqual,
        ScalarCondition.SignedLessOrEqual => ScalarCondition.SignedGreater,
        ScalarCondition.AnyBitSet => ScalarCondition.NoBitSet,
        ScalarCondition.NoBitSet => ScalarCondition.AnyBitSet,
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };

    private static bool RefineInterval(ScalarCondition condition, ref Interval a, ref Interval b, int width)
    {
        switch (condition)
        {
            case ScalarCondition.Equal:
                if (!Interval.TryIntersect(a, b, out Interval both)) return false;
                a = b = both;
                break;
            case ScalarCondition.NotEqual:
                if (!Exclude(ref a, b, width) || !Exclude(ref b, a, width)) return false;
                break;
            case ScalarCondition.Greater: return Less(ref b, ref a, strict: 1) && NarrowBoth(ref a, ref b, width);
            case ScalarCondition.GreaterOrEqual: return Less(ref b, ref a, strict: 0) && NarrowBoth(ref a, ref b, width);
            case ScalarCondition.Less: return Less(ref a, ref b, strict: 1) && NarrowBoth(ref a, ref b, width);
            case ScalarCondition.LessOrEqual: return Less(ref a, ref b, strict: 0) && NarrowBoth(ref a, ref b, width);
            case ScalarCondition.SignedGreater: return SignedLess(ref b, ref a, strict: 1) && NarrowBoth(ref a, ref b, width);
            case ScalarCondition.SignedGreaterOrEqual: return SignedLess(ref b, ref a, strict: 0) && NarrowBoth(ref a, ref b, width);
            case ScalarCondition.SignedLess: return SignedLess(ref a, ref b, strict: 1) && NarrowBoth(ref a, ref b, width);
            case ScalarCondition.SignedLessOrEqual: return SignedLess(ref a, ref b, strict: 0) && NarrowBoth(ref a, ref b, width);
            case ScalarCondition.AnyBitSet:
                if ((a.Bits.Max & b.Bits.Max) == 0) return false;
                if (!SetSingleBit(ref a, b) || !SetSingleBit(ref b, a)) return false;
                break;
            case ScalarCondition.NoBitSet:
                if (!ClearBits(ref a, b.Bits.Value) || !ClearBits(ref b, a.Bits.Value)) return false;
                break;
        }

        return NarrowBoth(ref a, ref b, width);
    }

    private static bool NarrowBoth(ref Interval a, ref Interval b, int width) => a.Narrow(width) && b.Narrow(width);

    // a < b (strict 1) or a <= b (strict 0), unsigned. The order of the tests keeps the ends from wrapping.
    private static bool Less(ref Interval a, ref Interval b, ulong strict)
    {
        if (b.UMax < strict || a.UMin > b.UMax - strict) return false;
        a.UMax = Math.Min(a.UMax, b.UMax - strict);
        b.UMin = Math.Max(b.UMin, a.UMin + strict);
        return true;
    }

    private static bool SignedLess(ref Interval a, ref Interval b, long strict)
    {
        if (b.SMax == long.MinValue && strict == 1) return false;
        if (a.SMin > b.SMax - strict) return false;
        a.SMax = Math.Min(a.SMax, b.SMax - strict);
        b.SMin = Math.Max(b.SMin, a.SMin + strict);
        return true;
    }

    // Takes a single value off the ends. Inside the interval it can't be expressed.
    private static bool Exclude(ref Interval a, in Interval single, int width)
    {
        if (!single.IsConstant) return true;
        ulong value = single.UMin;
        long signed = Interval.Signed(value, width);
        if (a.IsConstant) return a.UMin != value;
        if (a.UMin == value) a.UMin++;
        if (a.UMax == value) a.UMax--;
        if (a.SMin == signed) a.SMin++;
        if (a.SMax == signed) a.SMax--;
        return true;
    }

    private static bool SetSingleBit(ref Interval a, in Interval mask)
    {
        if (!mask.IsConstant || !BitOperations.IsPow2(mask.UMin)) return true;
        ulong bit = mask.UMin;
        if (((a.Bits.Value | a.Bits.Mask) & bit) == 0) return false;
        a.Bits = new(a.Bits.Value | bit, a.Bits.Mask & ~bit);
        return true;
    }

    private static bool ClearBits(ref Interval a, ulong bits)
    {
        if ((a.Bits.Value & bits) != 0) return false;
        a.Bits = new(a.Bits.Value, a.Bits.Mask & ~bits);
        return true;
    }
}
