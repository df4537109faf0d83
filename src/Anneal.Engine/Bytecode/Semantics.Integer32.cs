// 32-bit integers. Values are signed in C#; the unsigned ops cast. Shift counts are taken modulo 32, as C# does it too.

using System.Buffers.Binary;
using System.Numerics;

namespace Anneal.Bytecode;

internal static unsafe partial class Semantics
{
    public static int I32Add(int a, int b) => unchecked(a + b);

    public static int I32Sub(int a, int b) => unchecked(a - b);

    public static int I32Mul(int a, int b) => unchecked(a * b);

    public static int I32DivS(int a, int b)
    {
        if (b == 0) throw DivideByZero();
        if (a == int.MinValue && b == -1) throw Overflow();
        return a / b;
    }

    public static int I32DivU(int a, int b) => b == 0 ? throw DivideByZero() : (int)((uint)a / (uint)b);

    // The smallest number divided by -1 overflows; its remainder is 0 all the same.
    public static int I32RemS(int a, int b)
    {
        if (b == 0) throw DivideByZero();
        return b == -1 ? 0 : a % b;
    }

    public static int I32RemU(int a, int b) => b == 0 ? throw DivideByZero() : (int)((uint)a % (uint)b);

    public static int I32And(int a, int b) => a & b;

    public static int I32Or(int a, int b) => a | b;

    public static int I32Xor(int a, int b) => a ^ b;

    public static int I32Shl(int a, int b) => a << b;

    public static int I32ShrS(int a, int b) => a >> b;

    public static int I32ShrU(int a, int b) => a >>> b;

    public static int I32Rotl(int a, int b) => (int)BitOperations.RotateLeft((uint)a, b);

    public static int I32Rotr(int a, int b) => (int)BitOperations.RotateRight((uint)a, b);

    public static int I32Clz(int a) => BitOperations.LeadingZeroCount((uint)a);

    public static int I32Ctz(int a) => BitOperations.TrailingZeroCount(a);

    public static int I32Popcnt(int a) => BitOperations.PopCount((uint)a);

    public static int I32Eq(int a, int b) => Bit(a == b);

    public static int I32Ne(int a, int b) => Bit(a != b);

    public static int I32LtS(int a, int b) => Bit(a < b);

    public static int I32LtU(int a, int b) => Bit((uint)a < (uint)b);

    public static int I32GeS(int a, int b) => Bit(a >= b);

    public static int I32GeU(int a, int b) => Bit((uint)a >= (uint)b);

    public static int I32Extend8S(int a) => (sbyte)a;

    public static int I32Extend16S(int a) => (short)a;

    public static int I32QuotS(int a, int b) => b == 0 ? 0 : b == -1 ? unchecked(-a) : a / b;

    public static int I32QuotU(int a, int b) => b == 0 ? 0 : (int)((uint)a / (uint)b);

    public static int I32ModS(int a, int b) => b == 0 ? a : b == -1 ? 0 : a % b;

    public static int I32ModU(int a, int b) => b == 0 ? a : (int)((uint)a % (uint)b);

    public static int I32Bswap(int a) => BinaryPrimitives.ReverseEndianness(a);
}
