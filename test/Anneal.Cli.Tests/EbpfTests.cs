using Xunit;

namespace Anneal.Cli.Tests;

/// <summary>eBPF objects on the command line, end to end.</summary>
public sealed class EbpfTests
{
    private const string EmptyTraffic = "hex:00000000000000000000000000000000";
    private static readonly string Filter = Tool.PathOf("guests/ebpf/ports.o");

    private static readonly byte[] WithOptions = Options(TestCapture.Tcp(443));

    // What the filter makes of each: 80 and 443 pass, 22 is dropped by the map, 9 isn't in it.
    private static readonly byte[][] Packets =
    [
        TestCapture.Tcp(80),
        TestCapture.Tcp(22),
        TestCapture.Tcp(443, payload: 0),
        TestCapture.Tcp(9),
        TestCapture.Tcp(80, protocol: 17),
        TestCapture.Tcp(80)[..50],
        [.. new byte[12], 0x86, 0xDD, .. new byte[40]],
        WithOptions,
        TestCapture.Tcp(80, payload: 100),
        [1, 2, 3],
    ];

    [Theory]
    [InlineData("portable", false, false)]
    [InlineData("threaded", false, true)]
    [InlineData("baseline", false, false)]
    [InlineData("portable", true, true)]
    [InlineData("threaded", true, false)]
    [InlineData("baseline", true, false)]
    public void A_port_filter_filters_a_capture(string tier, bool sandbox, bool bigEndian)
    {
        using var folder = new TemporaryFolder();
        string input = folder.Add("in.pcap", TestCapture.File(bigEndian, Packets));
        string output = Path.Combine(folder.Path, "out.pcap");
        List<string> words =
        [
            "run", "--tier", tier, Filter, "--program", "port_filter", "--packet", input, "--write", output,
            "--map", "ports=80:1,443:0x1,22:0", "--map", $"seen=80:{EmptyTraffic},22:{EmptyTraffic}", "--map=counts", "--map", "seen",
        ];
        if (sandbox) words.Add("--sandbox");
        ToolResult result = Tool.Run([.. words]);
        Assert.Equal(
            new ToolResult(0, """
                port_filter (xdp): 10 runs
                           6  XDP_PASS
                           2  XDP_ABORTED
                           2  XDP_DROP
                counts (Array):
                  0: 2
                  1: 2
                  2: 1
                  3: 1
                  4: 4
                seen (Hash):
                  22: 01000000000000003c00000000000000
                  80: 0200000000000000d600000000000000

                """, ""),
            result);
        byte[] expected = TestCapture.File(false, Packets);
        Assert.Equal(Kept(expected, 0, 2, 4, 6, 7, 8), File.ReadAllBytes(output));
    }

    [Fact]
    public void One_packet_in_digits_and_repeated_runs()
    {
        ToolResult result = Tool.Run("run", "--repeat", "1000", "--packet", Convert.ToHexString(TestCapture.Tcp(80)), "--map", "ports=80:1", "--map", "counts", Filter);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("port_filter (xdp): 1000 runs\n        1000  XDP_PASS\n", result.Output);
        Assert.Contains(" ns a run", result.Output);
        Assert.EndsWith("counts (Array):\n  4: 1000\n", result.Output);
    }

    [Fact]
    public void Verifying_prints_the_log()
    {
        ToolResult result = Tool.Run("verify", Filter);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith($"{Filter}: port_filter (xdp): accepted\n", result.Output);
        foreach (string word in (string[])["ports.c:", "call helper 1", "accepted: "]) Assert.Contains(word, result.Output);
        ToolResult quiet = Tool.Run("verify", "--quiet", "--program", "port_filter", Filter);
        Assert.Equal(new ToolResult(0, $"{Filter}: port_filter (xdp): accepted\n", ""), quiet);
    }

    [Fact]
    public void A_refused_program_is_exit_code_1_and_the_log()
    {
        using var folder = new TemporaryFolder();
        string bad = folder.Add("bad.o", Broken());
        ToolResult run = Tool.Run("run", bad, "--packet", "00");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("ports.c:", run.Error);
        Assert.Contains("refused at ", run.Error);
        Assert.Contains("bad.o: refused: port_filter: instruction ", run.Error);
        ToolResult verify = Tool.Run("verify", bad);
        Assert.Equal((1, ""), (verify.ExitCode, verify.Error));
        Assert.Contains("port_filter (xdp): refused: ", verify.Output);
        Assert.Contains("refused at ", verify.Output);
        // The same program is safe where each access is checked: it faults, or it doesn't.
        Assert.Equal(0, Tool.Run("run", "--sandbox", "--packet", Convert.ToHexString(TestCapture.Tcp(80)), bad).ExitCode);
    }

