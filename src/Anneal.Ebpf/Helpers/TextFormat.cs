// The formats that programs print with: %d %i %u %x %X %o %c %p with l, ll, h, hh, width and flags, and %%. Pointers to text (%s)
// aren't followed: a verified program may pass any number there.

using System.Globalization;
using System.Text;

namespace Anneal.Ebpf.Helpers;

/// <summary>Formats text from a program's format and numbers.</summary>
internal static class TextFormat
{
    private const int MaxWidth = 512;

    /// <summary>Formats; false if the format isn't supported or there are fewer numbers than it names.</summary>
    public static bool TryFormat(ReadOnlySpan<byte> format, ReadOnlySpan<ulong> values, out string text)
    {
        var result = new StringBuilder();
        text = "";
        int used = 0;
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                result.Append((char)format[at]);
                continue;
            }

            if (++at == format.Length) return false;
            if (format[at] == '%')
            {
                result.Append('%');
                continue;
            }

            if (used == values.Length || !TryOne(format, ref at, values[used++], result)) return false;
        }

        text = result.ToString();
        return true;
    }

    private static bool TryOne(ReadOnlySpan<byte> format, ref int at, ulong value, StringBuilder result)
    {
        bool zero = false, left = false, alternate = false, plus = false;
        for (; at < format.Length && format[at] is (byte)'0' or (byte)'-' or (byte)'#' or (byte)'+' or (byte)' '; at++)
        {
            zero |= format[at] == '0';
            left |= format[at] == '-';
            alternate |= format[at] == '#';
            plus |= format[at] == '+';
        }

        int width = 0;
        for (; at < format.Length && char.IsAsciiDigit((char)format[at]); at++)
        {
            width = (width * 10) + format[at] - '0';
            if (width > MaxWidth) return false;
        }

        int bits = 32;
        if (at < format.Length && format[at] == 'l')
        {
            bits = 64;
            at++;
            if (at < format.Length && format[at] == 'l') at++;
        }
        else if (at < format.Length && format[at] == 'h')
        {
            bits = 16;
            at++;
            if (at < format.Length && format[at] == 'h')
            {
                bits = 8;
                at++;
            }
        }

        if (at == format.Length) return false;
        string digits;
        ulong low = bits == 64 ? value : value & ((1ul << bits) - 1);
        switch ((char)format[at])
        {
            case 'd' or 'i':
                long signed = (long)(value << (64 - bits)) >> (64 - bits);
                digits = signed.ToString(CultureInfo.InvariantCulture);
                if (plus && signed >= 0) digits = "+" + digits;
                break;
            case 'u': digits = low.ToString(CultureInfo.InvariantCulture); break;
            case 'x': digits = (alternate ? "0x" : "") + low.ToString("x", CultureInfo.InvariantCulture); break;
            case 'X': digits = (alternate ? "0X" : "") + low.ToString("X", CultureInfo.InvariantCulture); break;
            case 'o': digits = Octal(low); break;
            case 'c': digits = ((char)(byte)value).ToString(); break;
            case 'p': digits = value.ToString("x16", CultureInfo.InvariantCulture); break;
            default: return false;
        }

        if (left) digits = digits.PadRight(width);
        else if (zero && digits[0] is '-' or '+') digits = digits[0] + digits[1..].PadLeft(width - 1, '0');
        else digits = digits.PadLeft(width, zero ? '0' : ' ');
        result.Append(digits);
        return true;
    }

    private static string Octal(ulong value)
    {
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, (char)('0' + (value & 7)));
            value >>= 3;
        }
        while (value != 0);
        return digits.ToString();
    }
}
