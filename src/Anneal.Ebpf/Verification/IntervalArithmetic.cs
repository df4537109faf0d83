// Transfer functions of arithmetic on one interval value (known bits + bounds) of a given width. Each result contains every
// concrete result of members of the operands; bounds that can't be kept are given up to the full range, and the caller then calls
// Narrow, which wins back what known bits and the other order say. Nothing is ever carried between the orders or widths here by
// assumption: that's the mistake behind several known verifier vulnerabilities (CVE-2020-8835, CVE-2020-27194).

using System.Numerics;

namespace Anneal.Ebpf.Verification;

internal static class IntervalArithmetic
{
    public static Interval Apply(ScalarOperation operation, in Interval a, in Interval b, int width)
    {
        if (a.IsConstant && b.IsConstant) return Interval.Constant(Evaluate(operation, a.UMin, b.UMin, width), width);
        return operation switch
        {
            ScalarOperation.Add => Add(a, b, width),
            ScalarOperation.Subtract => Subtract(a, b, width),
            ScalarOperation.Multiply => Multiply(a, b, width),
            ScalarOperation.Divide => Divide(a, b, width),
            ScalarOperation.Remainder => Remainder(a, b, width),
            ScalarOperation.SignedDivide => SignedDivide(a, b, width),
            ScalarOperation.SignedRemainder => SignedRemainder(a, b, width),
            ScalarOperation.And => And(a, b, width),
            ScalarOperation.Or => Or(a, b, width),
            ScalarOperation.Xor => Xor(a, b, width),
            _ => Shift(operation, a, b, width),
        };
    }

