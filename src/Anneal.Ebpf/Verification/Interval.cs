// What is known of a value of some width: known bits, an unsigned and a signed interval. The set meant is the intersection of the
// three. Unsigned ends are zero-extended, signed ones sign-extended to 64 bits. The width is a parameter so that the tests can prove the
// very same code exhaustively at 4 bits. A scalar of a program is a pair of these (64 bits and its low half, see Scalar).

using System.Runtime.CompilerServices;

namespace Anneal.Ebpf.Verification;

/// <summary>Known bits and bounds of one value of a given width.</summary>
internal struct Interval : IEquatable<Interval>
{
    public Tnum Bits;
    public ulong UMin, UMax;
    public long SMin, SMax;

    public static ulong MaskOf(int width) => ulong.MaxValue >> (64 - width);

    public static long SMinOf(int width) => long.MinValue >> (64 - width);

    public static long SMaxOf(int width) => long.MaxValue >> (64 - width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Signed(ulong value, int width) => (long)(value << (64 - width)) >> (64 - width);

    public readonly bool IsConstant => UMin == UMax;

    public static Interval Unknown(int width) => new()
    {
        Bits = new(0, MaskOf(width)), UMin = 0, UMax = MaskOf(width), SMin = SMinOf(width), SMax = SMaxOf(width),
    };

    public static Interval Constant(ulong value, int width)
    {
        value &= MaskOf(width);
        long signed = Signed(value, width);
        return new() { Bits = new(value, 0), UMin = value, UMax = value, SMin = signed, SMax = signed };
    }

    public readonly bool Contains(ulong value, int width)
    {
        long signed = Signed(value, width);
        return Bits.Contains(value) && value >= UMin && value <= UMax && signed >= SMin && signed <= SMax;
    }

    /// <summary>Whether every member of <paramref name="inner"/> is known to be a member of this.</summary>
    public readonly bool Contains(in Interval inner) =>
        UMin <= inner.UMin && UMax >= inner.UMax && SMin <= inner.SMin && SMax >= inner.SMax && Bits.Contains(inner.Bits);

    /// <summary>Lets bits, unsigned and signed ends narrow each other. False if nothing is left: no value satisfies all three.</summary>
    public bool Narrow(int width)
    {
        // Known bits bound both intervals: unknown bits all zero, all one; the sign bit weighs the other way in the signed order.
        ulong sign = 1UL << (width - 1);
        UMin = Math.Max(UMin, Bits.Value);
        UMax = Math.Min(UMax, Bits.Max);
        SMin = Math.Max(SMin, Signed(Bits.Value | (Bits.Mask & sign), width));
        SMax = Math.Min(SMax, Signed(Bits.Value | (Bits.Mask & ~sign), width));
        if (UMin > UMax || SMin > SMax) return false;

        if (!NarrowOrders(width)) return false;
        return Tnum.TryIntersect(Bits, Tnum.Range(UMin, UMax), out Bits);
    }

    // The signed interval is one or two pieces of the unsigned number line, and the other way round.
    private bool NarrowOrders(int width)
    {
        ulong mask = MaskOf(width);
        ulong low = (ulong)SMin & mask, high = (ulong)SMax & mask;
        if (low <= high)
        {
            // One sign only: one piece.
            UMin = Math.Max(UMin, low);
            UMax = Math.Min(UMax, high);
        }
        else
        {
            // Two pieces, [0, high] and [low, mask]: if the unsigned interval misses one of them, it must be in the other.
            if (UMin > high) UMin = Math.Max(UMin, low);
            if (UMax < low) UMax = Math.Min(UMax, high);
        }

        if (UMin > UMax) return false;
        long first = Signed(UMin, width), last = Signed(UMax, width);
        if (first <= last)
        {
            SMin = Math.Max(SMin, first);
            SMax = Math.Min(SMax, last);
        }
        else
        {
            // Unsigned crosses from the positive ones to the negative ones: signed is in [first, max] or in [min, last].
            if (SMin > last) SMin = Math.Max(SMin, first);
            if (SMax < first) SMax = Math.Min(SMax, last);
        }

        return SMin <= SMax;
    }

    public static bool TryIntersect(in Interval a, in Interval b, out Interval result)
    {
        result = default;
        if (!Tnum.TryIntersect(a.Bits, b.Bits, out result.Bits)) return false;
        result.UMin = Math.Max(a.UMin, b.UMin);
        result.UMax = Math.Min(a.UMax, b.UMax);
        result.SMin = Math.Max(a.SMin, b.SMin);
        result.SMax = Math.Min(a.SMax, b.SMax);
        return result.UMin <= result.UMax && result.SMin <= result.SMax;
    }

    public static Interval Union(in Interval a, in Interval b) => new()
    {
        Bits = Tnum.Union(a.Bits, b.Bits),
        UMin = Math.Min(a.UMin, b.UMin),
        UMax = Math.Max(a.UMax, b.UMax),
        SMin = Math.Min(a.SMin, b.SMin),
        SMax = Math.Max(a.SMax, b.SMax),
    };

    public readonly bool Equals(Interval other) => Bits.Equals(other.Bits) && UMin == other.UMin && UMax == other.UMax
        && SMin == other.SMin && SMax == other.SMax;

    public override readonly bool Equals(object? obj) => obj is Interval other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(Bits, UMin, UMax, SMin, SMax);
}
