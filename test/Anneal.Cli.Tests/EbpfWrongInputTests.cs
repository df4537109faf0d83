// What somebody new to the eBPF commands may get wrong. In this process: nothing here needs one of its own.

using Xunit;

namespace Anneal.Cli.Tests;

public sealed class EbpfWrongInputTests
{
    private static readonly string Filter = Tool.PathOf("guests/ebpf/ports.o");
    private static readonly string Several = Tool.PathOf("test/Anneal.Ebpf.Tests/Objects/filter.o");
    private static readonly string Chain = Tool.PathOf("test/Anneal.Ebpf.Tests/Objects/chain.o");

    [Theory]
    [InlineData("--packet behind {0} lacks its value", "--packet")]
    [InlineData("--packet behind {0} lacks its value", "--packet", "")]
    [InlineData("--packet behind {0} lacks its value", "--packet=")]
    [InlineData("--packet behind {0} lacks its value", "--packet", "--sandbox")]
    [InlineData("--tier is given twice", "--tier", "auto", "--tier=auto")]
    [InlineData("--sandbox is given twice", "--sandbox", "--sandbox")]
    [InlineData("--stats takes no value, and has \"all\"", "--stats=all")]
    [InlineData("\"extra\" behind {0}: an eBPF object takes no arguments, and run has no such option", "extra")]
    [InlineData("--repeat takes a number from 1 to 1000000000, not \"-1\"", "--repeat", "-1")]
    [InlineData("--repeat takes a number from 1 to 1000000000, not \"99999999999999999999\"", "--repeat", "99999999999999999999")]
    [InlineData("--fuel takes at least 1 for an eBPF object", "--fuel", "0")]
    [InlineData("--fuel takes a number of units from 0 to 9223372036854775807, not \"1e6\"", "--fuel", "1e6")]
    [InlineData("--timeout takes a time", "--timeout", "0")]
    [InlineData("--type behind {0} lacks its value", "--type", "")]
    [InlineData("no map \"\"; it has ports, seen, counts", "--map", "=80:1")]
    [InlineData("--map ports takes KEY:VALUE, not \"\"", "--map", "ports=")]
    [InlineData("--map ports takes KEY:VALUE, not \"hex:0050\"", "--map", "ports=hex:0050")]
    [InlineData("--map ports: \"\" is no value of 4 bytes", "--map", "ports=80:")]
    [InlineData("--map ports: \"hex:50\" isn't the 2 bytes of a key", "--map", "ports=hex:50:1")]
    [InlineData("--map ports: \"hex:5\" isn't the 2 bytes of a key", "--map", "ports=hex:5:1")]
    [InlineData("--map ports: \"hex:01\" isn't the 4 bytes of a value", "--map", "ports=80:hex:01")]
    [InlineData("--map ports: \"-1\" is no key of 2 bytes", "--map", "ports=-1:1")]
    [InlineData("--map counts: there's no place for \"5:1\" among its 5 entries", "--map", "counts=5:1")]
    public void Wrong_options_are_said(string message, params string[] words)
    {
        ToolResult result = Tool.RunHere(["run", Filter, .. words]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(message.Replace("{0}", Filter, StringComparison.Ordinal), result.Error);
    }

    [Theory]
    [InlineData("filter.o", "--map .rodata: it holds the object's constants", ".rodata=0:1")]
    [InlineData("filter.o", "--map events: only programs write to a ring buffer", "events=1:1")]
    [InlineData("chain.o", "--map steps: its entries (ProgramArray) are no numbers", "steps=1:1")]
    [InlineData("chain.o", "--map outer: its entries (ArrayOfMaps) are no numbers", "outer=1:1")]
    public void Maps_without_entries_of_numbers_say_so(string file, string message, string map)
    {
        ToolResult result = Tool.RunHere(["run", file == "chain.o" ? Chain : Several, "--map", map]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, result.Error);
    }

    [Theory]
    [InlineData("zz", "there's no such file, and it's no packet in hexadecimal digits")]
    [InlineData("123", "there's no such file, and it's no packet in hexadecimal digits")]
    [InlineData("-", "there's no such file, and it's no packet in hexadecimal digits")]
    [InlineData("/dev/null", "an empty file, where a capture (pcap or pcapng) is wanted")]
    [InlineData("/tmp", "that's a folder, where a capture or a packet")]
    public void What_is_no_packet_is_said(string packet, string message)
    {
        ToolResult result = Tool.RunHere(["run", Filter, "--packet", packet]);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"{packet}: {message}", result.Error);
    }

