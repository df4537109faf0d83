using System.Numerics;
using Anneal.Bytecode;
using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests;

/// <summary>Integer ops against unbounded integers.</summary>
public sealed class SemanticsIntegerTests
{
    private static readonly int[] Words =
        [0, 1, 2, 3, 7, 31, 32, 33, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 0x12345678, int.MaxValue, int.MinValue, int.MinValue + 1, -1, -2, -7, -128, -129, -32768, -32769];

    private static readonly long[] Longs =
        [.. Words.Select(w => (long)w), 1L << 32, (1L << 32) - 1, 0x123456789abcdef0, long.MaxValue, long.MinValue, long.MinValue + 1, -(1L << 32)];

    public static TheoryData<string> Binary => ["Add", "Sub", "Mul", "DivS", "DivU", "RemS", "RemU", "And", "Or", "Xor", "Shl", "ShrS", "ShrU", "Rotl", "Rotr", "Eq", "Ne", "LtS", "LtU", "GeS", "GeU"];

    [Theory]
    [MemberData(nameof(Binary))]
    public void I32_agrees_with_unbounded_integers(string op)
    {
        var method = typeof(Semantics).GetMethod("I32" + op)!.CreateDelegate<Func<int, int, int>>();
        foreach (int a in Words)
        {
            foreach (int b in Words)
            {
                (BigInteger value, TrapKind? trap) = Expected(op, 32, a, b);
                if (trap is { } kind) Assert.Equal(kind, Assert.Throws<GuestFault>(() => method(a, b)).Kind);
                else Assert.True((int)(uint)(value & uint.MaxValue) == method(a, b), $"{op} {a} {b}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Binary))]
    public void I64_agrees_with_unbounded_integers(string op)
    {
        var type = typeof(Semantics).GetMethod("I64" + op)!;
        Func<long, long, long> method = type.ReturnType == typeof(int)
            ? Widen(type.CreateDelegate<Func<long, long, int>>())
            : type.CreateDelegate<Func<long, long, long>>();
        foreach (long a in Longs)
        {
            foreach (long b in Longs)
            {
                (BigInteger value, TrapKind? trap) = Expected(op, 64, a, b);
                if (trap is { } kind) Assert.Equal(kind, Assert.Throws<GuestFault>(() => method(a, b)).Kind);
                else Assert.True((long)(ulong)(value & ulong.MaxValue) == method(a, b), $"{op} {a} {b}");
            }
        }
    }

    [Fact]
    public void Bit_counts_and_extensions()
    {
        foreach (int a in Words)
        {
            string bits = Convert.ToString(a, 2).PadLeft(32, '0');
            Assert.Equal(bits.Contains('1') ? bits.IndexOf('1') : 32, Semantics.I32Clz(a));
            Assert.Equal(bits.Contains('1') ? 31 - bits.LastIndexOf('1') : 32, Semantics.I32Ctz(a));
            Assert.Equal(bits.Count(c => c == '1'), Semantics.I32Popcnt(a));
            Assert.Equal((int)Signed(a, 8), Semantics.I32Extend8S(a));
            Assert.Equal((int)Signed(a, 16), Semantics.I32Extend16S(a));
            Assert.Equal(a, Semantics.I64ExtendI32S(a));
            Assert.Equal((long)Unsigned(a, 32), Semantics.I64ExtendI32U(a));
        }

        foreach (long a in Longs)
        {
            string bits = Convert.ToString(a, 2).PadLeft(64, '0');
            Assert.Equal(bits.Contains('1') ? bits.IndexOf('1') : 64, Semantics.I64Clz(a));
            Assert.Equal(bits.Contains('1') ? 63 - bits.LastIndexOf('1') : 64, Semantics.I64Ctz(a));
            Assert.Equal(bits.Count(c => c == '1'), Semantics.I64Popcnt(a));
            Assert.Equal((long)Signed(a, 8), Semantics.I64Extend8S(a));
            Assert.Equal((long)Signed(a, 16), Semantics.I64Extend16S(a));
            Assert.Equal((long)Signed(a, 32), Semantics.I64Extend32S(a));
            Assert.Equal((int)Signed(a, 32), Semantics.I32WrapI64(a));
        }
    }

    private static Func<long, long, long> Widen(Func<long, long, int> compare) => (a, b) => compare(a, b);

    private static BigInteger Unsigned(BigInteger value, int bits) => value & ((BigInteger.One << bits) - 1);

    private static BigInteger Signed(BigInteger value, int bits)
    {
        BigInteger low = Unsigned(value, bits);
        return low >> (bits - 1) == 1 ? low - (BigInteger.One << bits) : low;
    }

    private static (BigInteger Value, TrapKind? Trap) Expected(string op, int bits, BigInteger a, BigInteger b)
    {
        BigInteger ua = Unsigned(a, bits), ub = Unsigned(b, bits);
        int count = (int)(ub % bits);
        if (op is "DivS" or "DivU" or "RemS" or "RemU" && b == 0) return (0, TrapKind.IntegerDivideByZero);
        if (op == "DivS" && a == -(BigInteger.One << (bits - 1)) && b == -1) return (0, TrapKind.IntegerOverflow);
        BigInteger value = op switch
        {
            "Add" => a + b,
            "Sub" => a - b,
            "Mul" => a * b,
            "DivS" => BigInteger.Divide(a, b),
            "DivU" => BigInteger.Divide(ua, ub),
            "RemS" => BigInteger.Remainder(a, b),
            "RemU" => BigInteger.Remainder(ua, ub),
            "And" => a & b,
            "Or" => a | b,
            "Xor" => a ^ b,
            "Shl" => a << count,
            "ShrS" => a >> count,
            "ShrU" => ua >> count,
            "Rotl" => (ua << count) | (ua >> (bits - count)),
            "Rotr" => (ua >> count) | (ua << (bits - count)),
            "Eq" => a == b ? 1 : 0,
            "Ne" => a != b ? 1 : 0,
            "LtS" => a < b ? 1 : 0,
            "LtU" => ua < ub ? 1 : 0,
            "GeS" => a >= b ? 1 : 0,
            "GeU" => ua >= ub ? 1 : 0,
            _ => throw new ArgumentException(op),
        };
        return (value, null);
    }
}
