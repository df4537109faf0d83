// Captures: packets with their times and what they begin with. Files in the classic pcap format are read here, of either byte order,
// with micro- or nanoseconds; those in the pcapng format by BlockReader. What is written is always classic. A file is
// hostile: each length is checked against what is left of it.

using System.Buffers.Binary;

namespace Anneal.Cli.Packets;

/// <summary>The packets of capture files.</summary>
internal sealed class Capture(bool hasNanoseconds, uint snapLength, uint linkType, IReadOnlyList<Packet> packets)
{
    /// <summary>The most bytes of a packet; what is longer isn't a packet of any network.</summary>
    public const uint MaxPacket = 1 << 20;

    /// <summary>What files say that don't limit how much is captured of a packet.</summary>
    public const uint NoSnapLength = 1 << 18;

    /// <summary>The link type of Ethernet.</summary>
    public const uint Ethernet = 1;

    private const uint Microsecond = 0xA1B2_C3D4;
    private const uint Nanosecond = 0xA1B2_3C4D;
    private const int FileHeader = 24;
    private const int PacketHeader = 16;
    private const ulong NanosecondsInMicrosecond = 1_000;
    private const ulong NanosecondsInSecond = 1_000_000_000;

    /// <summary>The packets in their order.</summary>
    public IReadOnlyList<Packet> Packets => packets;

    /// <summary>What a packet begins with, as a number of the format; 1 for Ethernet.</summary>
    public uint LinkType => linkType;

    /// <summary>A capture of packets that come from no file.</summary>
    public static Capture Of(IEnumerable<byte[]> packets) =>
        new(false, NoSnapLength, Ethernet, [.. packets.Select(data => new Packet(0, 0, (uint)data.Length, data))]);

    /// <summary>Captures one behind the other, in one; all of the same link type.</summary>
    public static Capture Join(List<Capture> captures) => new(
        captures.Exists(capture => capture.HasNanoseconds),
        captures.Max(capture => capture.SnapLength),
        captures[0].LinkType,
        [.. captures.SelectMany(capture => capture.Packets)]);

    /// <summary>Reads a capture of either format.</summary>
    /// <exception cref="CommandFailedException">It isn't one, or is damaged.</exception>
    public static Capture Parse(ReadOnlySpan<byte> file, string path)
    {
        if (file.IsEmpty) throw new CommandFailedException($"{path}: an empty file, where a capture (pcap or pcapng) is wanted");
        uint magic = file.Length < sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(file);
        if (magic == BlockReader.SectionHeader) return new BlockReader(file, path).Read();
        bool swapped = magic is not (Microsecond or Nanosecond);
        if (swapped) magic = BinaryPrimitives.ReverseEndianness(magic);
        if (magic is not (Microsecond or Nanosecond)) throw new CommandFailedException($"{path}: no capture: it begins neither as pcap nor as pcapng files do");
        if (file.Length < FileHeader) throw Damaged(path, 0, "too short for a pcap file");
        ulong unit = magic == Nanosecond ? 1 : NanosecondsInMicrosecond;
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
                Number(file, position + 4, swapped) * unit,
                Number(file, position + 12, swapped),
                file.Slice(position + PacketHeader, (int)captured).ToArray()));
            position += PacketHeader + (int)captured;
        }

        return new Capture(magic == Nanosecond, Number(file, 16, swapped), Number(file, 20, swapped), packets);
    }

    /// <summary>The message for a damaged file.</summary>
    public static CommandFailedException Damaged(string path, int offset, string what) => new($"{path}: byte {offset}: {what}");

    /// <summary>This capture with other packets.</summary>
    public Capture With(List<Packet> packets) => new(HasNanoseconds, SnapLength, LinkType, packets);

    /// <summary>Writes the capture in the classic format, in this machine's usual byte order.</summary>
    public void Write(Stream output)
    {
        Span<byte> header = stackalloc byte[FileHeader];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, HasNanoseconds ? Nanosecond : Microsecond);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        uint longest = SnapLength;
        foreach (Packet packet in Packets) longest = Math.Max(longest, (uint)packet.Data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], longest);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], LinkType);
        output.Write(header);
        foreach (Packet packet in Packets)
        {
            // Microseconds always fit; more nanoseconds than a second has needn't.
            bool fits = packet.Nanoseconds <= uint.MaxValue;
            ulong seconds = !HasNanoseconds || fits ? packet.Seconds : packet.Seconds + (packet.Nanoseconds / NanosecondsInSecond);
            ulong fraction = !HasNanoseconds ? packet.Nanoseconds / NanosecondsInMicrosecond : fits ? packet.Nanoseconds : packet.Nanoseconds % NanosecondsInSecond;
            BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)seconds);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)fraction);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], packet.Data.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[12..], packet.OriginalLength);
            output.Write(header[..PacketHeader]);
            output.Write(packet.Data);
        }
    }

    private bool HasNanoseconds => hasNanoseconds;

    private uint SnapLength => snapLength;

    private static uint Number(ReadOnlySpan<byte> file, int offset, bool swapped)
    {
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(file[offset..]);
        return swapped ? BinaryPrimitives.ReverseEndianness(number) : number;
    }
}
