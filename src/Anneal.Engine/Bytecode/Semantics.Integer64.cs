// 64-bit integers. Values are signed in C#; the unsigned ops cast. Shift counts are taken modulo 64, as C# does it too.

using System.Buffers.Binary;
using System.Numerics;

namespace Anneal.Bytecode;

internal static unsafe partial class Semantics
{
    public static long I64Add(long a, long b) => unchecked(a + b);

    public static long I64Sub(long a, long b) => unchecked(a - b);

    public static long I64Mul(long a, long b) => unchecked(a * b);

    public static long I64DivS(long a, long b)
    {
        if (b == 0) throw DivideByZero();
        if (a == long.MinValue && b == -1) throw Overflow();
        return a / b;
    }

    public static long I64DivU(long a, long b) => b == 0 ? throw DivideByZero() : (long)((ulong)a / (ulong)b);

    // The smallest number divided by -1 overflows; its remainder is 0 all the same.
    public static long I64RemS(long a, long b)
    {
        if (b == 0) throw DivideByZero();
        return b == -1 ? 0 : a % b;
    }

    public static long I64RemU(long a, long b) => b == 0 ? throw DivideByZero() : (long)((ulong)a % (ulong)b);

    public static long I64And(long a, long b) => a & b;

    public static long I64Or(long a, long b) => a | b;

    public static long I64Xor(long a, long b) => a ^ b;

    public static long I64Shl(long a, long b) => a << (int)b;

    public static long I64ShrS(long a, long b) => a >> (int)b;

    public static long I64ShrU(long a, long b) => a >>> (int)b;

    public static long I64Rotl(long a, long b) => (long)BitOperations.RotateLeft((ulong)a, (int)b);

    public static long I64Rotr(long a, long b) => (long)BitOperations.RotateRight((ulong)a, (int)b);

    public static long I64Clz(long a) => BitOperations.LeadingZeroCount((ulong)a);

    public static long I64Ctz(long a) => BitOperations.TrailingZeroCount(a);

    public static long I64Popcnt(long a) => BitOperations.PopCount((ulong)a);

    public static int I64Eq(long a, long b) => Bit(a == b);

    public static int I64Ne(long a, long b) => Bit(a != b);

    public static int I64LtS(long a, long b) => Bit(a < b);

    public static int I64LtU(long a, long b) => Bit((ulong)a < (ulong)b);

    public static int I64GeS(long a, long b) => Bit(a >= b);

    public static int I64GeU(long a, long b) => Bit((ulong)a >= (ulong)b);

    public static long I64Extend8S(long a) => (sbyte)a;

    public static long I64Extend16S(long a) => (short)a;

    public static long I64Extend32S(long a) => (int)a;

    public static long I64QuotS(long a, long b) => b == 0 ? 0 : b == -1 ? unchecked(-a) : a / b;

    public static long I64QuotU(long a, long b) => b == 0 ? 0 : (long)((ulong)a / (ulong)b);

    public static long I64ModS(long a, long b) => b == 0 ? a : b == -1 ? 0 : a % b;

    public static long I64ModU(long a, long b) => b == 0 ? a : (long)((ulong)a % (ulong)b);

    public static long I64Bswap(long a) => BinaryPrimitives.ReverseEndianness(a);
}
