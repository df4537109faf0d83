using System.Numerics;
using Anneal.Bytecode;
using Anneal.Runtime;
using Xunit;
using static System.BitConverter;

namespace Anneal.Tests;

/// <summary>Float ops and conversions: the bits of NaNs and zeros, and rounding against exact arithmetic.</summary>
public sealed unsafe class SemanticsFloatTests
{
    private static readonly double[] Edges =
    [
        0, -0.0, 0.1, 0.5, -0.5, 0.9999999, -0.9999999, 1, -1, 1.5, 2.5, -2.5, 3.7, 127.9, 2147483646.5, 2147483647, 2147483647.9, 2147483648,
        -2147483648, -2147483648.9, -2147483649, 4294967295, 4294967295.9, 4294967296, 9007199254740993, 9223372036854774784.0, 9223372036854775808.0,
        -9223372036854775808.0, -9223372036854777856.0, 18446744073709549568.0, 18446744073709551616.0, 1e19, 1e300, -1e300, double.Epsilon,
        double.PositiveInfinity, double.NegativeInfinity, double.NaN,
    ];

    private static readonly ulong[] Bits =
    [
        0, 1, 2, 0x7fffff, 0xffffff, 0x1000000, 0x1000001, 0x1000002, 0x1000003, 0x7fffffbf, 0x7fffffc0, 0x7fffffff, 0x80000000, 0xffffff7f, 0xffffff80, 0xffffffff,
        (1UL << 53) - 1, 1UL << 53, (1UL << 53) + 1, 0x0020000020000001, 0x7fffff4000000001, 0x7fffffbfffffffff, 0x7fffffc000000000, 0x8000008000000001,
        0x7ffffffffffffdff, 0x7ffffffffffffe00, 0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000400, 0x8000000000000401, 0xfffffffffffffbff,
        0xfffffffffffffc00, 0xffffff7fffffffff, 0xffffff8000000000, 0xffffffffffffffff, 0x8000000000000001,
    ];

    [Theory]
    [InlineData(0x7fa00001u, 0x3f800000u, 0x7fe00001u)]
    [InlineData(0x3f800000u, 0xffa00001u, 0xffe00001u)]
    [InlineData(0x7fc00002u, 0x7fc00003u, 0x7fc00002u)]
    public void Operations_on_nans_give_the_first_one_made_quiet(uint a, uint b, uint expected)
    {
        float x = UInt32BitsToSingle(a), y = UInt32BitsToSingle(b);
        foreach (float result in (float[])[Semantics.F32Add(x, y), Semantics.F32Sub(x, y), Semantics.F32Mul(x, y), Semantics.F32Div(x, y), Semantics.F32Min(x, y), Semantics.F32Max(x, y)])
            Assert.Equal(expected, SingleToUInt32Bits(result));
        double dx = Semantics.F64ReinterpretI64((long)Double(a)), dy = Semantics.F64ReinterpretI64((long)Double(b));
        foreach (double result in (double[])[Semantics.F64Add(dx, dy), Semantics.F64Sub(dx, dy), Semantics.F64Mul(dx, dy), Semantics.F64Div(dx, dy), Semantics.F64Min(dx, dy), Semantics.F64Max(dx, dy)])
            Assert.Equal(Double(expected), DoubleToUInt64Bits(result));
    }

    [Fact]
    public void Unary_operations_make_a_nan_quiet_and_keep_its_payload()
    {
        float x = UInt32BitsToSingle(0xffa00005);
        foreach (float result in (float[])[Semantics.F32Ceil(x), Semantics.F32Floor(x), Semantics.F32Trunc(x), Semantics.F32Nearest(x), Semantics.F32Sqrt(x)])
            Assert.Equal(0xffe00005u, SingleToUInt32Bits(result));
        double y = UInt64BitsToDouble(Double(0xffa00005));
        foreach (double result in (double[])[Semantics.F64Ceil(y), Semantics.F64Floor(y), Semantics.F64Trunc(y), Semantics.F64Nearest(y), Semantics.F64Sqrt(y)])
            Assert.Equal(Double(0xffe00005), DoubleToUInt64Bits(result));
        Assert.Equal(Double(0xffe00005), DoubleToUInt64Bits(Semantics.F64PromoteF32(x)));
        Assert.Equal(0xffe00005u, SingleToUInt32Bits(Semantics.F32DemoteF64(y)));
        Assert.Equal(0x7fc00000u, SingleToUInt32Bits(Semantics.F32DemoteF64(UInt64BitsToDouble(0x7ff0000000000001))));
    }

