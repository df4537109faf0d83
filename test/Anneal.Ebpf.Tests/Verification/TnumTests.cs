using Anneal.Ebpf.Verification;
using Xunit;

namespace Anneal.Ebpf.Tests.Verification;

/// <summary>Known bits alone: all pairs of 4-bit descriptions against all members.</summary>
public sealed class TnumTests
{
    private static readonly Tnum[] All = [.. SmallWidth.Tnums()];

    public static TheoryData<string> Names => ["add", "subtract", "multiply", "and", "or", "xor", "union"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_concrete_result_is_contained(string name)
    {
        foreach (Tnum a in All)
        {
            foreach (Tnum b in All)
            {
                Tnum result = Apply(name, a, b).Truncate(4);
                Assert.True(result.IsWellFormed);
                for (ulong x = 0; x < 16; x++)
                {
                    for (ulong y = 0; y < 16; y++)
                    {
                        if (a.Contains(x) && b.Contains(y) && !result.Contains(Concrete(name, x, y) & 15)) Assert.Fail($"{name} {a} {b}: {x} {y} not in {result}");
                    }
                }
            }
        }
    }

    /// <summary>Addition, subtraction and the bitwise operations are not only sound but the best that known bits can say.</summary>
    [Theory]
    [InlineData("add")]
    [InlineData("subtract")]
    [InlineData("and")]
    [InlineData("or")]
    [InlineData("xor")]
    [InlineData("union")]
    public void Results_are_the_best_possible(string name)
    {
        foreach (Tnum a in All)
        {
            foreach (Tnum b in All)
            {
                ulong ones = ulong.MaxValue, any = 0;
                for (ulong x = 0; x < 16; x++)
                {
                    for (ulong y = 0; y < 16; y++)
                    {
                        if (!a.Contains(x) || !b.Contains(y)) continue;
                        ones &= Concrete(name, x, y) & 15;
                        any |= Concrete(name, x, y) & 15;
                        if (name == "union") (ones, any) = (ones & x & y, any | x | y);
                    }
                }

                Assert.Equal(new Tnum(ones, any & ~ones), Apply(name, a, b).Truncate(4));
            }
        }
    }

    [Fact]
    public void Range_contains_its_interval_and_intersection_what_both_contain()
    {
        for (ulong min = 0; min < 16; min++)
        {
            for (ulong max = min; max < 16; max++)
            {
                for (ulong x = min; x <= max; x++) Assert.True(Tnum.Range(min, max).Contains(x));
            }
        }

        foreach (Tnum a in All)
        {
            foreach (Tnum b in All)
            {
                bool any = Tnum.TryIntersect(a, b, out Tnum both), expected = false, inside = true;
                for (ulong x = 0; x < 16; x++)
                {
                    expected |= a.Contains(x) && b.Contains(x);
                    inside &= !b.Contains(x) || a.Contains(x);
                    if (any) Assert.Equal(a.Contains(x) && b.Contains(x), both.Contains(x));
                }

                Assert.Equal(expected, any);
                Assert.Equal(inside, a.Contains(b));
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void Byte_swaps_move_known_bits_with_their_bytes(int bits)
    {
        var random = new Random(bits);
        for (int round = 0; round < 10_000; round++)
        {
            ulong x = (ulong)random.NextInt64(), mask = (ulong)random.NextInt64() & (ulong)random.NextInt64();
            var a = new Tnum(x & ~mask, mask);
            ulong expected = 0;
            for (int i = 0; i < bits / 8; i++) expected |= (x >> (i * 8) & 0xFF) << (bits - 8 - (i * 8));
            Tnum swapped = a.SwapBytes(bits);
            Assert.True(swapped.Contains(expected));
            Assert.Equal(System.Numerics.BitOperations.PopCount(a.Truncate(bits).Mask), System.Numerics.BitOperations.PopCount(swapped.Mask));
        }
    }

    private static Tnum Apply(string name, Tnum a, Tnum b) => name switch
    {
        "add" => Tnum.Add(a, b),
        "subtract" => Tnum.Subtract(a, b),
        "multiply" => Tnum.Multiply(a, b),
        "and" => Tnum.And(a, b),
        "or" => Tnum.Or(a, b),
        "xor" => Tnum.Xor(a, b),
        _ => Tnum.Union(a, b),
    };

    private static ulong Concrete(string name, ulong x, ulong y) => name switch
    {
        "add" => x + y,
        "subtract" => x - y,
        "multiply" => x * y,
        "and" => x & y,
        "or" => x | y,
        "xor" => x ^ y,
        _ => x,
    };
}
