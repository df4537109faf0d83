// Variable-length integers of the binary format (section 5.2.2). The specification bounds both their length and the value
// of unused bits in the last byte; both are checked here and nowhere else. Callers inline the one-byte case.

namespace Anneal.Wasm.Binary;

/// <summary>Reads LEB128 numbers; every read stays below <c>end</c>.</summary>
internal static class Leb128
{
    /// <summary>Reads an unsigned number of up to 32 bits.</summary>
    public static uint ReadUnsigned32(ReadOnlySpan<byte> bytes, ref int position, int end) =>
        (uint)ReadUnsigned(bytes, ref position, end, 32);

    /// <summary>Reads an unsigned number of up to 64 bits.</summary>
    public static ulong ReadUnsigned64(ReadOnlySpan<byte> bytes, ref int position, int end) =>
        ReadUnsigned(bytes, ref position, end, 64);

    /// <summary>Reads a signed number of up to 32 bits.</summary>
    public static int ReadSigned32(ReadOnlySpan<byte> bytes, ref int position, int end) =>
        (int)ReadSigned(bytes, ref position, end, 32);

    /// <summary>Reads a signed number of up to 33 bits: block and heap types.</summary>
    public static long ReadSigned33(ReadOnlySpan<byte> bytes, ref int position, int end) =>
        ReadSigned(bytes, ref position, end, 33);

    /// <summary>Reads a signed number of up to 64 bits.</summary>
    public static long ReadSigned64(ReadOnlySpan<byte> bytes, ref int position, int end) =>
        ReadSigned(bytes, ref position, end, 64);

    private static ulong ReadUnsigned(ReadOnlySpan<byte> bytes, ref int position, int end, int width)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = Next(bytes, ref position, end);
            value |= (ulong)(next & 0x7F) << shift;
            int left = width - shift;
            if (left <= 7)
            {
                // The last byte that may come: no continuation, and no bits beyond the width.
                if (next >= 0x80) throw TooLong(position - 1);
                if (next >> left != 0) throw TooLarge(position - 1);
                return value;
            }

            if (next < 0x80) return value;
        }
    }

    private static long ReadSigned(ReadOnlySpan<byte> bytes, ref int position, int end, int width)
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = Next(bytes, ref position, end);
            value |= (long)(next & 0x7F) << shift;
            int left = width - shift;
            if (left <= 7)
            {
                if (next >= 0x80) throw TooLong(position - 1);

                // Bits from the sign bit up must all be equal: shift the 7 bits, sign-extended, down to the sign.
                int sign = (sbyte)(next << 1) >> left;
                if (sign is not 0 and not -1) throw TooLarge(position - 1);
                int unused = 64 - width;
                return (value << unused) >> unused;
            }

            if (next < 0x80)
            {
                int unused = 64 - shift - 7;
                return (value << unused) >> unused;
            }
        }
    }

    private static byte Next(ReadOnlySpan<byte> bytes, ref int position, int end)
    {
        if ((uint)position >= (uint)end) throw new MalformedModuleException("unexpected end", position);
        return bytes[position++];
    }

    private static MalformedModuleException TooLong(int position) => new("integer representation too long", position);

    private static MalformedModuleException TooLarge(int position) => new("integer too large", position);
}
