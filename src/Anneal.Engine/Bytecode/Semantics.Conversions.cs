// Conversions between the value types. Every f32 is exactly an f64, so the conversions to integers are stated for f64 only.

using Anneal.Runtime;
using static System.BitConverter;

namespace Anneal.Bytecode;

internal static unsafe partial class Semantics
{
    // The bounds, all exact: a float converts if it lies strictly between (below: or is) them once its fraction is cut off.
    private const double TwoTo31 = 2147483648.0;
    private const double TwoTo32 = 4294967296.0;
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;
    private const int LongFractionBits = 52, ShortFractionBits = 23;

    public static int I32WrapI64(long a) => (int)a;

    public static long I64ExtendI32S(int a) => a;

    public static long I64ExtendI32U(int a) => (uint)a;

    public static int I32TruncF32S(float a) => I32TruncF64S(a);

    public static int I32TruncF64S(double a) => a is > -TwoTo31 - 1 and < TwoTo31 ? (int)a : throw Inconvertible(a);

    public static int I32TruncSatF32S(float a) => I32TruncSatF64S(a);

    public static int I32TruncSatF64S(double a) =>
        a is > -TwoTo31 - 1 and < TwoTo31 ? (int)a : double.IsNaN(a) ? 0 : a > 0 ? int.MaxValue : int.MinValue;

    public static int I32TruncF32U(float a) => I32TruncF64U(a);

    public static int I32TruncF64U(double a) => a is > -1 and < TwoTo32 ? (int)(uint)a : throw Inconvertible(a);

    public static int I32TruncSatF32U(float a) => I32TruncSatF64U(a);

    public static int I32TruncSatF64U(double a) =>
        a is > -1 and < TwoTo32 ? (int)(uint)a : double.IsNaN(a) ? 0 : a > 0 ? -1 : 0;

    public static long I64TruncF32S(float a) => I64TruncF64S(a);

    public static long I64TruncF64S(double a) => a is >= -TwoTo63 and < TwoTo63 ? (long)a : throw Inconvertible(a);

    public static long I64TruncSatF32S(float a) => I64TruncSatF64S(a);

    public static long I64TruncSatF64S(double a) =>
        a is >= -TwoTo63 and < TwoTo63 ? (long)a : double.IsNaN(a) ? 0 : a > 0 ? long.MaxValue : long.MinValue;

    public static long I64TruncF32U(float a) => I64TruncF64U(a);

    public static long I64TruncF64U(double a) => a is > -1 and < TwoTo64 ? (long)(ulong)a : throw Inconvertible(a);

    public static long I64TruncSatF32U(float a) => I64TruncSatF64U(a);

    public static long I64TruncSatF64U(double a) =>
        a is > -1 and < TwoTo64 ? (long)(ulong)a : double.IsNaN(a) ? 0 : a > 0 ? -1 : 0;

    public static float F32ConvertI32S(int a) => (float)(double)a;

    public static float F32ConvertI32U(int a) => (float)(double)(uint)a;

    public static float F32ConvertI64S(long a) => a < 0 ? -Nearest((ulong)-a) : Nearest((ulong)a);

    public static float F32ConvertI64U(long a) => Nearest((ulong)a);

    public static double F64ConvertI32S(int a) => a;

    public static double F64ConvertI32U(int a) => (uint)a;

    public static double F64ConvertI64S(long a) => a;

    // Where the number has 64 bits it is halved first; the bit that falls out stays as a sticky one, for the rounding.
    public static double F64ConvertI64U(long a) => a >= 0 ? a : (double)((a >>> 1) | (a & 1)) * 2;

    public static float F32DemoteF64(double a)
    {
        if (!double.IsNaN(a)) return (float)a;
        ulong bits = DoubleToUInt64Bits(a);
        uint payload = (uint)(bits >> (LongFractionBits - ShortFractionBits)) & (F32Quiet - 1);
        return UInt32BitsToSingle(((uint)(bits >> 32) & F32Sign) | (F32Invalid & ~F32Sign) | payload);
    }

    public static double F64PromoteF32(float a)
    {
        if (!float.IsNaN(a)) return a;
        uint bits = SingleToUInt32Bits(a);
        ulong payload = (ulong)(bits & (F32Quiet - 1)) << (LongFractionBits - ShortFractionBits);
        return UInt64BitsToDouble(((ulong)(bits & F32Sign) << 32) | (F64Invalid & ~F64Sign) | payload);
    }

    public static int I32ReinterpretF32(float a) => SingleToInt32Bits(a);

    public static long I64ReinterpretF64(double a) => DoubleToInt64Bits(a);

    public static float F32ReinterpretI32(int a) => Int32BitsToSingle(a);

    public static double F64ReinterpretI64(long a) => Int64BitsToDouble(a);

    private static GuestFault Inconvertible(double a) =>
        new(double.IsNaN(a) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow);

    // Rounds once. By way of f64 a large number would be rounded twice, so its low bits are made one sticky bit first: 53
    // bits hold the rest exactly.
    private static float Nearest(ulong a)
    {
        const int dropped = 64 - LongFractionBits - 1;
        const ulong low = (1UL << dropped) - 1;
        if (a >> (LongFractionBits + 1) == 0) return (float)(double)a;
        ulong sticky = (a >> dropped) | ((a & low) != 0 ? 1UL : 0);
        return (float)(double)sticky * (1 << dropped);
    }
}