    [Fact]
    public void Invalid_operations_give_the_nan_without_payload()
    {
        float infinity = float.PositiveInfinity;
        foreach (float result in (float[])[Semantics.F32Sub(infinity, infinity), Semantics.F32Mul(0, infinity), Semantics.F32Div(0, 0), Semantics.F32Sqrt(-1)])
            Assert.Equal(0xffc00000u, SingleToUInt32Bits(result));
        foreach (double result in (double[])[Semantics.F64Sub(infinity, infinity), Semantics.F64Mul(0, infinity), Semantics.F64Div(0, 0), Semantics.F64Sqrt(-1)])
            Assert.Equal(0xfff8000000000000u, DoubleToUInt64Bits(result));
    }

    // The bits are parameters: the C# compiler's just-in-time side makes a signalling NaN that it knows as a constant quiet.
    [Theory]
    [InlineData(0x7fa00001u, 0x7ff4000000000001ul)]
    public void Bit_operations_keep_signalling_nans(uint signalling, ulong wide)
    {
        float x = UInt32BitsToSingle(signalling);
        Assert.Equal(signalling | 0x80000000, SingleToUInt32Bits(Semantics.F32Neg(x)));
        Assert.Equal(signalling, SingleToUInt32Bits(Semantics.F32Abs(Semantics.F32Neg(x))));
        Assert.Equal(signalling | 0x80000000, SingleToUInt32Bits(Semantics.F32Copysign(x, -0f)));
        Assert.Equal((int)signalling, Semantics.I32ReinterpretF32(Semantics.F32ReinterpretI32((int)signalling)));
        double y = UInt64BitsToDouble(wide);
        Assert.Equal(wide | (1UL << 63), DoubleToUInt64Bits(Semantics.F64Neg(y)));
        Assert.Equal(wide, DoubleToUInt64Bits(Semantics.F64Abs(Semantics.F64Neg(y))));
        Assert.Equal(wide | (1UL << 63), DoubleToUInt64Bits(Semantics.F64Copysign(y, -1)));
        Assert.Equal((long)wide, Semantics.I64ReinterpretF64(Semantics.F64ReinterpretI64((long)wide)));
    }

    [Fact]
    public void Zeros_have_an_order_in_min_and_max()
    {
        Assert.Equal(1u << 31, SingleToUInt32Bits(Semantics.F32Min(0f, -0f)));
        Assert.Equal(1u << 31, SingleToUInt32Bits(Semantics.F32Min(-0f, 0f)));
        Assert.Equal(0u, SingleToUInt32Bits(Semantics.F32Max(0f, -0f)));
        Assert.Equal(0u, SingleToUInt32Bits(Semantics.F32Max(-0f, 0f)));
        Assert.Equal(1UL << 63, DoubleToUInt64Bits(Semantics.F64Min(0, -0.0)));
        Assert.Equal(0UL, DoubleToUInt64Bits(Semantics.F64Max(-0.0, 0)));
        Assert.Equal(float.NegativeInfinity, Semantics.F32Min(1, float.NegativeInfinity));
        Assert.Equal(3, Semantics.F64Max(2, 3));
    }

