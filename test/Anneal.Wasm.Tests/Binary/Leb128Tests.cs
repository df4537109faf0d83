using Anneal.Wasm.Binary;
using Xunit;

namespace Anneal.Wasm.Tests.Binary;

public sealed class Leb128Tests
{
    [Theory]
    [InlineData("00", 0u)]
    [InlineData("7F", 127u)]
    [InlineData("8001", 128u)]
    [InlineData("8000", 0u)]
    [InlineData("FFFFFFFF0F", uint.MaxValue)]
    [InlineData("8080808000", 0u)]
    public void Reads_unsigned_32(string hex, uint expected)
    {
        byte[] bytes = Convert.FromHexString(hex);
        int position = 0;
        Assert.Equal(expected, Leb128.ReadUnsigned32(bytes, ref position, bytes.Length));
        Assert.Equal(bytes.Length, position);
    }

    [Theory]
    [InlineData("00", 0)]
    [InlineData("7F", -1)]
    [InlineData("3F", 63)]
    [InlineData("40", -64)]
    [InlineData("FF00", 127)]
    [InlineData("8080808078", int.MinValue)]
    [InlineData("FFFFFFFF07", int.MaxValue)]
    [InlineData("FFFFFFFF7F", -1)]
    public void Reads_signed_32(string hex, int expected)
    {
        byte[] bytes = Convert.FromHexString(hex);
        int position = 0;
        Assert.Equal(expected, Leb128.ReadSigned32(bytes, ref position, bytes.Length));
        Assert.Equal(bytes.Length, position);
    }

    [Theory]
    [InlineData("8080808080808080807F", long.MinValue)]
    [InlineData("FFFFFFFFFFFFFFFFFF00", long.MaxValue)]
    [InlineData("7F", -1L)]
    public void Reads_signed_64(string hex, long expected)
    {
        byte[] bytes = Convert.FromHexString(hex);
        int position = 0;
        Assert.Equal(expected, Leb128.ReadSigned64(bytes, ref position, bytes.Length));
    }

    [Theory]
    [InlineData("FFFFFFFF0F", 4294967295L)]
    [InlineData("808080807 0", -4294967296L)]
    [InlineData("00", 0L)]
    public void Reads_signed_33(string hex, long expected)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        int position = 0;
        Assert.Equal(expected, Leb128.ReadSigned33(bytes, ref position, bytes.Length));
    }

    [Theory]
    [InlineData("", "unexpected end")]
    [InlineData("80", "unexpected end")]
    [InlineData("8080808080", "integer representation too long")]
    [InlineData("8080808010", "integer too large")]
    [InlineData("FFFFFFFF1F", "integer too large")]
    public void Refuses_unsigned_32(string hex, string message)
    {
        byte[] bytes = Convert.FromHexString(hex);
        int position = 0;
        var fault = Assert.Throws<MalformedModuleException>(() => Leb128.ReadUnsigned32(bytes, ref position, bytes.Length));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8080808008", "integer too large")]
    [InlineData("FFFFFFFF0F", "integer too large")]
    [InlineData("FFFFFFFF4F", "integer too large")]
    [InlineData("FFFFFFFFFF", "integer representation too long")]
    public void Refuses_signed_32(string hex, string message)
    {
        byte[] bytes = Convert.FromHexString(hex);
        int position = 0;
        var fault = Assert.Throws<MalformedModuleException>(() => Leb128.ReadSigned32(bytes, ref position, bytes.Length));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_32_bit_pattern_of_the_last_byte_is_read_as_the_definition_says()
    {
        // The fifth byte carries bits 28 to 34: for a signed number, bits 31 to 34 must be equal.
        for (int last = 0; last < 128; last++)
        {
            byte[] bytes = [0x81, 0x82, 0x83, 0x84, (byte)last];
            long wide = 1L | (2L << 7) | (3L << 14) | (4L << 21) | ((long)last << 28);
            int position = 0;
            long signed = (wide << 29) >> 29;
            if (signed is >= int.MinValue and <= int.MaxValue) Assert.Equal((int)signed, Leb128.ReadSigned32(bytes, ref position, 5));
            else Assert.Throws<MalformedModuleException>(() => Leb128.ReadSigned32(bytes, ref position, 5));

            position = 0;
            if (wide <= uint.MaxValue) Assert.Equal((uint)wide, Leb128.ReadUnsigned32(bytes, ref position, 5));
            else Assert.Throws<MalformedModuleException>(() => Leb128.ReadUnsigned32(bytes, ref position, 5));
        }
    }
}
