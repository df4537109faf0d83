// Numeric literals: integers of any width up to 64 bits, and floats with exactly one rounding (to nearest, ties to even).
// Decimal floats go through the runtime's parser, which is correctly rounded for any number of digits once the underscores
// are out; hexadecimal floats are rounded here, from a 64-bit significand and a sticky bit.

using System.Globalization;
using System.Numerics;

namespace Anneal.Wasm.Text;

internal enum WatNumberStatus : byte { Ok, Malformed, OutOfRange }

internal static class WatNumber
{
    public static int HexDigit(byte c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

    /// <summary>Digits with single underscores between them. False when that is not what stands there.</summary>
    public static bool TryDigits(ReadOnlySpan<byte> text, bool hexadecimal, out ulong value, out bool overflow)
    {
        value = 0;
        overflow = false;
        bool digitBefore = false;
        foreach (byte c in text)
        {
            if (c == '_' && digitBefore)
            {
                digitBefore = false;
                continue;
            }
            if (hexadecimal ? !char.IsAsciiHexDigit((char)c) : !char.IsAsciiDigit((char)c))
                return false;
            digitBefore = true;
            ulong digit = (ulong)HexDigit(c);
            if (hexadecimal)
            {
                overflow |= value >> 60 != 0;
                value = value << 4 | digit;
            }
            else
            {
                ulong high = Math.BigMul(value, 10, out ulong low);
                overflow |= high != 0 || low > ulong.MaxValue - digit;
                value = low + digit;
            }
        }
        return digitBefore;
    }

    /// <summary>An unsigned integer without a sign.</summary>
    public static WatNumberStatus Unsigned(ReadOnlySpan<byte> text, ulong largest, out ulong value)
    {
        bool hexadecimal = TakeHexPrefix(ref text);
        if (!TryDigits(text, hexadecimal, out value, out bool overflow))
            return WatNumberStatus.Malformed;
        return overflow || value > largest ? WatNumberStatus.OutOfRange : WatNumberStatus.Ok;
    }

    /// <summary>An integer of 8 to 64 bits, signed or not; the value is its two's complement in that many bits.</summary>
    public static WatNumberStatus Integer(ReadOnlySpan<byte> text, int bits, out ulong value)
    {
        bool negative = TakeSign(ref text);
        ulong largest = ulong.MaxValue >> (64 - bits);
        WatNumberStatus status = Unsigned(text, negative ? 1UL << (bits - 1) : largest, out value);
        if (negative)
            value = (0 - value) & largest;
        return status;
    }

    public static WatNumberStatus Float32(ReadOnlySpan<byte> text, out uint bits)
    {
        WatNumberStatus status = Float(text, 23, 8, out ulong wide);
        bits = (uint)wide;
        return status;
    }

    public static WatNumberStatus Float64(ReadOnlySpan<byte> text, out ulong bits) => Float(text, 52, 11, out bits);

    private static WatNumberStatus Float(ReadOnlySpan<byte> text, int fractionBits, int exponentBits, out ulong bits)
    {
        ulong sign = TakeSign(ref text) ? 1UL << (fractionBits + exponentBits) : 0;
        ulong infinity = ((1UL << exponentBits) - 1) << fractionBits;
        WatNumberStatus status = WatNumberStatus.Ok;
        if (text.SequenceEqual("inf"u8))
            bits = infinity;
        else if (text.SequenceEqual("nan"u8))
            bits = infinity | 1UL << (fractionBits - 1);
        else if (text.StartsWith("nan:0x"u8))
        {
            status = Unsigned(text[4..], (1UL << fractionBits) - 1, out ulong payload);
            if (status == WatNumberStatus.Ok && payload == 0)
                status = WatNumberStatus.OutOfRange;
            bits = infinity | payload;
        }
        else
        {
            bool hexadecimal = TakeHexPrefix(ref text);
            bits = 0;
            if (!IsFloat(text, hexadecimal, out int point, out int exponent))
                return WatNumberStatus.Malformed;
            bits = hexadecimal
                ? HexFloat(text, point, exponent, fractionBits, infinity)
                : DecimalFloat(text, fractionBits);
            if (bits == infinity)
                status = WatNumberStatus.OutOfRange;
        }
        bits |= sign;
        return status;
    }

    private static bool TakeSign(ref ReadOnlySpan<byte> text)
    {
        if (text.Length == 0 || text[0] is not ((byte)'-' or (byte)'+'))
            return false;
        bool negative = text[0] == '-';
        text = text[1..];
        return negative;
    }

    private static bool TakeHexPrefix(ref ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("0x"u8))
            return false;
        text = text[2..];
        return true;
    }