    [Theory]
    [InlineData(0.5, 0.0)]
    [InlineData(1.5, 2.0)]
    [InlineData(2.5, 2.0)]
    [InlineData(-0.5, -0.0)]
    [InlineData(-1.5, -2.0)]
    [InlineData(0.49999999999999994, 0.0)]
    [InlineData(4503599627370495.5, 4503599627370496.0)]
    public void Nearest_rounds_ties_to_even_and_keeps_the_sign(double value, double expected)
    {
        Assert.Equal(DoubleToUInt64Bits(expected), DoubleToUInt64Bits(Semantics.F64Nearest(value)));
        if (value == (float)value) Assert.Equal(SingleToUInt32Bits((float)expected), SingleToUInt32Bits(Semantics.F32Nearest((float)value)));
        Assert.Equal(DoubleToUInt64Bits(-0.0), DoubleToUInt64Bits(Semantics.F64Ceil(-0.9)));
        Assert.Equal(SingleToUInt32Bits(-0f), SingleToUInt32Bits(Semantics.F32Trunc(-0.9f)));
        Assert.Equal(-1, Semantics.F64Floor(-0.1));
    }

    [Fact]
    public void Comparisons_with_nan_are_false_and_their_negations_true()
    {
        Assert.Equal(0, Semantics.F64Lt(double.NaN, 1) + Semantics.F64Le(1, double.NaN) + Semantics.F64Eq(double.NaN, double.NaN));
        Assert.Equal(1, Semantics.F64Ne(double.NaN, double.NaN));
        Assert.Equal(2, Semantics.BrF64NotLt(double.NaN, 1) + Semantics.BrF64NotLe(double.NaN, 1));
        Assert.Equal(0, Semantics.F32Lt(float.NaN, 1) + Semantics.F32Le(1, float.NaN) + Semantics.F32Eq(float.NaN, float.NaN));
        Assert.Equal(3, Semantics.F32Ne(float.NaN, 0) + Semantics.BrF32NotLt(float.NaN, 1) + Semantics.BrF32NotLe(float.NaN, 1));
        Assert.Equal(1, Semantics.F32Eq(0f, -0f));
        Assert.Equal((0, 1), (Semantics.BrF32NotLt(1, 2), Semantics.BrF32NotLt(2, 2)));
        Assert.Equal((0, 1), (Semantics.BrF64NotLe(2, 2), Semantics.BrF64NotLe(3, 2)));
    }

    public static TheoryData<string, int, bool> Truncations => new()
    {
        { "I32Trunc{0}F64S", 32, true }, { "I32Trunc{0}F64U", 32, false }, { "I64Trunc{0}F64S", 64, true }, { "I64Trunc{0}F64U", 64, false },
        { "I32Trunc{0}F32S", 32, true }, { "I32Trunc{0}F32U", 32, false }, { "I64Trunc{0}F32S", 64, true }, { "I64Trunc{0}F32U", 64, false },
    };

    [Theory]
    [MemberData(nameof(Truncations))]
    public void Truncations_trap_or_saturate_outside_the_range(string pattern, int bits, bool signed)
    {
        Func<double, long> trapping = Unary(string.Format(null, pattern, "")), saturating = Unary(string.Format(null, pattern, "Sat"));
        BigInteger low = signed ? -(BigInteger.One << (bits - 1)) : 0, high = (BigInteger.One << (signed ? bits - 1 : bits)) - 1;
        bool narrow = pattern.Contains("F32");
        foreach (double edge in Edges)
        {
            double a = narrow ? (float)edge : edge;
            BigInteger? exact = double.IsFinite(a) ? new BigInteger(a) : null;
            bool fits = exact >= low && exact <= high;
            BigInteger clamped = double.IsNaN(a) ? 0 : fits ? exact!.Value : a > 0 ? high : low;
            long expected = bits == 32 ? (int)(uint)(clamped & uint.MaxValue) : (long)(ulong)(clamped & ulong.MaxValue);
            Assert.True(expected == saturating(a), $"{pattern} sat {a:r}");
            if (fits) Assert.True(expected == trapping(a), $"{pattern} {a:r}");
            else Assert.Equal(double.IsNaN(a) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow, Assert.Throws<GuestFault>(() => trapping(a)).Kind);
        }
    }

