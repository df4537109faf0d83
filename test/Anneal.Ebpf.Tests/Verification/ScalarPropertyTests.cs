// The value domain at its real width: random abstract values around random members, biased to edges (powers of two and their
// neighbours, halves that sign-extend), so that every narrowing rule and every wrap is met. FsCheck prints what fails and shrinks it.

using Anneal.Ebpf.Verification;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Anneal.Ebpf.Tests.Verification;

public sealed class ScalarPropertyTests
{
    private const int Runs = 6_000;

    /// <summary>A number and an abstract value that contains it.</summary>
    public sealed record Sample(ulong Member, ulong Mask, ulong Below, ulong Above, ulong SignedBelow, ulong SignedAbove, uint LowBelow, uint LowAbove, int Parts)
    {
        internal Scalar Abstract()
        {
            Scalar s = Scalar.Unknown();
            if ((Parts & 1) != 0) s.Full.Bits = new Tnum(Member & ~Mask, Mask);
            if ((Parts & 2) != 0)
            {
                s.Full.UMin = Member - Math.Min(Below, Member);
                s.Full.UMax = Member + Math.Min(Above, ulong.MaxValue - Member);
            }

            if ((Parts & 4) != 0)
            {
                long signed = (long)Member;
                s.Full.SMin = (long)Member - (long)Math.Min(SignedBelow, (ulong)signed - (1UL << 63));
                s.Full.SMax = (long)Member + (long)Math.Min(SignedAbove, (1UL << 63) - 1 - (ulong)signed);
            }

            uint low = (uint)Member;
            if ((Parts & 8) != 0)
            {
                s.Low.UMin = low - Math.Min(LowBelow, low);
                s.Low.UMax = low + Math.Min(LowAbove, uint.MaxValue - low);
            }

            if ((Parts & 16) != 0)
            {
                s.Low.SMin = Math.Max((long)(int)low - LowAbove, int.MinValue);
                s.Low.SMax = Math.Min((long)(int)low + LowBelow, int.MaxValue);
            }

            Assert.True(s.Contains(Member));
            Assert.True(s.Narrow());
            Assert.True(s.Contains(Member), "narrowing lost a member");
            return s;
        }
    }

    private static readonly Gen<ulong> Edges =
        from bit in Gen.Choose(0, 64)
        from near in Gen.Choose(-2, 2)
        from negate in Gen.Choose(0, 1)
        let power = bit == 64 ? 0 : 1UL << bit
        select (negate == 1 ? ~power : power) + (ulong)(long)near;

    private static readonly Gen<ulong> Wild =
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select ((ulong)(uint)high << 32) | (uint)low;

    private static readonly Gen<ulong> Small = Gen.Choose(0, 70).Select(v => (ulong)v);

    private static readonly Gen<ulong> Number = Gen.Frequency((4, Edges), (2, Wild), (3, Small));

    private static readonly Gen<Sample> Samples =
        from member in Number
        from mask in Number
        from below in Number
        from above in Number
        from signedBelow in Number
        from signedAbove in Number
        from lowBelow in Number
        from lowAbove in Number
        from parts in Gen.Choose(0, 31)
        select new Sample(member, mask, below, above, signedBelow, signedAbove, (uint)lowBelow, (uint)lowAbove, parts);

    private static readonly Arbitrary<Sample> Any = Samples.ToArbitrary();

    private static Config Bounded => Config.QuickThrowOnFailure.WithMaxTest(Runs);

    public static TheoryData<string> Operations => [.. Enum.GetNames<ScalarOperation>()];

    public static TheoryData<string> Conditions => [.. Enum.GetNames<ScalarCondition>()];

    [Theory]
    [MemberData(nameof(Operations))]
    public void Operation_results_are_contained(string name)
    {
        var operation = Enum.Parse<ScalarOperation>(name);
        Prop.ForAll(Any, Any, (a, b) =>
        {
            Scalar x = a.Abstract(), y = b.Abstract();
            return Scalar.Apply(operation, x, y).Contains(Concrete64(operation, a.Member, b.Member))
                && Scalar.ApplyLow(operation, x, y).Contains(Concrete32(operation, (uint)a.Member, (uint)b.Member));
        }).Check(Bounded);
    }

    [Theory]
    [MemberData(nameof(Conditions))]
    public void Refinement_keeps_the_members_that_go_that_way(string name)
    {
        var condition = Enum.Parse<ScalarCondition>(name);
        Prop.ForAll(Any, Any, (a, b) =>
        {
            foreach (bool low in (bool[])[false, true])
            {
                Scalar x = a.Abstract(), y = b.Abstract();
                bool holds = low ? Concrete32(condition, (uint)a.Member, (uint)b.Member) : Concrete64(condition, a.Member, b.Member);
                if (!ScalarRefinement.Refine(condition, holds, ref x, ref y, low)) return false;
                if (!x.Contains(a.Member) || !y.Contains(b.Member)) return false;
            }

            return true;
        }).Check(Bounded);
    }

