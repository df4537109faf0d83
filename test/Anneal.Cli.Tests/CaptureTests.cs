using System.Buffers.Binary;
using Anneal.Cli.Packets;
using Xunit;

namespace Anneal.Cli.Tests;

/// <summary>Capture files, classic and of blocks, whole and damaged.</summary>
public sealed class CaptureTests
{
    private static readonly byte[] First = [1, 2, 3, 4, 5];
    private static readonly byte[] Second = [6, 7, 8];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_kinds_of_packet_blocks_are_read_and_others_passed_over(bool bigEndian)
    {
        var blocks = new TestBlocks(bigEndian);
        byte[] comment = blocks.Option(1, "hello"u8.ToArray());
        Capture capture = Parse(blocks
            .Section()
            .Block(5, new byte[12])
            .Interface(1, 0, comment, blocks.Option(0))
            .Enhanced(0, 0x1_0000_0001, First, original: 60, options: [.. comment, .. blocks.Option(0)])
            .Block(0x4000_0BAD, blocks.Number(1), new byte[8])
            .Obsolete(0, 2_500_000, Second)
            .Block(4)
            .Simple(First, 5));
        Assert.Equal(1u, capture.LinkType);
        Assert.Equal(3, capture.Packets.Count);
        Assert.Equal((4294u, 967_297_000ul, 60u), (capture.Packets[0].Seconds, capture.Packets[0].Nanoseconds, capture.Packets[0].OriginalLength));
        Assert.Equal((2u, 500_000_000ul, 3u), (capture.Packets[1].Seconds, capture.Packets[1].Nanoseconds, capture.Packets[1].OriginalLength));
        Assert.Equal((0u, 0ul, 5u), (capture.Packets[2].Seconds, capture.Packets[2].Nanoseconds, capture.Packets[2].OriginalLength));
        Assert.Equal([First, Second, First], capture.Packets.Select(packet => packet.Data));
    }

    [Fact]
    public void Sections_have_their_own_byte_order_and_interfaces()
    {
        var little = new TestBlocks(false);
        var big = new TestBlocks(true);
        Capture capture = Parse(little
            .Section().Interface(113).Interface().Enhanced(1, 1_000_000, First)
            .Then(big.Section().Interface(1, 0, big.Option(9, 3)).Enhanced(0, 1_500, Second))
            .Then(new TestBlocks(false).Section().Interface().Enhanced(0, 7, First)));
        Assert.Equal([(1u, 0ul), (1u, 500_000_000ul), (0u, 7_000ul)], capture.Packets.Select(packet => (packet.Seconds, packet.Nanoseconds)));
        Assert.Equal(1u, capture.LinkType);
    }

    [Theory]
    [InlineData(0, 5ul, 5u, 0ul)]
    [InlineData(3, 5_250ul, 5u, 250_000_000ul)]
    [InlineData(6, 5_000_001ul, 5u, 1_000ul)]
    [InlineData(9, 5_000_000_001ul, 5u, 1ul)]
    [InlineData(12, 5_000_000_001_999ul, 5u, 1ul)]
    [InlineData(19, ulong.MaxValue, 1u, 844_674_407ul)]
    [InlineData(28, ulong.MaxValue, 0u, 1ul)]
    [InlineData(29, ulong.MaxValue, 0u, 0ul)]
    [InlineData(127, ulong.MaxValue, 0u, 0ul)]
    [InlineData(0x80, 5ul, 5u, 0ul)]
    [InlineData(0x81, 11ul, 5u, 500_000_000ul)]
    [InlineData(0x80 | 32, 0x5_8000_0000ul, 5u, 500_000_000ul)]
    [InlineData(0x80 | 64, 0x8000_0000_0000_0000ul, 0u, 500_000_000ul)]
    [InlineData(0x80 | 93, ulong.MaxValue, 0u, 1ul)]
    [InlineData(0x80 | 127, ulong.MaxValue, 0u, 0ul)]
    public void Times_are_in_the_interfaces_unit(byte resolution, ulong time, uint seconds, ulong nanoseconds)
    {
        var blocks = new TestBlocks(false);
        Packet packet = Parse(blocks.Section().Interface(1, 0, blocks.Option(9, resolution)).Enhanced(0, time, First)).Packets[0];
        Assert.Equal((seconds, nanoseconds), (packet.Seconds, packet.Nanoseconds));
    }