    [Fact]
    public void Integers_convert_to_the_nearest_float()
    {
        foreach (ulong bits in Bits)
        {
            long a = (long)bits;
            CheckNearest(a, Semantics.F64ConvertI64S(a), 1);
            CheckNearest(bits, Semantics.F64ConvertI64U(a), 1);
            CheckNearest(-(BigInteger)a, Semantics.F64ConvertI64S(unchecked(-a)), 1, skip: a == long.MinValue);
            CheckNearest(a, Semantics.F32ConvertI64S(a), 1 << 29);
            CheckNearest(bits, Semantics.F32ConvertI64U(a), 1 << 29);
            int word = (int)a;
            CheckNearest(word, Semantics.F32ConvertI32S(word), 1 << 29);
            CheckNearest((uint)word, Semantics.F32ConvertI32U(word), 1 << 29);
            Assert.Equal(word, (int)Semantics.F64ConvertI32S(word));
            Assert.Equal((uint)word, (uint)Semantics.F64ConvertI32U(word));
        }

        Assert.Equal(0u, SingleToUInt32Bits(Semantics.F32ConvertI64S(0)));
    }

    [Fact]
    public void Demotion_rounds_once_and_promotion_is_exact()
    {
        Assert.Equal(0x3f800000u, SingleToUInt32Bits(Semantics.F32DemoteF64(1 + Math.Pow(2, -24))));
        Assert.Equal(0x3f800001u, SingleToUInt32Bits(Semantics.F32DemoteF64(1 + Math.Pow(2, -24) + Math.Pow(2, -50))));
        Assert.Equal(float.PositiveInfinity, Semantics.F32DemoteF64(3.4028235677973366e38));
        Assert.Equal(1u << 31, SingleToUInt32Bits(Semantics.F32DemoteF64(-double.Epsilon)));
        Assert.Equal(1.0 / (1L << 40), Semantics.F64PromoteF32(1f / (1L << 40)));
    }

    // The bits of the f64 with the sign, quiet bit and payload of an f32.
    private static ulong Double(uint bits) => (bits & 0x7f800000) == 0x7f800000
        ? ((ulong)(bits & 0x80000000) << 32) | 0x7ff0000000000000 | ((ulong)(bits & 0x7fffff) << 29)
        : DoubleToUInt64Bits(UInt32BitsToSingle(bits));

    // Nearer to the exact number than, or as near as, its two neighbours at the precision; even where it's a tie.
    private static void CheckNearest(BigInteger exact, double result, long step, bool skip = false)
    {
        if (skip) return;
        long bits = DoubleToInt64Bits(result);
        Assert.Equal(0, bits % step);
        BigInteger error = BigInteger.Abs(new BigInteger(result) - exact);
        foreach (long neighbour in (long[])[bits - step, bits + step])
        {
            if (exact.IsZero) break;
            double other = Int64BitsToDouble(neighbour);
            BigInteger otherError = BigInteger.Abs(new BigInteger(other) - exact);
            bool even = bits / step % 2 == 0;
            Assert.True(error < otherError || (error == otherError && (even || error.IsZero)), $"{exact} -> {result:r}, nearer {other:r}");
        }
    }

    private static Func<double, long> Unary(string name)
    {
        var method = typeof(Semantics).GetMethod(name)!;
        bool wide = method.ReturnType == typeof(long);
        if (method.GetParameters()[0].ParameterType == typeof(double))
        {
            if (wide) return method.CreateDelegate<Func<double, long>>();
            var f = method.CreateDelegate<Func<double, int>>();
            return a => f(a);
        }

        if (wide)
        {
            var f = method.CreateDelegate<Func<float, long>>();
            return a => f((float)a);
        }

        var g = method.CreateDelegate<Func<float, int>>();
        return a => g((float)a);
    }
}
