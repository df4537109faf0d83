// Known bits of a 64-bit value ("tristate number"): each bit is 0, 1 or unknown. The invariant is that no bit is both known
// one and unknown (Value & Mask == 0). Widths below 64 are held with zeroes above. Every operation is sound: its result
// contains what the concrete operation makes of any two members. Called by the range domain only.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anneal.Ebpf.Verification;

/// <summary>A set of 64-bit values described bit by bit: <see cref="Mask"/> bits are unknown, others equal <see cref="Value"/>'s.</summary>
internal readonly struct Tnum(ulong value, ulong mask) : IEquatable<Tnum>
{
    private const int MaxPartialProducts = 16;

    public readonly ulong Value = value;
    public readonly ulong Mask = mask;

    public static Tnum Unknown => new(0, ulong.MaxValue);

    public bool IsConstant => Mask == 0;

    /// <summary>The largest member.</summary>
    public ulong Max => Value | Mask;

    public bool IsWellFormed => (Value & Mask) == 0;

    public static Tnum Constant(ulong value) => new(value, 0);

    public bool Contains(ulong concrete) => (concrete & ~Mask) == Value;

    /// <summary>Whether each member of <paramref name="inner"/> is a member of this.</summary>
    public bool Contains(Tnum inner) => (inner.Mask & ~Mask) == 0 && (inner.Value & ~Mask) == Value;

    /// <summary>All values of an unsigned interval: the bits above the highest one in which its ends differ are known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Tnum Range(ulong min, ulong max)
    {
        ulong differing = min ^ max;
        if (differing == 0) return new(min, 0);
        ulong below = ulong.MaxValue >> BitOperations.LeadingZeroCount(differing);
        return new(min & ~below, below);
    }

    public static Tnum Add(Tnum a, Tnum b)
    {
        // The sums of all-minimal and all-maximal members differ wherever a carry is uncertain.
        ulong low = a.Value + b.Value;
        ulong high = low + a.Mask + b.Mask;
        ulong unknown = (low ^ high) | a.Mask | b.Mask;
        return new(low & ~unknown, unknown);
    }

    public static Tnum Subtract(Tnum a, Tnum b)
    {
        ulong difference = a.Value - b.Value;
        ulong unknown = ((difference + a.Mask) ^ (difference - b.Mask)) | a.Mask | b.Mask;
        return new(difference & ~unknown, unknown);
    }

    public static Tnum And(Tnum a, Tnum b)
    {
        ulong ones = a.Value & b.Value;
        return new(ones, a.Max & b.Max & ~ones);
    }

    public static Tnum Or(Tnum a, Tnum b)
    {
        ulong ones = a.Value | b.Value;
        return new(ones, (a.Mask | b.Mask) & ~ones);
    }

    public static Tnum Xor(Tnum a, Tnum b)
    {
        ulong unknown = a.Mask | b.Mask;
        return new((a.Value ^ b.Value) & ~unknown, unknown);
    }

    /// <summary>Long multiplication: partial products are added up, an unknown multiplier bit contributing unknown bits.</summary>
    public static Tnum Multiply(Tnum a, Tnum b)
    {
        // As few partial products as can be; if they're many, only the factors' trailing zeroes are kept, which add up.
        if (BitOperations.PopCount(a.Max) > BitOperations.PopCount(b.Max)) (a, b) = (b, a);
        if (BitOperations.PopCount(a.Max) > MaxPartialProducts)
        {
            int zeroes = BitOperations.TrailingZeroCount(a.Max) + BitOperations.TrailingZeroCount(b.Max);
            return zeroes > 63 ? Constant(0) : new(0, ulong.MaxValue << zeroes);
        }

        // The known parts multiply exactly; what may be added to that is collected apart, so that certain bits stay certain.
        ulong known = a.Value * b.Value;
        var uncertain = new Tnum(0, 0);
        while (a.Max != 0)
        {
            int skip = BitOperations.TrailingZeroCount(a.Max);
            a = ShiftRight(a, skip);
            b = ShiftLeft(b, skip);
            if ((a.Value & 1) != 0) uncertain = Add(uncertain, new(0, b.Mask));
            else uncertain = Add(uncertain, new(0, b.Max));
            a = ShiftRight(a, 1);
            b = ShiftLeft(b, 1);
        }

        return Add(Constant(known), uncertain);
    }

    public static Tnum ShiftLeft(Tnum a, int by) => new(a.Value << by, a.Mask << by);

    public static Tnum ShiftRight(Tnum a, int by) => new(a.Value >> by, a.Mask >> by);

    /// <summary>Arithmetic shift of a <paramref name="width"/>-bit value: a known sign is copied, so is an unknown one.</summary>
    public static Tnum ShiftRightArithmetic(Tnum a, int by, int width)
    {
        int unused = 64 - width;
        ulong value = (ulong)((long)(a.Value << unused) >> unused >> by);
        ulong mask = (ulong)((long)(a.Mask << unused) >> unused >> by);
        return new Tnum(value, mask).Truncate(width);
    }

    /// <summary>Copies bit <paramref name="from"/> − 1, known or not, to all above it, within <paramref name="width"/> bits.</summary>
    public Tnum SignExtend(int from, int width)
    {
        int unused = 64 - from;
        return new Tnum((ulong)((long)(Value << unused) >> unused), (ulong)((long)(Mask << unused) >> unused)).Truncate(width);
    }

    public Tnum Truncate(int width)
    {
        ulong kept = ulong.MaxValue >> (64 - width);
        return new(Value & kept, Mask & kept);
    }

    /// <summary>The low bytes in reverse order, zeroes above.</summary>
    public Tnum SwapBytes(int bits)
    {
        int unused = 64 - bits;
        return new(BinaryReverse(Value) >> unused, BinaryReverse(Mask) >> unused);

        static ulong BinaryReverse(ulong v) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(v);
    }

    /// <summary>The smallest description that contains both.</summary>
    public static Tnum Union(Tnum a, Tnum b)
    {
        ulong unknown = a.Mask | b.Mask | (a.Value ^ b.Value);
        return new(a.Value & ~unknown, unknown);
    }

    /// <summary>The members of both; false if a bit is known to be different, so that there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryIntersect(Tnum a, Tnum b, out Tnum result)
    {
        ulong unknown = a.Mask & b.Mask;
        result = new((a.Value | b.Value) & ~unknown, unknown);
        return ((a.Value ^ b.Value) & ~a.Mask & ~b.Mask) == 0;
    }

    public bool Equals(Tnum other) => Value == other.Value && Mask == other.Mask;

    public override bool Equals(object? obj) => obj is Tnum other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Value, Mask);

    public override string ToString() =>
        IsConstant ? $"0x{Value:x}" : Mask == ulong.MaxValue ? "unknown" : $"0x{Value:x}/0x{Mask:x}";
}
