// Packets and captures for tests, made by hand: what is in a test's capture stands in the test.

using System.Buffers.Binary;

namespace Anneal.Cli.Tests;

internal static class TestCapture
{
    /// <summary>An Ethernet frame with IPv4 and a TCP header without options, and some bytes behind it.</summary>
    public static byte[] Tcp(ushort port, int payload = 6, byte protocol = 6)
    {
        byte[] packet = new byte[14 + 20 + 20 + payload];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12), 0x0800);
        packet[14] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(16), (ushort)(packet.Length - 14));
        packet[22] = 64;
        packet[23] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(26), 0x0A00_0001);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(30), 0x0A00_0002);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(34), 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(36), port);
        packet[46] = 0x50;
        return packet;
    }

    /// <summary>A pcap file; packet i was captured in second i.</summary>
    public static byte[] File(bool bigEndian, params byte[][] packets)
    {
        var file = new MemoryStream();
        void Number(uint value)
        {
            byte[] bytes = new byte[4];
            if (bigEndian) BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
            else BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            file.Write(bytes);
        }

        Number(0xA1B2_C3D4);
        Number(bigEndian ? 0x0002_0004u : 0x0004_0002u);
        Number(0);
        Number(0);
        Number(65_535);
        Number(1);
        for (int i = 0; i < packets.Length; i++)
        {
            Number((uint)i);
            Number(0);
            Number((uint)packets[i].Length);
            Number((uint)packets[i].Length);
            file.Write(packets[i]);
        }

        return file.ToArray();
    }
}
