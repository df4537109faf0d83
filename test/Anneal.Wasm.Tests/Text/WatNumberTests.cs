// Numeric literals: ranges, syntax, and correct rounding, against the runtime's arithmetic.

using System.Globalization;
using System.Text;
using Anneal.Wasm.Text;
using Xunit;

namespace Anneal.Wasm.Tests.Text;

public sealed class WatNumberTests
{
    [Theory]
    [InlineData("0", 32, 0UL)]
    [InlineData("+7", 32, 7UL)]
    [InlineData("1_000", 32, 1000UL)]
    [InlineData("0xffff_FFFF", 32, 0xFFFF_FFFFUL)]
    [InlineData("-1", 32, 0xFFFF_FFFFUL)]
    [InlineData("-2147483648", 32, 0x8000_0000UL)]
    [InlineData("-0x80", 8, 0x80UL)]
    [InlineData("255", 8, 0xFFUL)]
    [InlineData("18446744073709551615", 64, ulong.MaxValue)]
    [InlineData("-9223372036854775808", 64, 0x8000_0000_0000_0000UL)]
    [InlineData("-0", 64, 0UL)]
    public void An_integer_is_read(string text, int bits, ulong expected)
    {
        Assert.Equal(WatNumberStatus.Ok, WatNumber.Integer(Encoding.UTF8.GetBytes(text), bits, out ulong value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("4294967296", 32)]
    [InlineData("-2147483649", 32)]
    [InlineData("0x1_0000_0000", 32)]
    [InlineData("256", 8)]
    [InlineData("-129", 8)]
    [InlineData("18446744073709551616", 64)]
    [InlineData("99999999999999999999999999", 64)]
    [InlineData("-9223372036854775809", 64)]
    public void An_integer_out_of_range_is_told_apart(string text, int bits) =>
        Assert.Equal(WatNumberStatus.OutOfRange, WatNumber.Integer(Encoding.UTF8.GetBytes(text), bits, out _));

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("_1")]
    [InlineData("1_")]
    [InlineData("1__0")]
    [InlineData("0x")]
    [InlineData("0x_1")]
    [InlineData("0X1")]
    [InlineData("1a")]
    [InlineData("--1")]
    public void A_malformed_integer_is_refused(string text) =>
        Assert.Equal(WatNumberStatus.Malformed, WatNumber.Integer(Encoding.UTF8.GetBytes(text), 32, out _));

    [Theory]
    [InlineData(".5")]
    [InlineData("1._5")]
    [InlineData("1_.5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("0x1p")]
    [InlineData("0x.8")]
    [InlineData("1e0x1")]
    [InlineData("Inf")]
    [InlineData("infinity")]
    [InlineData("nan:1")]
    [InlineData("nan:0x")]
    [InlineData(" 1")]
    public void A_malformed_float_is_refused(string text) =>
        Assert.Equal(WatNumberStatus.Malformed, WatNumber.Float64(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("inf", 0x7F80_0000u)]
    [InlineData("-inf", 0xFF80_0000u)]
    [InlineData("nan", 0x7FC0_0000u)]
    [InlineData("-nan", 0xFFC0_0000u)]
    [InlineData("nan:0x1", 0x7F80_0001u)]
    [InlineData("+nan:0x7f_ffff", 0x7FFF_FFFFu)]
    [InlineData("-0", 0x8000_0000u)]
    [InlineData("-0x0p99999999999999999999", 0x8000_0000u)]
    [InlineData("1.", 0x3F80_0000u)]
    [InlineData("1_0.2_5e0_1", 0x42CD_0000u)]
    [InlineData("0x1.p-149", 1u)]
    [InlineData("0x1p-150", 0u)]
    [InlineData("0x1.000001p-150", 1u)]
    [InlineData("0x1.8p-149", 2u)]
    [InlineData("0x0.ffffffp-126", 0x0080_0000u)]
    [InlineData("0x1.fffffep127", 0x7F7F_FFFFu)]
    [InlineData("0x1.fffffefffffffp127", 0x7F7F_FFFFu)]
    [InlineData("0x1000001p0", 0x4B80_0000u)]
    [InlineData("0x1000001.00000000000000000000000001", 0x4B80_0001u)]
    [InlineData("0x1000003p0", 0x4B80_0002u)]
    [InlineData("1e-99999999999", 0u)]
    public void A_float32_is_rounded_once(string text, uint expected)
    {
        Assert.Equal(WatNumberStatus.Ok, WatNumber.Float32(Encoding.UTF8.GetBytes(text), out uint bits));
        Assert.Equal(expected, bits);
    }

    [Theory]
    [InlineData("0x1.ffffffp127")]
    [InlineData("0x1p128")]
    [InlineData("3.5e38")]
    [InlineData("1e99999999999")]
    [InlineData("0x1p99999999999999999999")]
    [InlineData("nan:0x0")]
    [InlineData("nan:0x80_0000")]
    public void A_float32_out_of_range_is_told_apart(string text) =>
        Assert.Equal(WatNumberStatus.OutOfRange, WatNumber.Float32(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void A_decimal_float_of_many_digits_is_rounded_once()
    {
        string zeros = new('0', 20_000);
        Assert.Equal(WatNumberStatus.Ok, WatNumber.Float64(Encoding.UTF8.GetBytes($"0.{zeros}1e20001"), out ulong bits));
        Assert.Equal(BitConverter.DoubleToUInt64Bits(1.0), bits);
        // Half way between two floats, and a hair above.
        string tie = "9007199254740993." + zeros;
        WatNumber.Float64(Encoding.UTF8.GetBytes(tie), out bits);
        Assert.Equal(BitConverter.DoubleToUInt64Bits(9007199254740992.0), bits);
        WatNumber.Float64(Encoding.UTF8.GetBytes(tie + "1"), out bits);
        Assert.Equal(BitConverter.DoubleToUInt64Bits(9007199254740994.0), bits);
    }

    [Fact]
    public void Hexadecimal_floats_agree_with_exact_doubles()
    {
        var random = new Random(20_261);
        for (int i = 0; i < 20_000; i++)
        {
            ulong bits = (ulong)random.NextInt64() ^ (ulong)random.NextInt64() << 1;
            double value = BitConverter.UInt64BitsToDouble(bits);
            if (!double.IsFinite(value))
                continue;
            ulong fraction = bits & 0xF_FFFF_FFFF_FFFF;
            int exponent = (int)(bits >> 52 & 0x7FF);
            string sign = bits >> 63 != 0 ? "-" : "";
            int leading = exponent == 0 ? 0 : 1, power = exponent == 0 ? -1022 : exponent - 1023;
            string text = string.Create(CultureInfo.InvariantCulture, $"{sign}0x{leading}.{fraction:x13}p{power}");
            Assert.Equal(WatNumberStatus.Ok, WatNumber.Float64(Encoding.UTF8.GetBytes(text), out ulong read));
            Assert.Equal(bits, read);

            // A double of that many bits rounds to float as the hardware rounds it.
            WatNumberStatus status = WatNumber.Float32(Encoding.UTF8.GetBytes(text), out uint narrow);
            float expected = (float)value;
            Assert.Equal(float.IsInfinity(expected) ? WatNumberStatus.OutOfRange : WatNumberStatus.Ok, status);
            if (status == WatNumberStatus.Ok)
                Assert.Equal(BitConverter.SingleToUInt32Bits(expected), narrow);
        }
    }

    [Fact]
    public void Float32_rounding_near_its_range_agrees_with_the_hardware()
    {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            int exponent = random.Next(-152, 129);
            ulong fraction = (ulong)random.NextInt64() & 0xF_FFFF_FFFF_FFFF;
            if ((i & 1) == 0)
                fraction &= 0xF_FFFF_F000_0000; // few bits, so that ties happen
            double value = BitConverter.UInt64BitsToDouble((ulong)(exponent + 1023) << 52 | fraction);
            string text = string.Create(CultureInfo.InvariantCulture, $"0x1.{fraction:x13}p{exponent}");
            WatNumber.Float32(Encoding.UTF8.GetBytes(text), out uint bits);
            Assert.Equal(BitConverter.SingleToUInt32Bits((float)value), bits);
        }
    }
}