    [Fact]
    public void An_object_is_no_capture()
    {
        ToolResult result = Tool.RunHere(["run", Filter, "--packet", Filter]);
        Assert.Equal(new ToolResult(1, "", $"{Filter}: no capture: it begins neither as pcap nor as pcapng files do\n"), result);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("verify")]
    [InlineData("dump")]
    public void What_is_no_object_is_named(string command)
    {
        using var folder = new TemporaryFolder();
        byte[] good = File.ReadAllBytes(Filter), other = [.. good];
        other[18] = 62;
        foreach ((string name, byte[] bytes, string message) in ((string, byte[], string)[])[
            ("empty.o", [], "an empty file"),
            ("text.o", [.. "just text, no program at all"u8], "neither a WebAssembly module nor an eBPF object"),
            ("short.o", good[..10], "an ELF file that is cut off"),
            ("header.o", good[..40], "the ELF file ends inside its header"),
            ("cut.o", good[..500], "the section headers are beyond the end of the file"),
            ("other.o", other, "an ELF file for machine 62, where eBPF objects have 247")])
        {
            string file = folder.Add(name, bytes);
            ToolResult result = Tool.RunHere([command, file]);
            Assert.Equal((1, ""), (result.ExitCode, result.Output));
            Assert.StartsWith(file + ": ", result.Error);
            Assert.EndsWith(message + "\n", result.Error);
        }

        Assert.Equal(new ToolResult(1, "", $"{folder.Path}: that's a folder\n"), Tool.RunHere([command, folder.Path]));
        Assert.Equal(new ToolResult(1, "", "/nowhere/f.o: there's no such file\n"), Tool.RunHere([command, "/nowhere/f.o"]));
        Assert.Equal(new ToolResult(1, "", "/dev/null: an empty file\n"), Tool.RunHere([command, "/dev/null"]));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("verify")]
    [InlineData("dump")]
    public void A_damaged_object_is_read_or_refused_but_never_an_internal_error(string command)
    {
        using var folder = new TemporaryFolder();
        byte[] good = File.ReadAllBytes(Several);
        var random = new Random(command.Length);
        for (int i = 0; i < 200; i++)
        {
            byte[] bad = i < 100 ? good[..random.Next(good.Length)] : [.. good];
            for (int k = i < 100 ? 0 : random.Next(1, 8); k > 0; k--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            string file = folder.Add($"{i}.o", bad);
            ToolResult result = Tool.RunHere(command == "dump" ? ["dump", "--bytecode", file] : command == "run" ? ["run", file, "--timeout", "1", "--fuel", "100000", "--tier", "portable"] : ["verify", file]);
            Assert.True(result.ExitCode is 0 or 1 or 125, $"{i}: {result}");
        }
    }

    [Fact]
    public void An_object_that_is_validated_is_sent_to_the_verifier()
    {
        Assert.Equal(new ToolResult(1, "", $"{Filter}: an eBPF object; anneal verify checks those\n"), Tool.RunHere(["validate", Filter]));
    }

    [Fact]
    public void Help_behind_an_object_is_help()
    {
        ToolResult result = Tool.RunHere(["run", Filter, "--help"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("--packet", result.Output);
    }

    [Fact]
    public void A_key_may_be_digits_of_its_bytes()
    {
        ToolResult result = Tool.RunHere(["run", Filter, "--packet", Convert.ToHexString(TestCapture.Tcp(80)), "--map", "ports=hex:5000:hex:01000000,443:1", "--map", "ports"]);
        Assert.Equal(new ToolResult(0, "port_filter (xdp): 1 run\n           1  XDP_PASS\nports (Hash):\n  80: 1\n  443: 1\n", ""), result);
    }

    [Fact]
    public void Repeated_runs_end_when_their_time_is_over()
    {
        ToolResult result = Tool.RunHere(["run", Filter, "--packet", "00", "--repeat", "1000000000", "--timeout", "200ms"]);
        Assert.Equal(new ToolResult(124, "", $"{Filter}: stopped after 0.2 s\n"), result);
    }

    [Fact]
    public void A_file_that_can_not_be_written_is_named()
    {
        using var folder = new TemporaryFolder();
        ToolResult isFolder = Tool.RunHere(["run", Filter, "--write", folder.Path]);
        Assert.Equal((1, $"{folder.Path}: that's a folder\n"), (isFolder.ExitCode, isFolder.Error));
        string file = Path.Combine(folder.Path, "no", "out.pcap");
        ToolResult nowhere = Tool.RunHere(["run", Filter, "--write", file]);
        Assert.Equal((1, $"{file}: there's no such folder to write it to\n"), (nowhere.ExitCode, nowhere.Error));
    }
}
