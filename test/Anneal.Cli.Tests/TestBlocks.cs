// Files in the pcapng format for tests, block by block, in either byte order.

using System.Buffers.Binary;

namespace Anneal.Cli.Tests;

internal sealed class TestBlocks(bool bigEndian)
{
    private readonly List<byte> file = [];

    public byte[] File => [.. file];

    public TestBlocks Section(ushort major = 1, uint order = 0x1A2B_3C4D) =>
        Block(0x0A0D_0D0A, Number(order), Short(major), Short(0), Number(uint.MaxValue), Number(uint.MaxValue));

    public TestBlocks Interface(ushort linkType = 1, uint snapLength = 0, params byte[][] options) =>
        Block(1, [Short(linkType), Short(0), Number(snapLength), .. options]);

    public byte[] Option(ushort code, params byte[] value) => [.. Short(code), .. Short((ushort)value.Length), .. Padded(value)];

    public TestBlocks Enhanced(uint number, ulong time, byte[] data, uint? captured = null, uint? original = null, byte[]? options = null) => Block(
        6, Number(number), Number((uint)(time >> 32)), Number((uint)time), Number(captured ?? (uint)data.Length), Number(original ?? (uint)data.Length), Padded(data), options ?? []);

    public TestBlocks Obsolete(ushort number, ulong time, byte[] data) => Block(
        2, Short(number), Short(3), Number((uint)(time >> 32)), Number((uint)time), Number((uint)data.Length), Number((uint)data.Length), Padded(data));

    public TestBlocks Simple(byte[] data, uint original) => Block(3, Number(original), Padded(data));

    public TestBlocks Block(uint type, params byte[][] parts)
    {
        byte[] body = [.. parts.SelectMany(part => part)];
        return Bytes(Number(type)).Bytes(Number((uint)body.Length + 12)).Bytes(body).Bytes(Number((uint)body.Length + 12));
    }

    public TestBlocks Bytes(byte[] bytes)
    {
        file.AddRange(bytes);
        return this;
    }

    /// <summary>Goes on in the other byte order.</summary>
    public TestBlocks Then(TestBlocks other) => Bytes(other.File);

    public byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        if (bigEndian) BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        else BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    public byte[] Short(ushort value)
    {
        byte[] bytes = new byte[2];
        if (bigEndian) BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        else BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[-bytes.Length & 3]];
}
