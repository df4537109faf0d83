// String literals: checked once by the lexer (WatLexer), decoded where their bytes are needed. A string stands for any bytes;
// names, identifiers and annotation ids must besides be UTF-8, which their readers check.

using System.Text;

namespace Anneal.Wasm.Text;

internal static class WatString
{
    /// <summary>
    /// Reads one escape after a backslash at <paramref name="at"/> (the character after it) and appends its bytes.
    /// Returns the bytes taken, 0 when the escape is malformed.
    /// </summary>
    public static int Escape(ReadOnlySpan<byte> text, int at, WasmBytes? output)
    {
        if (at >= text.Length)
            return 0;
        byte single = text[at] switch
        {
            (byte)'t' => 9,
            (byte)'n' => 10,
            (byte)'r' => 13,
            (byte)'"' => (byte)'"',
            (byte)'\'' => (byte)'\'',
            (byte)'\\' => (byte)'\\',
            _ => 0,
        };
        if (single != 0)
        {
            output?.Byte(single);
            return 1;
        }
        if (text[at] == 'u')
            return UnicodeEscape(text, at, output);
        if (at + 1 >= text.Length || !char.IsAsciiHexDigit((char)text[at]) || !char.IsAsciiHexDigit((char)text[at + 1]))
            return 0;
        output?.Byte((byte)(WatNumber.HexDigit(text[at]) << 4 | WatNumber.HexDigit(text[at + 1])));
        return 2;
    }

    /// <summary>Appends the bytes that a checked string token (with its quotes) stands for.</summary>
    public static void Decode(ReadOnlySpan<byte> literal, WasmBytes output)
    {
        ReadOnlySpan<byte> rest = literal[1..^1];
        while (true)
        {
            int plain = rest.IndexOf((byte)'\\');
            if (plain < 0)
                break;
            output.Bytes(rest[..plain]);
            rest = rest[(plain + 1 + Escape(rest, plain + 1, output))..];
        }
        output.Bytes(rest);
    }

    private static int UnicodeEscape(ReadOnlySpan<byte> text, int at, WasmBytes? output)
    {
        if (at + 1 >= text.Length || text[at + 1] != '{')
            return 0;
        int close = text[at..].IndexOf((byte)'}');
        if (close < 0)
            return 0;
        ReadOnlySpan<byte> digits = text.Slice(at + 2, close - 2);
        if (!WatNumber.TryDigits(digits, hexadecimal: true, out ulong value, out bool overflow) || overflow
            || value > uint.MaxValue || !Rune.IsValid((uint)value))
            return 0;
        if (output is not null)
        {
            Span<byte> utf8 = stackalloc byte[4];
            output.Bytes(utf8[..new Rune((uint)value).EncodeToUtf8(utf8)]);
        }
        return close + 1;
    }
}
