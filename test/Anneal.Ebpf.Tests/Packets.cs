// Packets for tests.

using System.Buffers.Binary;

namespace Anneal.Ebpf.Tests;

internal static class Packets
{
    /// <summary>An Ethernet frame with IPv4 and UDP.</summary>
    public static byte[] Udp(ushort port, int payload = 10, uint source = 0x0100000A, uint destination = 0x0200000A)
    {
        var packet = new byte[14 + 20 + 8 + payload];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12), 0x0800);
        packet[14] = 0x45;
        packet[23] = 17;
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(26), source);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(30), destination);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(36), port);
        for (int i = 42; i < packet.Length; i++) packet[i] = (byte)i;
        return packet;
    }
}
