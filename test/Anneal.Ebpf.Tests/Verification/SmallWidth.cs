// Abstract values of a 4-bit machine whose low half has 2 bits, and their members: small enough to try everything.

using Anneal.Ebpf.Verification;

namespace Anneal.Ebpf.Tests.Verification;

internal static class SmallWidth
{
    public const int Width = 4;
    public const int Half = Width / 2;
    public const int Values = 1 << Width;

    /// <summary>Every set of known bits.</summary>
    public static IEnumerable<Tnum> Tnums(int width = Width)
    {
        for (ulong mask = 0; mask < 1UL << width; mask++)
        {
            for (ulong value = 0; value < 1UL << width; value++)
            {
                if ((value & mask) == 0) yield return new Tnum(value, mask);
            }
        }
    }

    /// <summary>Each set of known bits, each unsigned and each signed interval, and a seeded choice of their intersections with
    /// each other and with bounds of the low half. No duplicates, none empty.</summary>
    public static Scalar[] Scalars(int intersections)
    {
        var seen = new HashSet<Scalar>();
        foreach (Tnum bits in Tnums())
        {
            Scalar scalar = Scalar.Unknown(Width);
            scalar.Full.Bits = bits;
            if (scalar.Narrow(Width)) seen.Add(scalar);
        }

        for (int min = 0; min < Values; min++)
        {
            for (int max = min; max < Values; max++)
            {
                seen.Add(Scalar.Range((ulong)min, (ulong)max, Width));
                seen.Add(Scalar.SignedRange(min - Values / 2, max - Values / 2, Width));
            }
        }

        var random = new Random(7);
        int wanted = seen.Count + intersections;
        while (seen.Count < wanted)
        {
            Scalar scalar = Raw(random);
            if (Members(scalar) != 0 && scalar.Narrow(Width)) seen.Add(scalar);
        }

        return [.. seen];
    }

    /// <summary>A value with all its parts chosen apart, neither narrowed nor known not to be empty.</summary>
    public static Scalar Raw(Random random)
    {
        Scalar scalar = Scalar.Unknown(Width);
        ulong mask = (ulong)(random.Next(Values) | random.Next(Values));
        scalar.Full.Bits = new Tnum((ulong)random.Next(Values) & ~mask, mask);
        Order(random, 0, Values, out int min, out int max);
        (scalar.Full.UMin, scalar.Full.UMax) = ((ulong)min, (ulong)max);
        Order(random, -Values / 2, Values / 2, out min, out max);
        (scalar.Full.SMin, scalar.Full.SMax) = (min, max);
        Order(random, 0, 1 << Half, out min, out max);
        (scalar.Low.UMin, scalar.Low.UMax) = ((ulong)min, (ulong)max);
        Order(random, -(1 << Half) / 2, (1 << Half) / 2, out min, out max);
        (scalar.Low.SMin, scalar.Low.SMax) = (min, max);
        return scalar;
    }

    /// <summary>Bit n is set if n is a member.</summary>
    public static uint Members(in Scalar scalar)
    {
        uint members = 0;
        for (int value = 0; value < Values; value++)
        {
            if (scalar.Contains((ulong)value, Width)) members |= 1u << value;
        }

        return members;
    }

    private static void Order(Random random, int first, int end, out int min, out int max)
    {
        int a = random.Next(first, end), b = random.Next(first, end);
        (min, max) = (Math.Min(a, b), Math.Max(a, b));
        if (random.Next(3) == 0) (min, max) = (first, end - 1);
    }
}
