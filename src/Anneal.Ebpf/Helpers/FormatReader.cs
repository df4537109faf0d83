// Reads the formats that programs print with, piece by piece: for TextFormat, which prints them, and for the verifier, which must know
// which values are followed as pointers. The conversions are the kernel's for bpf_trace_printk and bpf_snprintf: d i u x X c with l and
// ll, s, p with K x s S B ks us i4 I4 i6 I6, width, flags 0 - + and blank. Beyond these: o, h, hh, #, and a precision for texts.

namespace Anneal.Ebpf.Helpers;

/// <summary>What comes next in a format.</summary>
internal enum FormatPiece
{
    /// <summary>Nothing.</summary>
    End,

    /// <summary>Characters that are printed as they are.</summary>
    Literal,

    /// <summary>A conversion.</summary>
    Conversion,

    /// <summary>Something that no format may have.</summary>
    Malformed,
}

/// <summary>Reads a format.</summary>
internal ref struct FormatReader(ReadOnlySpan<byte> format)
{
    /// <summary>The most values that a format may name.</summary>
    public const int MaxValues = 12;

    private const int MaxWidth = 512;
    private readonly ReadOnlySpan<byte> format = format;
    private int at;

    /// <summary>The characters, after a literal piece.</summary>
    public ReadOnlySpan<byte> Literal { get; private set; }

    /// <summary>Reads the next piece.</summary>
    public FormatPiece Next(out FormatConversion conversion)
    {
        conversion = default;
        if (at == format.Length) return FormatPiece.End;
        int start = at;
        while (at < format.Length && format[at] != '%')
        {
            if (!IsPrintable(format[at])) return FormatPiece.Malformed;
            at++;
        }

        if (at == start && At(1) == '%')
        {
            at += 2;
            Literal = format.Slice(start, 1);
            return FormatPiece.Literal;
        }

        if (at != start)
        {
            Literal = format[start..at];
            return FormatPiece.Literal;
        }

        at++;
        return Convert(ref conversion) ? FormatPiece.Conversion : FormatPiece.Malformed;
    }

    private readonly byte At(int distance) => at + distance < format.Length ? format[at + distance] : (byte)0;

    private static bool IsPrintable(byte character) => character is (>= 0x20 and < 0x7F) or (>= 9 and <= 13);

    // What may follow a text or a plain %p: no letter or digit, so that no other conversion begins like it.
    private readonly bool EndsHere(int distance) => !char.IsAsciiLetterOrDigit((char)At(distance));

    private bool Convert(ref FormatConversion conversion)
    {
        for (; At(0) is (byte)'0' or (byte)'-' or (byte)'#' or (byte)'+' or (byte)' '; at++)
        {
            conversion.Zero |= At(0) == '0';
            conversion.Left |= At(0) == '-';
            conversion.Alternate |= At(0) == '#';
            conversion.Plus |= At(0) == '+';
            conversion.Space |= At(0) == ' ';
        }

        if (!TryNumber(out conversion.Width)) return false;
        conversion.Precision = -1;
        if (At(0) == '.')
        {
            at++;
            if (!TryNumber(out conversion.Precision) || At(0) != 's') return false;
        }

        switch (At(0))
        {
            case (byte)'p':
                return Pointer(ref conversion);
            case (byte)'s':
                conversion.Kind = FormatKind.Text;
                at++;
                return EndsHere(0);
            case (byte)'c':
                conversion.Kind = FormatKind.Character;
                at++;
                return true;
        }

        conversion.Bits = Bits();
        FormatKind? kind = At(0) switch
        {
            (byte)'d' or (byte)'i' => FormatKind.Signed,
            (byte)'u' => FormatKind.Unsigned,
            (byte)'x' => FormatKind.Hexadecimal,
            (byte)'X' => FormatKind.UpperHexadecimal,
            (byte)'o' => FormatKind.Octal,
            _ => null,
        };
        if (kind is null) return false;
        conversion.Kind = kind.Value;
        at++;
        return true;
    }

    private bool TryNumber(out int number)
    {
        number = 0;
        for (; char.IsAsciiDigit((char)At(0)); at++)
        {
            number = (number * 10) + At(0) - '0';
            if (number > MaxWidth) return false;
        }

        return true;
    }

    private int Bits()
    {
        if (At(0) == 'l')
        {
            at += At(1) == 'l' ? 2 : 1;
            return 64;
        }

        if (At(0) != 'h') return 32;
        int bits = At(1) == 'h' ? 8 : 16;
        at += bits == 8 ? 2 : 1;
        return bits;
    }

    private bool Pointer(ref FormatConversion conversion)
    {
        conversion.Bits = 64;
        at++;
        switch (At(0))
        {
            case (byte)'k' or (byte)'u' when At(1) == 's':
                conversion.Kind = FormatKind.Text;
                at += 2;
                return EndsHere(0);
            case (byte)'K' or (byte)'x':
                conversion.Kind = FormatKind.Address;
                at++;
                return true;
            case (byte)'s' or (byte)'S' or (byte)'B':
                conversion.Kind = FormatKind.Symbol;
                at++;
                return true;
            case (byte)'i' or (byte)'I' when At(1) is (byte)'4' or (byte)'6':
                conversion.IsPlainAddress = At(0) == 'i';
                conversion.Kind = At(1) == '4' ? FormatKind.Ipv4 : FormatKind.Ipv6;
                at += 2;
                return true;
            default:
                conversion.Kind = FormatKind.Address;
                return EndsHere(0);
        }
    }
}
