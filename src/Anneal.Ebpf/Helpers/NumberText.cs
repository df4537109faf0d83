using Anneal.Ebpf.Maps;

namespace Anneal.Ebpf.Helpers;

/// <summary>Numbers written in text, as strtol reads them.</summary>
internal static class NumberText
{
    /// <summary>Reads blanks, a sign and digits; the characters used, or a negative error number.</summary>
    /// <param name="text">The text; ends at a zero byte.</param>
    /// <param name="flags">The base, 8, 10 or 16; 0: by prefix.</param>
    /// <param name="negative">Whether there's a minus sign.</param>
    /// <param name="magnitude">The number without sign.</param>
    public static long Parse(ReadOnlySpan<byte> text, ulong flags, out bool negative, out ulong magnitude)
    {
        negative = false;
        magnitude = 0;
        ulong radix = flags;
        if (radix is not (0 or 8 or 10 or 16)) return MapError.Invalid;
        int at = 0;
        while (at < text.Length && text[at] is (byte)' ' or (>= 9 and <= 13)) at++;
        if (at < text.Length && text[at] is (byte)'-' or (byte)'+') negative = text[at++] == '-';
        bool hasPrefix = at + 2 < text.Length && text[at] == '0' && (text[at + 1] | 0x20) == 'x' && DigitOf(text[at + 2]) < 16;
        if (radix == 0) radix = hasPrefix ? 16u : at < text.Length && text[at] == '0' ? 8u : 10u;
        if (radix == 16 && hasPrefix) at += 2;
        int first = at;
        for (; at < text.Length && DigitOf(text[at]) < radix; at++)
        {
            UInt128 next = ((UInt128)magnitude * radix) + DigitOf(text[at]);
            if (next > ulong.MaxValue) return MapError.Range;
            magnitude = (ulong)next;
        }

        return at == first ? MapError.Invalid : at;
    }

    private static uint DigitOf(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - (uint)'0',
        >= (byte)'a' and <= (byte)'f' => character - (uint)'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - (uint)'A' + 10,
        _ => 255,
    };
}