    [Fact]
    public void Conversions_are_contained()
    {
        Prop.ForAll(Any, a =>
        {
            Scalar x = a.Abstract();
            ulong v = a.Member;
            return Scalar.SignExtend(x, 8, 64).Contains((ulong)(sbyte)v) && Scalar.SignExtend(x, 16, 64).Contains((ulong)(short)v)
                && Scalar.SignExtend(x, 32, 64).Contains((ulong)(int)v) && Scalar.SignExtend(x, 8, 32).Contains((uint)(sbyte)v)
                && Scalar.SignExtend(x, 16, 32).Contains((uint)(short)v) && Scalar.ZeroExtendLow(x).Contains((uint)v)
                && Scalar.Truncate(x, 8).Contains((byte)v) && Scalar.Truncate(x, 16).Contains((ushort)v) && Scalar.Truncate(x, 32).Contains((uint)v)
                && Scalar.Negate(x, 64).Contains(0 - v) && Scalar.Negate(x, 32).Contains(0 - (uint)v)
                && Scalar.SwapBytes(x, 64).Contains(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(v))
                && Scalar.SwapBytes(x, 32).Contains(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((uint)v))
                && Scalar.SwapBytes(x, 16).Contains(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((ushort)v));
        }).Check(Bounded);
    }

    private static ulong Concrete64(ScalarOperation operation, ulong x, ulong y) => operation switch
    {
        ScalarOperation.Add => x + y,
        ScalarOperation.Subtract => x - y,
        ScalarOperation.Multiply => x * y,
        ScalarOperation.Divide => y == 0 ? 0 : x / y,
        ScalarOperation.Remainder => y == 0 ? x : x % y,
        ScalarOperation.SignedDivide => y == 0 ? 0 : y == ulong.MaxValue ? 0 - x : (ulong)((long)x / (long)y),
        ScalarOperation.SignedRemainder => y == 0 ? x : y == ulong.MaxValue ? 0 : (ulong)((long)x % (long)y),
        ScalarOperation.And => x & y,
        ScalarOperation.Or => x | y,
        ScalarOperation.Xor => x ^ y,
        ScalarOperation.ShiftLeft => x << (int)(y & 63),
        ScalarOperation.ShiftRight => x >> (int)(y & 63),
        ScalarOperation.ShiftRightArithmetic => (ulong)((long)x >> (int)(y & 63)),
        _ => throw new InvalidOperationException(),
    };

    private static uint Concrete32(ScalarOperation operation, uint x, uint y) => operation switch
    {
        ScalarOperation.Add => x + y,
        ScalarOperation.Subtract => x - y,
        ScalarOperation.Multiply => x * y,
        ScalarOperation.Divide => y == 0 ? 0 : x / y,
        ScalarOperation.Remainder => y == 0 ? x : x % y,
        ScalarOperation.SignedDivide => y == 0 ? 0 : y == uint.MaxValue ? 0 - x : (uint)((int)x / (int)y),
        ScalarOperation.SignedRemainder => y == 0 ? x : y == uint.MaxValue ? 0 : (uint)((int)x % (int)y),
        ScalarOperation.And => x & y,
        ScalarOperation.Or => x | y,
        ScalarOperation.Xor => x ^ y,
        ScalarOperation.ShiftLeft => x << (int)(y & 31),
        ScalarOperation.ShiftRight => x >> (int)(y & 31),
        ScalarOperation.ShiftRightArithmetic => (uint)((int)x >> (int)(y & 31)),
        _ => throw new InvalidOperationException(),
    };

    private static bool Concrete64(ScalarCondition condition, ulong x, ulong y) => condition switch
    {
        ScalarCondition.Equal => x == y,
        ScalarCondition.NotEqual => x != y,
        ScalarCondition.Greater => x > y,
        ScalarCondition.GreaterOrEqual => x >= y,
        ScalarCondition.Less => x < y,
        ScalarCondition.LessOrEqual => x <= y,
        ScalarCondition.SignedGreater => (long)x > (long)y,
        ScalarCondition.SignedGreaterOrEqual => (long)x >= (long)y,
        ScalarCondition.SignedLess => (long)x < (long)y,
        ScalarCondition.SignedLessOrEqual => (long)x <= (long)y,
        ScalarCondition.AnyBitSet => (x & y) != 0,
        ScalarCondition.NoBitSet => (x & y) == 0,
        _ => throw new InvalidOperationException(),
    };

    private static bool Concrete32(ScalarCondition condition, uint x, uint y) => condition switch
    {
        ScalarCondition.SignedGreater => (int)x > (int)y,
        ScalarCondition.SignedGreaterOrEqual => (int)x >= (int)y,
        ScalarCondition.SignedLess => (int)x < (int)y,
        ScalarCondition.SignedLessOrEqual => (int)x <= (int)y,
        _ => Concrete64(condition, x, y),
    };
}
