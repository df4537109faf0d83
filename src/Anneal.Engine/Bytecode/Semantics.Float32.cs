// 32-bit floats. The rules for NaNs stand at the head of Semantics.cs.

using static System.BitConverter;

namespace Anneal.Bytecode;

internal static unsafe partial class Semantics
{
    private const uint F32Sign = 0x8000_0000;
    private const uint F32Quiet = 0x0040_0000;
    private const uint F32Invalid = 0xffc0_0000;

    public static float F32Add(float a, float b) => Settle(a, b, a + b);

    public static float F32Sub(float a, float b) => Settle(a, b, a - b);

    public static float F32Mul(float a, float b) => Settle(a, b, a * b);

    public static float F32Div(float a, float b) => Settle(a, b, a / b);

    // Of zeros of both signs the minimum is the negative one: the sign is set if it's set in either.
    public static float F32Min(float a, float b)
    {
        if (float.IsNaN(a) || float.IsNaN(b)) return Settle(a, b, float.NaN);
        if (a == b) return UInt32BitsToSingle(SingleToUInt32Bits(a) | SingleToUInt32Bits(b));
        return a < b ? a : b;
    }

    public static float F32Max(float a, float b)
    {
        if (float.IsNaN(a) || float.IsNaN(b)) return Settle(a, b, float.NaN);
        if (a == b) return UInt32BitsToSingle(SingleToUInt32Bits(a) & SingleToUInt32Bits(b));
        return a > b ? a : b;
    }

    public static float F32Copysign(float a, float b) => 
        UInt32BitsToSingle((SingleToUInt32Bits(a) & ~F32Sign) | (SingleToUInt32Bits(b) & F32Sign));

    public static float F32Abs(float a) => UInt32BitsToSingle(SingleToUInt32Bits(a) & ~F32Sign);

    public static float F32Neg(float a) => UInt32BitsToSingle(SingleToUInt32Bits(a) ^ F32Sign);

    public static float F32Ceil(float a) => Settle(a, a, MathF.Ceiling(a));

    public static float F32Floor(float a) => Settle(a, a, MathF.Floor(a));

    public static float F32Trunc(float a) => Settle(a, a, MathF.Truncate(a));

    public static float F32Nearest(float a) => Settle(a, a, MathF.Round(a, MidpointRounding.ToEven));

    public static float F32Sqrt(float a) => Settle(a, a, MathF.Sqrt(a));

    public static int F32Eq(float a, float b) => Bit(a == b);

    public static int F32Ne(float a, float b) => Bit(a != b);

    public static int F32Lt(float a, float b) => Bit(a < b);

    public static int F32Le(float a, float b) => Bit(a <= b);

    // A comparison with a NaN is false, so "not less" isn't "greater or equal".
    public static int BrF32NotLt(float a, float b) => Bit(!(a < b));

    public static int BrF32NotLe(float a, float b) => Bit(!(a <= b));

    // The result of an operation on a and b, if it's a NaN the one that the rules name.
    private static float Settle(float a, float b, float result)
    {
        if (!float.IsNaN(result)) return result;
        if (float.IsNaN(a)) return UInt32BitsToSingle(SingleToUInt32Bits(a) | F32Quiet);
        if (float.IsNaN(b)) return UInt32BitsToSingle(SingleToUInt32Bits(b) | F32Quiet);
        return UInt32BitsToSingle(F32Invalid);
    }
}