    /// <summary>The operation on two numbers of <paramref name="width"/> bits (zero-extended, as is the result).</summary>
    public static ulong Evaluate(ScalarOperation operation, ulong a, ulong b, int width)
    {
        int amount = (int)(b & (ulong)(width - 1));
        long signedA = Interval.Signed(a, width), signedB = Interval.Signed(b, width);
        ulong result = operation switch
        {
            ScalarOperation.Add => a + b,
            ScalarOperation.Subtract => a - b,
            ScalarOperation.Multiply => a * b,
            ScalarOperation.Divide => b == 0 ? 0 : a / b,
            ScalarOperation.Remainder => b == 0 ? a : a % b,
            // The least number divided by -1 wraps to itself; .NET would throw.
            ScalarOperation.SignedDivide => b == 0 ? 0 : signedB == -1 ? (ulong)-signedA : (ulong)(signedA / signedB),
            ScalarOperation.SignedRemainder => b == 0 ? a : signedB == -1 ? 0 : (ulong)(signedA % signedB),
            ScalarOperation.And => a & b,
            ScalarOperation.Or => a | b,
            ScalarOperation.Xor => a ^ b,
            ScalarOperation.ShiftLeft => a << amount,
            ScalarOperation.ShiftRight => a >> amount,
            ScalarOperation.ShiftRightArithmetic => (ulong)(signedA >> amount),
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
        return result & Interval.MaskOf(width);
    }

    private static Interval Add(in Interval a, in Interval b, int width)
    {
        Interval result = Interval.Unknown(width);
        result.Bits = Tnum.Add(a.Bits, b.Bits).Truncate(width);
        ulong mask = Interval.MaskOf(width);

        // Ends wrap alike or not at all: if only one did, the results would be two pieces.
        bool minWraps = a.UMin > mask - b.UMin, maxWraps = a.UMax > mask - b.UMax;
        if (minWraps == maxWraps)
        {
            result.UMin = (a.UMin + b.UMin) & mask;
            result.UMax = (a.UMax + b.UMax) & mask;
        }

        if (TryAdd(a.SMin, b.SMin, width, out long min) && TryAdd(a.SMax, b.SMax, width, out long max))
        {
            result.SMin = min;
            result.SMax = max;
        }

        return result;
    }

    private static Interval Subtract(in Interval a, in Interval b, int width)
    {
        Interval result = Interval.Unknown(width);
        result.Bits = Tnum.Subtract(a.Bits, b.Bits).Truncate(width);
        ulong mask = Interval.MaskOf(width);
        bool minBorrows = a.UMin < b.UMax, maxBorrows = a.UMax < b.UMin;
        if (minBorrows == maxBorrows)
        {
            result.UMin = (a.UMin - b.UMax) & mask;
            result.UMax = (a.UMax - b.UMin) & mask;
        }

        if (TrySubtract(a.SMin, b.SMax, width, out long min) && TrySubtract(a.SMax, b.SMin, width, out long max))
        {
            result.SMin = min;
            result.SMax = max;
        }

        return result;
    }

    private static Interval Multiply(in Interval a, in Interval b, int width)
    {
        Interval result = Interval.Unknown(width);
        result.Bits = Tnum.Multiply(a.Bits, b.Bits).Truncate(width);
        if (Math.BigMul(a.UMax, b.UMax, out ulong low) == 0 && low <= Interval.MaskOf(width))
        {
            result.UMin = a.UMin * b.UMin;
            result.UMax = low;
        }

        // The extremes of a product of intervals are among the four products of their ends. (Wide factors overflow: don't try.)
        const long Narrow = 1L << 62;
        if (a.SMin < -Narrow || a.SMax > Narrow || b.SMin < -Narrow || b.SMax > Narrow) return result;
        Int128 p = (Int128)a.SMin * b.SMin, q = (Int128)a.SMin * b.SMax, r = (Int128)a.SMax * b.SMin, s = (Int128)a.SMax * b.SMax;
        Int128 min = Int128.Min(Int128.Min(p, q), Int128.Min(r, s)), max = Int128.Max(Int128.Max(p, q), Int128.Max(r, s));
        if (min >= Interval.SMinOf(width) && max <= Interval.SMaxOf(width))
        {
            result.SMin = (long)min;
            result.SMax = (long)max;
        }

        return result;
    }

    private static Interval Divide(in Interval a, in Interval b, int width)
    {
        Interval result = Interval.Unknown(width);
        if (b.UMin > 0)
        {
            result.UMin = a.UMin / b.UMax;
            result.UMax = a.UMax / b.UMin;
        }
        else
        {
            // Zero divides to zero; no other divisor makes anything larger than the dividend.
            result.UMax = a.UMax;
        }

        return result;
    }

    private static Interval Remainder(in Interval a, in Interval b, int width)
    {
        if (b.UMax == 0 || (b.UMin > 0 && a.UMax < b.UMin)) return a;
        Interval result = Interval.Unknown(width);
        if (b.UMin == 0)
        {
            result.UMax = a.UMax;
            return result;
        }

        result.UMax = Math.Min(a.UMax, b.UMax - 1);
        if (b.IsConstant && BitOperations.IsPow2(b.UMin)) result.Bits = Tnum.And(a.Bits, Tnum.Constant(b.UMin - 1));
        return result;
    }

    private static Interval SignedDivide(in Interval a, in Interval b, int width)
    {
        Interval result = Interval.Unknown(width);
        if (b.IsConstant && b.SMin > 0)
        {
            result.SMin = a.SMin / b.SMin;
            result.SMax = a.SMax / b.SMin;
            return result;
        }

        // No quotient is farther from zero than its dividend, but for the least number by -1, which wraps.
        if (a.SMin == Interval.SMinOf(width)) return result;
        long farthest = Math.Max(Math.Abs(a.SMin), Math.Abs(a.SMax));
        result.SMin = -farthest;
        result.SMax = farthest;
        if (b.SMin >= 0)
        {
            // A non-negative divisor (zero included) keeps the sign.
            if (a.SMin >= 0) result.SMin = 0;
            if (a.SMax <= 0) result.SMax = 0;
        }

        return result;
    }

    private static Interval SignedRemainder(in Interval a, in Interval b, int width)
    {
        if (b.UMax == 0) return a;
        Interval result = Interval.Unknown(width);

        // The sign is the dividend's (or the result is zero) and the distance from zero at most the dividend's.
        result.SMin = Math.Min(a.SMin, 0);
        result.SMax = Math.Max(a.SMax, 0);
        bool divisorMayBeZero = b.SMin <= 0 && b.SMax >= 0;
        if (divisorMayBeZero || b.SMin == Interval.SMinOf(width)) return result;
        long below = Math.Max(Math.Abs(b.SMin), Math.Abs(b.SMax)) - 1;
        result.SMin = Math.Max(result.SMin, -below);
        result.SMax = Math.Min(result.SMax, below);
        return result;
    }

    private static Interval And(in Interval a, in Interval b, int width)
    {
        Interval result = Interval.Unknown(width);
        result.Bits = Tnum.And(a.Bits, b.Bits);
        result.UMax = Math.Min(a.UMax, b.UMax);
        return result;
    }

    private static Interval Or(in Interval a, in Interval b, int width)
    {
        Interval result = Interval.Unknown(width);
        result.Bits = Tnum.Or(a.Bits, b.Bits);
        result.UMin = Math.Max(a.UMin, b.UMin);
        return result;
    }

    private static Interval Xor(in Interval a, in Interval b, int width)
    {
        Interval result = Interval.Unknown(width);
        result.Bits = Tnum.Xor(a.Bits, b.Bits);
        return result;
    }

    /// <summary>The union over all amounts that are possible: there are at most as many as bits.</summary>
    private static Interval Shift(ScalarOperation operation, in Interval a, in Interval b, int width)
    {
        ulong amountMask = (ulong)width - 1;
        if (b.IsConstant) return ShiftBy(operation, a, (int)(b.UMin & amountMask), width);

        Tnum amounts = Tnum.And(b.Bits, Tnum.Constant(amountMask));
        bool bounded = b.UMax <= amountMask;
        ulong first = bounded ? b.UMin : 0, last = bounded ? b.UMax : amountMask;
        Interval result = default;
        bool any = false;
        for (ulong amount = first; amount <= last; amount++)
        {
            if (!amounts.Contains(amount)) continue;
            Interval one = ShiftBy(operation, a, (int)amount, width);
            result = any ? Interval.Union(result, one) : one;
            any = true;
        }

        return any ? result : Interval.Unknown(width);
    }

    private static Interval ShiftBy(ScalarOperation operation, in Interval a, int by, int width)
    {
        if (by == 0) return a;
        Interval result = Interval.Unknown(width);
        switch (operation)
        {
            case ScalarOperation.ShiftLeft:
                result.Bits = Tnum.ShiftLeft(a.Bits, by).Truncate(width);
                if (a.UMax <= Interval.MaskOf(width) >> by)
                {
                    result.UMin = a.UMin << by;
                    result.UMax = a.UMax << by;
                }

                if (a.SMin >= Interval.SMinOf(width) >> by && a.SMax <= Interval.SMaxOf(width) >> by)
                {
                    result.SMin = a.SMin << by;
                    result.SMax = a.SMax << by;
                }

                break;
            case ScalarOperation.ShiftRight:
                result.Bits = Tnum.ShiftRight(a.Bits, by);
                result.UMin = a.UMin >> by;
                result.UMax = a.UMax >> by;
                break;
            default:
                result.Bits = Tnum.ShiftRightArithmetic(a.Bits, by, width);
                result.SMin = a.SMin >> by;
                result.SMax = a.SMax >> by;
                break;
        }

        // Needed before a union: its parts must each be as narrow as they can be.
        result.Narrow(width);
        return result;
    }

    private static bool TryAdd(long a, long b, int width, out long sum)
    {
        sum = a + b;
        bool overflows = ((a ^ sum) & (b ^ sum)) < 0;
        return !overflows && sum >= Interval.SMinOf(width) && sum <= Interval.SMaxOf(width);
    }

    private static bool TrySubtract(long a, long b, int width, out long difference)
    {
        difference = a - b;
        bool overflows = ((a ^ b) & (a ^ difference)) < 0;
        return !overflows && difference >= Interval.SMinOf(width) && difference <= Interval.SMaxOf(width);
    }
}
