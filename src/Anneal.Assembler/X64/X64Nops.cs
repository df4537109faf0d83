namespace Anneal.Assembler;

/// <summary>The multi-byte no-ops that processors decode as one instruction each.</summary>
internal static class X64Nops
{
    private const int Longest = 9;

    /// <summary>Fills the bytes with as few no-ops as possible.</summary>
    public static void Fill(Span<byte> bytes)
    {
        while (bytes.Length > Longest)
        {
            Row(Longest).CopyTo(bytes);
            bytes = bytes[Longest..];
        }
        Row(bytes.Length).CopyTo(bytes);
    }

    private static ReadOnlySpan<byte> Row(int length) => length switch
    {
        0 => [],
        1 => [0x90],
        2 => [0x66, 0x90],
        3 => [0x0F, 0x1F, 0x00],
        4 => [0x0F, 0x1F, 0x40, 0x00],
        5 => [0x0F, 0x1F, 0x44, 0x00, 0x00],
        6 => [0x66, 0x0F, 0x1F, 0x44, 0x00, 0x00],
        7 => [0x0F, 0x1F, 0x80, 0x00, 0x00, 0x00, 0x00],
        8 => [0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
        _ => [0x66, 0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    };
}