    [Theory]
    [InlineData(100, 101u)]
    [InlineData(-1, 0u)]
    [InlineData(-2, uint.MaxValue)]
    [InlineData(long.MaxValue, 0u)]
    public void An_interface_may_have_an_offset_of_seconds(long offset, uint seconds)
    {
        var blocks = new TestBlocks(false);
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, offset);
        Assert.Equal(seconds, Parse(blocks.Section().Interface(1, 0, blocks.Option(14, bytes)).Enhanced(0, 1_000_000, First)).Packets[0].Seconds);
    }

    [Fact]
    public void Simple_packets_are_cut_to_what_their_interface_keeps()
    {
        Packet packet = Parse(new TestBlocks(false).Section().Interface(1, 3).Simple(Second, 1500)).Packets[0];
        Assert.Equal(Second, packet.Data);
        Assert.Equal(1500u, packet.OriginalLength);
    }

    [Theory]
    [InlineData(6, 0xA1B2_C3D4u, 250_000u)]
    [InlineData(9, 0xA1B2_3C4Du, 250u)]
    public void What_is_written_is_classic_with_the_finer_unit_where_it_is_needed(byte resolution, uint magic, uint fraction)
    {
        var blocks = new TestBlocks(true);
        Capture capture = Parse(blocks.Section().Interface(1, 0, blocks.Option(9, resolution)).Enhanced(0, resolution == 6 ? 3_250_000ul : 3_000_000_250, First, original: 90));
        byte[] file = Write(capture);
        Assert.Equal(magic, BinaryPrimitives.ReadUInt32LittleEndian(file));
        Assert.Equal((3u, fraction, 5u, 90u), (At(file, 24), At(file, 28), At(file, 32), At(file, 36)));
        Assert.Equal(First, file[40..]);
        Assert.Equal(file, Write(Capture.Parse(file, "again")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Classic_files_come_out_as_they_came_in(bool bigEndian)
    {
        // More microseconds than a second has stay what they are.
        byte[] file = TestCapture.File(bigEndian, First, Second);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(28), uint.MaxValue);
        byte[] written = Write(Capture.Parse(file, "in"));
        Assert.Equal(uint.MaxValue, At(written, 28));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(28), 0);
        Assert.Equal(Write(Capture.Parse(TestCapture.File(false, First, Second), "in")), Write(Capture.Parse(file, "in")));
    }

    [Fact]
    public void Captures_of_different_units_are_joined_in_the_finer_one()
    {
        byte[] nanoseconds = TestCapture.File(false, Second);
        BinaryPrimitives.WriteUInt32LittleEndian(nanoseconds, 0xA1B2_3C4D);
        BinaryPrimitives.WriteUInt32LittleEndian(nanoseconds.AsSpan(28), 17);
        byte[] microseconds = TestCapture.File(false, First);
        BinaryPrimitives.WriteUInt32LittleEndian(microseconds.AsSpan(28), 17);
        byte[] file = Write(Capture.Join([Capture.Parse(microseconds, "a"), Capture.Parse(nanoseconds, "b")]));
        Assert.Equal((0xA1B2_3C4Du, 17_000u, 17u), (At(file, 0), At(file, 28), At(file, 28 + 16 + First.Length)));
    }

    public static TheoryData<string, byte[]> DamagedFiles
    {
        get
        {
            TestBlocks Start() => new TestBlocks(false).Section().Interface();
            var b = new TestBlocks(false);
            return new TheoryData<string, byte[]>
            {
                { "byte 0: it ends inside a block's header", b.Number(0x0A0D_0D0A) },
                { "byte 0: a section of no known byte order", new TestBlocks(false).Section(order: 0x1234_5678).File },
                { "a section of version 2.0", new TestBlocks(false).Section(2).File },
                { "a section's header in a block of 16 bytes", new TestBlocks(false).Block(0x0A0D_0D0A, b.Number(0x1A2B_3C4D)).File },
                { "it ends inside a block of 32 bytes", new TestBlocks(false).Section().File.Concat(b.Number(1)).Concat(b.Number(32)).Concat(new byte[20]).ToArray() },
                { "byte 28: a block of 8 bytes", new TestBlocks(false).Section().Bytes(b.Number(5)).Bytes(b.Number(8)).Bytes(b.Number(8)).File },
                { "a block of 13 bytes", new TestBlocks(false).Section().Bytes(b.Number(5)).Bytes(b.Number(13)).Bytes(new byte[8]).File },
                { "a block of 16 bytes that ends as one of 20", new TestBlocks(false).Section().Bytes(b.Number(5)).Bytes(b.Number(16)).Bytes(b.Number(0)).Bytes(b.Number(20)).File },
                { "it ends inside a block of 4294967292 bytes", new TestBlocks(false).Section().Bytes(b.Number(5)).Bytes(b.Number(0xFFFF_FFFC)).Bytes(new byte[8]).File },
                { "it ends inside a block's header", new TestBlocks(false).Section().Bytes(new byte[11]).File },
                { "an interface in a block of 16 bytes", new TestBlocks(false).Section().Block(1, new byte[4]).File },
                { "an option of 8 bytes, which the interface's block doesn't have", new TestBlocks(false).Section().Interface(1, 0, b.Short(14), b.Short(8), new byte[4]).File },
                { "an option of 65535 bytes", new TestBlocks(false).Section().Interface(1, 0, b.Short(2), b.Short(65535), new byte[4]).File },
                { "an interface's resolution of time in 2 bytes", new TestBlocks(false).Section().Interface(1, 0, b.Option(9, 6, 6)).File },
                { "an interface's offset of time in 4 bytes", new TestBlocks(false).Section().Interface(1, 0, b.Option(14, 0, 0, 0, 0)).File },
                { "a packet in a block of 28 bytes", Start().Block(6, new byte[16]).File },
                { "a packet in a block of 12 bytes", Start().Block(3).File },
                { "a packet of interface 1, where the section has 1 so far", Start().Enhanced(1, 0, First).File },
                { "a packet of interface 65535", Start().Obsolete(65535, 0, First).File },
                { "a packet of interface 0, where the section has 0 so far", Start().Section().Enhanced(0, 0, First).File },
                { "a packet before any interface", new TestBlocks(false).Section().Simple(First, 5).File },
                { "a packet of 9 bytes, of which its block has 8", Start().Enhanced(0, 0, First, captured: 9).File },
                { "a packet of 4294967295 bytes", Start().Enhanced(0, 0, First, captured: uint.MaxValue).File },
                { "a packet of 1500 bytes, of which its block has 8", Start().Simple(First, 1500).File },
                { "a packet of link type 113, where those before have 1", Start().Enhanced(0, 0, First).Interface(113).Enhanced(1, 0, First).File },
                { "no capture: it begins neither as pcap nor as pcapng files do", [1, 2, 3, 4, 5] },
                { "no capture", [0xD4] },
                { "an empty file", [] },
            };
        }
    }

    [Theory]
    [MemberData(nameof(DamagedFiles))]
    public void Damaged_files_are_refused(string message, byte[] file)
    {
        var exception = Assert.Throws<CommandFailedException>(() => Capture.Parse(file, "in.pcapng"));
        Assert.StartsWith("in.pcapng: ", exception.Message);
        Assert.Contains(message, exception.Message);
    }

    [Fact]
    public void Files_with_any_byte_changed_or_cut_anywhere_are_read_or_refused()
    {
        var blocks = new TestBlocks(true);
        byte[] file = blocks
            .Section().Interface(1, 64, blocks.Option(9, 9), blocks.Option(14, new byte[8]), blocks.Option(0))
            .Enhanced(0, 1, First).Simple(Second, 3).Obsolete(0, 2, First).File;
        var random = new Random(1);
        for (int length = 0; length < file.Length; length++) TryParse(file[..length]);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] changed = [.. file];
            for (int k = random.Next(1, 4); k > 0; k--) changed[random.Next(changed.Length)] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
            TryParse(changed);
        }
    }

    [Fact]
    public void A_capture_of_blocks_goes_through_a_filter()
    {
        using var folder = new TemporaryFolder();
        byte[] kept = TestCapture.Tcp(80), dropped = TestCapture.Tcp(22);
        string input = folder.Add("in.pcapng", new TestBlocks(true).Section().Interface().Enhanced(0, 1_000_000, kept).Enhanced(0, 2_000_000, dropped).Simple(kept, (uint)kept.Length).File);
        string output = Path.Combine(folder.Path, "out.pcap");
        ToolResult result = Tool.RunHere(["run", Tool.PathOf("guests/ebpf/ports.o"), "--packet", input, "--map", "ports=80:1", "--write", output]);
        Assert.Equal(new ToolResult(0, "port_filter (xdp): 3 runs\n           2  XDP_PASS\n           1  XDP_DROP\n", ""), result);
        Capture capture = Capture.Parse(File.ReadAllBytes(output), output);
        Assert.Equal([(1u, kept), (0u, kept)], capture.Packets.Select(packet => (packet.Seconds, packet.Data)));
    }

    private static void TryParse(byte[] file)
    {
        try
        {
            foreach (Packet packet in Capture.Parse(file, "x").Packets) Assert.True(packet.Data.Length <= file.Length);
        }
        catch (CommandFailedException)
        {
        }
    }

    private static Capture Parse(TestBlocks blocks) => Capture.Parse(blocks.File, "in.pcapng");

    private static byte[] Write(Capture capture)
    {
        using var output = new MemoryStream();
        capture.Write(output);
        return output.ToArray();
    }

    private static uint At(byte[] file, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(offset));
}
