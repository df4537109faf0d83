// Captures in the pcapng format (draft-ietf-opsawg-pcapng): a file is sections, a section is blocks that may be skipped unread, since each
// says its length at both ends. Each section has its own byte order and interfaces. Blocks of packets are read, those of other
// kinds are passed over. A file is hostile: lengths are checked against the block, the block against the file.

using System.Buffers.Binary;

namespace Anneal.Cli.Packets;

/// <summary>Reads one file; used once.</summary>
internal ref struct BlockReader
{
    /// <summary>The type of a section's first block, the same in both byte orders.</summary>
    public const uint SectionHeader = 0x0A0D_0D0A;

    private const uint ByteOrder = 0x1A2B_3C4D;
    private const uint InterfaceDescription = 1;
    private const uint ObsoletePacket = 2;
    private const uint SimplePacket = 3;
    private const uint EnhancedPacket = 6;
    private const int EndOfOptions = 0;
    private const int TimeResolution = 9;
    private const int TimeOffset = 14;

    // Type and length in front, length behind.
    private const int Front = 8;
    private const int Frame = 12;
    private const int MaxInterfaces = 1 << 16;

    private readonly ReadOnlySpan<byte> file;
    private readonly string path;
    private readonly List<CaptureInterface> interfaces = [];
    private readonly List<Packet> packets = [];
    private uint? linkType;
    private uint snapLength;
    private bool hasNanoseconds;
    private bool swapped;
    private int position;

    /// <summary>A reader of a file that begins with <see cref="SectionHeader"/>.</summary>
    public BlockReader(ReadOnlySpan<byte> file, string path)
    {
        this.file = file;
        this.path = path;
    }

    /// <summary>Reads all packets.</summary>
    /// <exception cref="CommandFailedException">The file is damaged, or has packets of several link types.</exception>
    public Capture Read()
    {
        uint firstLinkType = Capture.Ethernet;
        while (position < file.Length)
        {
            if (file.Length - position < Frame) throw Damaged("it ends inside a block's header");
            uint type = Number(file[position..]);
            if (type == SectionHeader) BeginSection();
            ReadOnlySpan<byte> body = Body();
            switch (type)
            {
                case InterfaceDescription:
                    AddInterface(body);
                    if (packets.Count == 0 && interfaces.Count == 1) firstLinkType = interfaces[0].LinkType;
                    break;
                case ObsoletePacket or EnhancedPacket:
                    Need(body, 20, "a packet");
                    Add(type == EnhancedPacket ? Number(body) : Short(body), (ulong)Number(body[4..]) << 32 | Number(body[8..]), Number(body[12..]), Number(body[16..]), body[20..]);
                    break;
                case SimplePacket:
                    AddSimple(body);
                    break;
            }

            position += Frame + body.Length;
        }

        return new Capture(hasNanoseconds, snapLength == 0 ? Capture.NoSnapLength : snapLength, linkType ?? firstLinkType, packets);
    }

    // The byte order has to be known before the block's length can be read.
    private void BeginSection()
    {
        ReadOnlySpan<byte> order = file[(position + Front)..];
        swapped = false;
        if (Number(order) != ByteOrder)
        {
            swapped = true;
            if (Number(order) != ByteOrder) throw Damaged("a section of no known byte order");
        }

        ReadOnlySpan<byte> body = Body();
        Need(body, 16, "a section's header");
        // The section's length says nothing that its blocks don't.
        if (Short(body[4..]) != 1) throw Damaged($"a section of version {Short(body[4..])}.{Short(body[6..])}, where 1.0 is known");
        interfaces.Clear();
    }

    // What is between the two lengths of the block.
    private readonly ReadOnlySpan<byte> Body()
    {
        uint length = Number(file[(position + 4)..]);
        if (length < Frame || length % 4 != 0) throw Damaged($"a block of {length} bytes");
        if (length > file.Length - position) throw Damaged($"it ends inside a block of {length} bytes");
        uint again = Number(file[(position + (int)length - 4)..]);
        if (again != length) throw Damaged($"a block of {length} bytes that ends as one of {again}");
        return file.Slice(position + Front, (int)length - Frame);
    }

    private readonly void AddInterface(ReadOnlySpan<byte> body)
    {
        Need(body, 8, "an interface");
        if (interfaces.Count == MaxInterfaces) throw Damaged($"more than {MaxInterfaces} interfaces");
        byte resolution = CaptureInterface.DefaultResolution;
        long offset = 0;
        ReadOnlySpan<byte> options = body[8..];
        while (options.Length != 0)
        {
            if (options.Length < 4) throw Damaged("an interface's options end inside one");
            int code = Short(options), length = Short(options[2..]);
            int padded = (length + 3) & ~3;
            if (padded > options.Length - 4) throw Damaged($"an option of {length} bytes, which the interface's block doesn't have");
            ReadOnlySpan<byte> value = options.Slice(4, length);
            if (code == EndOfOptions) break;
            if (code == TimeResolution) resolution = length == 1 ? value[0] : throw Damaged($"an interface's resolution of time in {length} bytes");
            if (code == TimeOffset) offset = length == 8 ? Long(value) : throw Damaged($"an interface's offset of time in {length} bytes");
            options = options[(4 + padded)..];
        }

        interfaces.Add(new CaptureInterface(Short(body), Number(body[4..]), resolution, offset));
    }

    // All that is said of such a packet is its length on the wire; it's of the first interface, which says how much of it is kept.
    private void AddSimple(ReadOnlySpan<byte> body)
    {
        Need(body, 4, "a packet");
        if (interfaces.Count == 0) throw Damaged("a packet before any interface");
        uint original = Number(body);
        uint limit = interfaces[0].SnapLength;
        Add(0, 0, limit == 0 ? original : Math.Min(original, limit), original, body[4..], timed: false);
    }

    private void Add(uint number, ulong time, uint captured, uint original, ReadOnlySpan<byte> data, bool timed = true)
    {
        if (number >= interfaces.Count) throw Damaged($"a packet of interface {number}, where the section has {interfaces.Count} so far");
        if (captured > Capture.MaxPacket) throw Damaged($"a packet of {captured} bytes");
        if (captured > data.Length) throw Damaged($"a packet of {captured} bytes, of which its block has {data.Length}");
        CaptureInterface from = interfaces[(int)number];
        linkType ??= from.LinkType;
        if (from.LinkType != linkType) throw Damaged($"a packet of link type {from.LinkType}, where those before have {linkType}");
        hasNanoseconds |= from.HasNanoseconds;
        snapLength = Math.Max(snapLength, from.SnapLength);
        (uint seconds, ulong nanoseconds) = timed ? from.Convert(time) : default;
        packets.Add(new Packet(seconds, nanoseconds, original, data[..(int)captured].ToArray()));
    }

    private readonly void Need(ReadOnlySpan<byte> body, int bytes, string what)
    {
        if (body.Length < bytes) throw Damaged($"{what} in a block of {body.Length + Frame} bytes");
    }

    private readonly CommandFailedException Damaged(string what) => Capture.Damaged(path, position, what);

    private readonly ushort Short(ReadOnlySpan<byte> bytes) =>
        swapped ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private readonly uint Number(ReadOnlySpan<byte> bytes) =>
        swapped ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private readonly long Long(ReadOnlySpan<byte> bytes) =>
        swapped ? BinaryPrimitives.ReadInt64BigEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