    [Theory]
    [InlineData(2, "no program \"nobody\"; it has port_filter", "--program", "nobody")]
    [InlineData(2, "no map \"nothing\"", "--map", "nothing=1:2")]
    [InlineData(2, "takes KEY:VALUE", "--map", "ports=1")]
    [InlineData(2, "is no key of 2 bytes", "--map", "ports=65536:1")]
    [InlineData(2, "is no value of 16 bytes; hex:", "--map", "seen=1:1")]
    [InlineData(2, "--repeat takes", "--repeat", "0")]
    [InlineData(2, "for WebAssembly", "--invoke", "f")]
    [InlineData(2, "\"argument\" behind", "argument")]
    [InlineData(2, "\"--unknown\" behind", "--unknown", "1")]
    [InlineData(1, "there's no such file, and it's no packet", "--packet", "no-such.pcap")]
    public void What_does_not_fit_is_said(int code, string message, params string[] words)
    {
        ToolResult result = Tool.Run(["run", Filter, .. words]);
        Assert.Equal((code, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, result.Error);
    }

    [Fact]
    public void Options_of_eBPF_do_not_go_with_other_programs()
    {
        ToolResult result = Tool.Run("run", "--packet", "00", Tool.PathOf("guests/wat/add.wasm"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is no eBPF object", result.Error);
    }

    [Theory]
    [InlineData("it ends inside a packet of", 24 + 16 + 10)]
    [InlineData("it ends inside a packet's header", 24 + 10)]
    [InlineData("too short for a pcap file", 20)]
    public void Damaged_captures_are_refused(string message, int length)
    {
        using var folder = new TemporaryFolder();
        string input = folder.Add("in.pcap", TestCapture.File(false, Packets)[..length]);
        ToolResult result = Tool.Run("run", Filter, "--packet", input);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, result.Error);
    }

    [Theory]
    [InlineData("portable")]
    [InlineData("baseline")]
    public void The_conformance_plugin_takes_digits_and_prints_r0(string tier)
    {
        // r0 = byte 1 of the memory, as a big-endian half word with byte 2.
        const string Load = "69 10 01 00 00 00 00 00 dc 00 00 00 10 00 00 00 95 00 00 00 00 00 00 00";
        Assert.Equal(new ToolResult(0, "bbcc\n", ""), Tool.Run(["bpf-plugin", "aa bb cc dd", "--tier", tier], Load));
        Assert.Equal(new ToolResult(0, "bbcc\n", ""), Tool.Run("bpf-plugin", "aabbccdd", "--tier", tier, "--program", Load));
        Assert.Equal(134, Tool.Run(["bpf-plugin", "", "--tier", tier], Load).ExitCode);
        Assert.Equal(1, Tool.Run(["bpf-plugin", "aa", "--tier", tier], "ff 00 00 00 00 00 00 00").ExitCode);
        Assert.Equal(2, Tool.Run(["bpf-plugin", "xyz"], Load).ExitCode);
        string file = Convert.ToHexString(TestObject.Of((".text", "main", Convert.FromHexString(Load.Replace(" ", "", StringComparison.Ordinal)))));
        Assert.Equal(new ToolResult(0, "bbcc\n", ""), Tool.Run(["bpf-plugin", "aabbccdd", "--elf", "--tier", tier], file));
    }

    // The filter with a check of its first header's end that checks nothing: r1 += 14 has become r1 += 0.
    private static byte[] Broken()
    {
        byte[] file = File.ReadAllBytes(Filter);
        ReadOnlySpan<byte> header = [0x07, 0x01, 0, 0, 14, 0, 0, 0];
        int at = file.AsSpan().IndexOf(header);
        Assert.True(at > 0);
        file[at + 4] = 0;
        return file;
    }

    // Four bytes of IP options between the headers.
    private static byte[] Options(byte[] packet)
    {
        packet[14] = 0x46;
        return [.. packet[..34], 1, 1, 1, 1, .. packet[34..]];
    }

    // The file with some of its packets.
    private static byte[] Kept(byte[] file, params int[] packets)
    {
        var kept = new List<byte>(file[..24]);
        int number = 0;
        for (int at = 24; at < file.Length; number++)
        {
            int length = 16 + BitConverter.ToInt32(file, at + 8);
            if (packets.Contains(number)) kept.AddRange(file[at..(at + length)]);
            at += length;
        }

        return [.. kept];
    }
}
