// Reads one line of assembler text, token by token.

using System.Globalization;

namespace Anneal.Ebpf.Assembly;

/// <summary>A position in a line.</summary>
internal ref struct TextCursor
{
    private readonly int line;
    private ReadOnlySpan<char> rest;

    public TextCursor(ReadOnlySpan<char> text, int line)
    {
        this.line = line;
        rest = text.Trim();
    }

    public readonly int Line => line;

    public readonly bool IsAtEnd => rest.IsEmpty;

    public readonly ReadOnlySpan<char> Rest => rest;

    /// <summary>The next character that isn't blank; 0 at the end.</summary>
    public readonly char Peek => rest.IsEmpty ? '\0' : rest[0];

    /// <summary>Takes a piece of text if it's next.</summary>
    public bool Take(ReadOnlySpan<char> text)
    {
        if (!rest.StartsWith(text, StringComparison.Ordinal)) return false;
        Advance(text.Length);
        return true;
    }

    /// <summary>Takes a word if it's next and ends there.</summary>
    public bool TakeWord(ReadOnlySpan<char> word)
    {
        if (!rest.StartsWith(word, StringComparison.Ordinal) || (rest.Length > word.Length && IsWordPart(rest[word.Length]))) return false;
        Advance(word.Length);
        return true;
    }

    /// <summary>Takes a piece of text that must be next.</summary>
    public void Expect(ReadOnlySpan<char> text)
    {
        if (!Take(text)) throw Error($"'{text}' expected before '{rest}'");
    }

    /// <summary>Takes a word: letters, digits, '_', '.' and '$'.</summary>
    public ReadOnlySpan<char> Word()
    {
        int length = 0;
        while (length < rest.Length && IsWordPart(rest[length])) length++;
        if (length == 0) throw Error($"a word expected before '{rest}'");
        ReadOnlySpan<char> word = rest[..length];
        Advance(length);
        return word;
    }

    /// <summary>Takes a number, if one is next: decimal or 0x…, with or without sign.</summary>
    public bool TryNumber(out long value)
    {
        ReadOnlySpan<char> from = rest;
        bool negative = Take("-");
        if (!negative) Take("+");
        int length = 0;
        while (length < rest.Length && char.IsAsciiLetterOrDigit(rest[length])) length++;
        ReadOnlySpan<char> digits = rest[..length];
        ulong magnitude = 0;
        bool isNumber = length > 0 && char.IsAsciiDigit(digits[0]) && (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out magnitude)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out magnitude));
        value = unchecked(negative ? -(long)magnitude : (long)magnitude);
        if (!isNumber)
        {
            rest = from;
            return false;
        }

        Advance(length);
        return true;
    }

    /// <summary>Takes a number.</summary>
    public long Number() => TryNumber(out long value) ? value : throw Error($"a number expected before '{rest}'");

    /// <summary>Takes a number of 32 bits, signed or unsigned.</summary>
    public int Immediate()
    {
        long value = Number();
        if (value is < int.MinValue or > uint.MaxValue && (ulong)value < 0xFFFF_FFFF_8000_0000) throw Error($"{value} isn't a number of 32 bits");
        return (int)value;
    }

    /// <summary>Takes a number of 16 bits.</summary>
    public short Offset()
    {
        long value = Number();
        return value == (short)value ? (short)value : throw Error($"{value} isn't a signed number of 16 bits");
    }

    /// <summary>Nothing may follow.</summary>
    public readonly void End()
    {
        if (!rest.IsEmpty) throw Error($"'{rest}' is too much");
    }

    public readonly AssemblyException Error(string message) => new(line, message);

    private void Advance(int characters) => rest = rest[characters..].TrimStart();

    private static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '$';
}
