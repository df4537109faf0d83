// Prints a program's values by its format (FormatReader). Values that are pointers to text or to Internet addresses are followed only
// into memory that the run owns (RunContext.Readable): anything else is an empty text and an address of zeros, as in the kernel
// where the memory can't be read.

using System.Buffers.Text;
using Anneal.Ebpf.Runtime;
using Anneal.Ebpf.Verification;

namespace Anneal.Ebpf.Helpers;

/// <summary>Formats text from a program's format and values.</summary>
internal static class TextFormat
{
    // As much as the kernel has for all texts of a call.
    private const int MaxText = 512;

    /// <summary>Formats; false if the format isn't one, or there are fewer values than it names.</summary>
    public static bool TryFormat(RunContext run, ReadOnlySpan<byte> format, ReadOnlySpan<ulong> values, ref TextBuffer text)
    {
        if (values.Length > FormatReader.MaxValues) return false;
        var reader = new FormatReader(format);
        int used = 0;
        while (true)
        {
            switch (reader.Next(out FormatConversion conversion))
            {
                case FormatPiece.End:
                    return true;
                case FormatPiece.Literal:
                    text.Append(reader.Literal);
                    break;
                case FormatPiece.Conversion:
                    if (used == values.Length || run.StackBytesOf(used) == ProbedValues.Withheld) return false;
                    if (conversion.ReadsMemory) Follow(run, conversion, values[used], run.StackBytesOf(used), ref text);
                    else Number(conversion, values[used], ref text);
                    used++;
                    break;
                default:
                    return false;
            }
        }
    }

    private static void Follow(RunContext run, in FormatConversion conversion, ulong address, int stackBytes, ref TextBuffer text)
    {
        ReadOnlySpan<byte> memory = run.ReadableAt(address, stackBytes);
        if (conversion.Kind == FormatKind.Text)
        {
            int limit = Math.Min(MaxText, conversion.Precision < 0 ? MaxText : conversion.Precision);
            int end = memory[..Math.Min(limit, memory.Length)].IndexOf((byte)0);
            // A text that its memory doesn't end can't be read to its end.
            if (end < 0) end = memory.Length >= limit ? limit : 0;
            Pad(conversion, memory[..end], ref text);
            return;
        }

        bool six = conversion.Kind == FormatKind.Ipv6;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        int size = six ? 16 : 4;
        if (memory.Length >= size) memory[..size].CopyTo(bytes);
        Span<byte> shown = stackalloc byte[40];
        int count = 0;
        for (int i = 0; i < size; i++)
        {
            if (!conversion.IsPlainAddress && six && i != 0 && i % 2 == 0) shown[count++] = (byte)':';
            if (!six && i != 0) shown[count++] = (byte)'.';
            char shape = six ? 'x' : conversion.IsPlainAddress ? 'D' : 'G';
            byte precision = six ? (byte)2 : conversion.IsPlainAddress ? (byte)3 : System.Buffers.StandardFormat.NoPrecision;
            _ = Utf8Formatter.TryFormat(bytes[i], shown[count..], out int written, new System.Buffers.StandardFormat(shape, precision));
            count += written;
        }

        Pad(conversion, shown[..count], ref text);
    }

    private static void Number(in FormatConversion conversion, ulong value, ref TextBuffer text)
    {
        ulong low = conversion.Bits == 64 ? value : value & ((1ul << conversion.Bits) - 1);
        Span<byte> digits = stackalloc byte[32];
        int count = 0;
        switch (conversion.Kind)
        {
            case FormatKind.Signed:
                long signed = (long)(value << (64 - conversion.Bits)) >> (64 - conversion.Bits);
                if (signed >= 0 && (conversion.Plus || conversion.Space)) digits[count++] = (byte)(conversion.Plus ? '+' : ' ');
                Add(signed.TryFormat(digits[count..], out int written, default, System.Globalization.CultureInfo.InvariantCulture), written);
                break;
            case FormatKind.Unsigned:
                Add(low.TryFormat(digits, out written, default, System.Globalization.CultureInfo.InvariantCulture), written);
                break;
            case FormatKind.Hexadecimal or FormatKind.UpperHexadecimal or FormatKind.Symbol:
                bool upper = conversion.Kind == FormatKind.UpperHexadecimal;
                if (conversion.Alternate || conversion.Kind == FormatKind.Symbol)
                {
                    digits[count++] = (byte)'0';
                    digits[count++] = (byte)(upper ? 'X' : 'x');
                }

                Add(low.TryFormat(digits[count..], out written, upper ? "X" : "x"), written);
                break;
            case FormatKind.Octal:
                int places = low == 0 ? 1 : (64 - System.Numerics.BitOperations.LeadingZeroCount(low) + 2) / 3;
                for (int i = places - 1; i >= 0; i--) digits[count++] = (byte)('0' + (low >> (i * 3) & 7));
                break;
            case FormatKind.Character:
                digits[count++] = (byte)value;
                break;
            default:
                Add(value.TryFormat(digits, out written, "x16"), written);
                break;
        }

        Pad(conversion, digits[..count], ref text);

        void Add(bool done, int more) => count += done ? more : 0;
    }

    private static void Pad(in FormatConversion conversion, scoped ReadOnlySpan<byte> shown, ref TextBuffer text)
    {
        int missing = conversion.Width - shown.Length;
        if (conversion.Left)
        {
            text.Append(shown);
            text.Repeat((byte)' ', missing);
            return;
        }

        bool zeros = conversion.Zero && conversion.Kind <= FormatKind.Octal;
        int signs = zeros && shown[0] is (byte)'-' or (byte)'+' or (byte)' ' ? 1 : zeros && shown.Length > 1 && (shown[1] | 0x20) == 'x' ? 2 : 0;
        text.Append(shown[..signs]);
        text.Repeat((byte)(zeros ? '0' : ' '), missing);
        text.Append(shown[signs..]);
    }
}
