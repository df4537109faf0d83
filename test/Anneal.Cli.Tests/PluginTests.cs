// The conformance plugin over all vectors, as the public runner would start it. In this process: a process a vector and tier would take
// minutes; EbpfTests start the tool itself.

using System.Runtime.InteropServices;
using System.Text;
using Anneal.Ebpf.Tests.Conformance;
using Xunit;

namespace Anneal.Cli.Tests;

public sealed class PluginTests
{
    private static readonly string[] TierNames = ["portable", "threaded", "baseline", "auto"];

    // r0 = byte 1 of the memory, as a big-endian half word with byte 2.
    private static readonly byte[] Load = Convert.FromHexString("6910010000000000dc000000100000009500000000000000");

    public static TheoryData<string, string> Vectors
    {
        get
        {
            var data = new TheoryData<string, string>();
            if (ConformanceVector.Folder is null) return data;
            foreach (string path in Directory.GetFiles(ConformanceVector.Folder, "*.data").Order(StringComparer.Ordinal))
            {
                foreach (string tier in TierNames) data.Add(Path.GetFileNameWithoutExtension(path), tier);
            }

            return data;
        }
    }

    [ConformanceTheory]
    [MemberData(nameof(Vectors))]
    public void A_vector_gives_its_result(string name, string tier)
    {
        ConformanceVector vector = ConformanceVector.Read(name);
        byte[] code = MemoryMarshal.AsBytes(vector.Program.AsSpan()).ToArray();
        Check(vector, Run(Digits(code), Digits(vector.Memory), "--tier", tier));
        // As an object, whose loading is the same for all tiers.
        if (tier == "portable") Check(vector, Run(Digits(TestObject.Of((".text", "main", code))), Digits(vector.Memory), "--elf", "--tier", tier));
    }

    [Fact]
    public void There_are_as_many_vectors_as_the_issue_says()
    {
        if (ConformanceVector.Folder is null) return;
        Assert.True(Vectors.Count >= 313 * TierNames.Length);
    }

    [Fact]
    public void An_object_comes_in_digits_or_as_it_is()
    {
        byte[] file = TestObject.Of((".text", "main", Load));
        ToolResult expected = new(0, "bbcc\n", "");
        Assert.Equal(expected, Run(Digits(file), "aabbccdd", "--elf"));
        Assert.Equal(expected, Run(file, "aabbccdd", "--elf"));
        Assert.Equal(expected, Run("", "--program", Digits(file), "aabbccdd", "--elf"));
        // With the section's own type: the packet's data is behind the context's first field.
        byte[] packet = Convert.FromHexString("6111000000000000" + "7110020000000000" + "9500000000000000");
        Assert.Equal(new ToolResult(0, "cc\n", ""), Run(Digits(TestObject.Of(("xdp", "main", packet))), "aabbccdd", "--elf"));
    }

    [Fact]
    public void Debug_says_what_is_run()
    {
        ToolResult result = Run(Digits(Load), "aabbcc", "--debug", "--tier", "portable");
        Assert.Equal(new ToolResult(0, "bbcc\n", "program (memory): 3 slots, 3 bytes of memory, tier portable\n"), result);
    }

    [Fact]
    public void Empty_words_of_the_runner_are_nothing()
    {
        Assert.Equal(new ToolResult(0, "7\n", ""), Run(Digits(TestObject.Seven), ""));
        Assert.Equal(new ToolResult(0, "bbcc\n", ""), Run(Digits(Load), Digits([0xAA, 0xBB, 0xCC]), ""));
        Assert.Equal(new ToolResult(0, "7\n", ""), Run(Digits(TestObject.Seven)));
    }

    [Theory]
    [InlineData(2, "the program isn't in hexadecimal digits", "zz")]
    [InlineData(2, "the program isn't in hexadecimal digits", "7f454c46", "--elf", "--program", "7f4")]
    [InlineData(2, "the memory isn't in hexadecimal digits", "00", "abc")]
    [InlineData(2, "one input memory, not \"aa\" and \"bb\"", "00", "aa", "bb")]
    [InlineData(2, "there's no program", "")]
    [InlineData(2, "there's no program", "  \n", "--elf")]
    [InlineData(2, "no tier \"jit\"", "00", "--tier", "jit")]
    [InlineData(1, "12 bytes aren't a whole number of instructions", "95 00 00 00  00 00 00 00  95 00 00 00")]
    [InlineData(1, "header", "9500000000000000", "--elf")]
    [InlineData(1, "header", "7f454c46", "--elf")]
    public void What_is_wrong_is_said(int code, string message, string input, params string[] words)
    {
        ToolResult result = Run(input, words);
        Assert.Equal((code, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, result.Error);
    }

    [Fact]
    public void A_truncated_object_is_refused_wherever_it_ends()
    {
        byte[] file = TestObject.Of((".text", "main", Load));
        for (int length = 1; length < file.Length; length++)
        {
            ToolResult result = Run(file[..length], "aabbcc", "--elf");
            Assert.True(result is { ExitCode: 1 or 2, Output: "" }, $"{length} bytes: {result}");
        }
    }

    private static void Check(ConformanceVector vector, ToolResult result)
    {
        if (vector.Result is { } expected) Assert.Equal(new ToolResult(0, $"{expected:x}\n", ""), result);
        else Assert.True(result is { ExitCode: 1 or 134, Output: "", Error: not "" }, result.ToString());
    }

    // As the runner has them.
    private static string Digits(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (byte one in bytes) text.Append($"{one:x2}  ");
        return text.ToString();
    }

    private static ToolResult Run(string input, params string[] words) => Run(Encoding.ASCII.GetBytes(input), words);

    private static ToolResult Run(byte[] input, params string[] words) => Tool.RunHere(["bpf-plugin", .. words], input);
}
