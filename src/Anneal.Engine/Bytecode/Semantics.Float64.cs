// 64-bit floats. The rules for NaNs stand at the head of Semantics.cs.

using static System.BitConverter;

namespace Anneal.Bytecode;

internal static unsafe partial class Semantics
{
    private const ulong F64Sign = 0x8000_0000_0000_0000;
    private const ulong F64Quiet = 0x0008_0000_0000_0000;
    private const ulong F64Invalid = 0xfff8_0000_0000_0000;

    public static double F64Add(double a, double b) => Settle(a, b, a + b);

    public static double F64Sub(double a, double b) => Settle(a, b, a - b);

    public static double F64Mul(double a, double b) => Settle(a, b, a * b);

    public static double F64Div(double a, double b) => Settle(a, b, a / b);

    // Of zeros of both signs the minimum is the negative one: the sign is set if it's set in either.
    public static double F64Min(double a, double b)
    {
        if (double.IsNaN(a) || double.IsNaN(b)) return Settle(a, b, double.NaN);
        if (a == b) return UInt64BitsToDouble(DoubleToUInt64Bits(a) | DoubleToUInt64Bits(b));
        return a < b ? a : b;
    }

    public static double F64Max(double a, double b)
    {
        if (double.IsNaN(a) || double.IsNaN(b)) return Settle(a, b, double.NaN);
        if (a == b) return UInt64BitsToDouble(DoubleToUInt64Bits(a) & DoubleToUInt64Bits(b));
        return a > b ? a : b;
    }

    public static double F64Copysign(double a, double b) => 
        UInt64BitsToDouble((DoubleToUInt64Bits(a) & ~F64Sign) | (DoubleToUInt64Bits(b) & F64Sign));

    public static double F64Abs(double a) => UInt64BitsToDouble(DoubleToUInt64Bits(a) & ~F64Sign);

    public static double F64Neg(double a) => UInt64BitsToDouble(DoubleToUInt64Bits(a) ^ F64Sign);

    public static double F64Ceil(double a) => Settle(a, a, Math.Ceiling(a));

    public static double F64Floor(double a) => Settle(a, a, Math.Floor(a));

    public static double F64Trunc(double a) => Settle(a, a, Math.Truncate(a));

    public static double F64Nearest(double a) => Settle(a, a, Math.Round(a, MidpointRounding.ToEven));

    public static double F64Sqrt(double a) => Settle(a, a, Math.Sqrt(a));

    public static int F64Eq(double a, double b) => Bit(a == b);

    public static int F64Ne(double a, double b) => Bit(a != b);

    public static int F64Lt(double a, double b) => Bit(a < b);

    public static int F64Le(double a, double b) => Bit(a <= b);

    // A comparison with a NaN is false, so "not less" isn't "greater or equal".
    public static int BrF64NotLt(double a, double b) => Bit(!(a < b));

    public static int BrF64NotLe(double a, double b) => Bit(!(a <= b));

    // The result of an operation on a and b, if it's a NaN the one that the rules name.
    private static double Settle(double a, double b, double result)
    {
        if (!double.IsNaN(result)) return result;
        if (double.IsNaN(a)) return UInt64BitsToDouble(DoubleToUInt64Bits(a) | F64Quiet);
        if (double.IsNaN(b)) return UInt64BitsToDouble(DoubleToUInt64Bits(b) | F64Quiet);
        return UInt64BitsToDouble(F64Invalid);
    }
}