    // digits, then optionally a point and optional digits, then optionally an exponent; the two positions are -1 when absent.
    private static bool IsFloat(ReadOnlySpan<byte> text, bool hexadecimal, out int point, out int exponent)
    {
        exponent = hexadecimal ? text.IndexOfAny((byte)'p', (byte)'P') : text.IndexOfAny((byte)'e', (byte)'E');
        ReadOnlySpan<byte> significand = exponent < 0 ? text : text[..exponent];
        point = significand.IndexOf((byte)'.');
        ReadOnlySpan<byte> integer = point < 0 ? significand : significand[..point];
        if (!TryDigits(integer, hexadecimal, out _, out _))
            return false;
        if (point >= 0 && point + 1 < significand.Length && !TryDigits(significand[(point + 1)..], hexadecimal, out _, out _))
            return false;
        if (exponent < 0)
            return true;
        ReadOnlySpan<byte> power = text[(exponent + 1)..];
        TakeSign(ref power);
        return TryDigits(power, hexadecimal: false, out _, out _);
    }

    private static ulong DecimalFloat(ReadOnlySpan<byte> text, int fractionBits)
    {
        byte[]? large = text.Length <= 256 ? null : new byte[text.Length];
        Span<byte> clean = large ?? stackalloc byte[256];
        int length = 0;
        foreach (byte c in text)
        {
            if (c != '_')
                clean[length++] = c;
        }
        // The runtime's parser caps exponents that do not fit 32 bits as overflow or underflow, which is what they are.
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return fractionBits == 23
            ? BitConverter.SingleToUInt32Bits(float.Parse(clean[..length], style, CultureInfo.InvariantCulture))
            : BitConverter.DoubleToUInt64Bits(double.Parse(clean[..length], style, CultureInfo.InvariantCulture));
    }

    private static ulong HexFloat(ReadOnlySpan<byte> text, int point, int exponent, int fractionBits, ulong infinity)
    {
        ReadOnlySpan<byte> significand = exponent < 0 ? text : text[..exponent];
        ulong value = 0;
        bool sticky = false;
        long scale = 0; // the literal is value × 2^scale, a little more when sticky
        for (int i = 0; i < significand.Length; i++)
        {
            if (significand[i] is (byte)'_' or (byte)'.')
                continue;
            bool fraction = point >= 0 && i > point;
            ulong digit = (ulong)HexDigit(significand[i]);
            if (value >> 60 == 0)
            {
                value = value << 4 | digit;
                scale -= fraction ? 4 : 0;
            }
            else
            {
                sticky |= digit != 0;
                scale += fraction ? 0 : 4;
            }
        }
        if (value == 0)
            return 0;
        if (exponent >= 0)
        {
            ReadOnlySpan<byte> power = text[(exponent + 1)..];
            bool negative = TakeSign(ref power);
            TryDigits(power, hexadecimal: false, out ulong magnitude, out bool overflow);
            long bounded = overflow ? long.MaxValue / 4 : (long)Math.Min(magnitude, long.MaxValue / 4);
            scale += negative ? -bounded : bounded;
        }
        return Round(value, scale, sticky, fractionBits, infinity);
    }

    // value × 2^scale to the nearest float, ties to even; value is not zero.
    private static ulong Round(ulong value, long scale, bool sticky, int fractionBits, ulong infinity)
    {
        int zeros = BitOperations.LeadingZeroCount(value);
        value <<= zeros;
        long power = scale - zeros + 63; // of the leading bit
        long bias = (long)(infinity >> (fractionBits + 1));
        if (power > bias)
            return infinity;
        long biased = power + bias;
        long drop = 63 - fractionBits + (biased < 1 ? 1 - biased : 0);
        if (drop > 64)
            return 0;
        ulong kept = drop == 64 ? 0 : value >> (int)drop;
        ulong half = 1UL << (int)(drop - 1);
        ulong remainder = value & (half | (half - 1));
        if (remainder > half || (remainder == half && (sticky || (kept & 1) != 0)))
            kept++;
        // A carry out of the fraction, from subnormal to normal or into the next power, lands in the exponent as it should.
        return biased < 1 ? kept : kept + ((ulong)(biased - 1) << fractionBits);
    }
}
