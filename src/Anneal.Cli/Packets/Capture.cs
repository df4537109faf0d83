// Captures in the classic pcap format, of either byte order, with micro- or nanoseconds. A file is hostile: each length is checked
// against what is left of it.

using System.Buffers.Binary;

namespace Anneal.Cli.Packets;

/// <summary>The packets of a pcap file.</summary>
internal sealed class Capture
{
    private const uint Microseconds = 0xA1B2_C3D4;
    private const uint Nanoseconds = 0xA1B2_3C4D;
    private const uint NextGeneration = 0x0A0D_0D0A;
    private const int FileHeader = 24;
    private const int PacketHeader = 16;

    /// <summary>The most bytes of a packet; what is longer isn't a packet of any network.</summary>
    private const uint MaxPacket = 1 << 20;

    private Capture(uint magic, uint snapLength, uint linkType, List<Packet> packets)
    {
        Magic = magic;
        SnapLength = snapLength;
        LinkType = linkType;
        Packets = packets;
    }

    /// <summary>The packets in their order.</summary>
    public IReadOnlyList<Packet> Packets { get; }

    /// <summary>What a packet begins with, as a number of the format; 1 for Ethernet.</summary>
    public uint LinkType { get; }

    private uint Magic { get; }

    private uint SnapLength { get; }

    /// <summary>A capture of packets that come from no file.</summary>
    public static Capture Of(IEnumerable<byte[]> packets) =>
        new(Microseconds, 1 << 18, 1, [.. packets.Select(data => new Packet(0, 0, (uint)data.Length, data))]);

    /// <summary>Whether a file begins as any kind of capture does.</summary>
    public static bool IsOne(ReadOnlySpan<byte> file)
    {
        if (file.Length < sizeof(uint)) return false;
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(file);
        return magic is Microseconds or Nanoseconds or NextGeneration || BinaryPrimitives.ReverseEndianness(magic) is Microseconds or Nanoseconds;
    }

    /// <summary>Reads a capture.</summary>
    /// <exception cref="CommandFailedException">It isn't one, or is damaged.</exception>
    public static Capture Parse(ReadOnlySpan<byte> file, string path)
    {
        if (file.Length < FileHeader) throw Damaged(path, 0, "too short for a pcap file");
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(file);
        if (magic == NextGeneration) throw Damaged(path, 0, "a pcapng file; only the classic pcap format is read (editcap -F pcap converts it)");
        bool swapped = magic is not (Microseconds or Nanoseconds);
        if (swapped) magic = BinaryPrimitives.ReverseEndianness(magic);
        if (magic is not (Microseconds or Nanoseconds)) throw Damaged(path, 0, "not a pcap file");
        var packets = new List<Packet>();
        int position = FileHeader;
        while (position < file.Length)
        {
            if (file.Length - position < PacketHeader) throw Damaged(path, position, "it ends inside a packet's header");
            uint captured = Number(file, position + 8, swapped);
            if (captured > MaxPacket) throw Damaged(path, position, $"a packet of {captured} bytes");
            if (captured > file.Length - position - PacketHeader) throw Damaged(path, position, $"it ends inside a packet of {captured} bytes");
            packets.Add(new Packet(
                Number(file, position, swapped),
                Number(file, position + 4, swapped),
                Number(file, position + 12, swapped),
                file.Slice(position + PacketHeader, (int)captured).ToArray()));
            position += PacketHeader + (int)captured;
        }

        return new Capture(magic, Number(file, 16, swapped), Number(file, 20, swapped), packets);
    }

    /// <summary>This capture with other packets.</summary>
    public Capture With(List<Packet> packets) => new(Magic, SnapLength, LinkType, packets);

    /// <summary>Writes the capture, in this machine's usual byte order.</summary>
    public void Write(Stream output)
    {
        Span<byte> header = stackalloc byte[FileHeader];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        uint longest = SnapLength;
        foreach (Packet packet in Packets) longest = Math.Max(longest, (uint)packet.Data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], longest);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], LinkType);
        output.Write(header);
        foreach (Packet packet in Packets)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header, packet.Seconds);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], packet.Fraction);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], packet.Data.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[12..], packet.OriginalLength);
            output.Write(header[..PacketHeader]);
            output.Write(packet.Data);
        }
    }

    private static uint Number(ReadOnlySpan<byte> file, int offset, bool swapped)
    {
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(file[offset..]);
        return swapped ? BinaryPrimitives.ReverseEndianness(number) : number;
    }

    private static CommandFailedException Damaged(string path, int offset, string what) => new($"{path}: byte {offset}: {what}");
}
