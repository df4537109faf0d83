using Xunit;

namespace Anneal.Cli.Tests;

/// <summary>The types that CO-RE relocations are for: <c>--types</c>.</summary>
public sealed class TargetTypesTests
{
    private static readonly string Core = Tool.PathOf("test/Anneal.Ebpf.Tests/Objects/core.o");
    private static readonly string Target = Tool.PathOf("test/Anneal.Ebpf.Tests/Objects/core-target.o");

    // Room for an event, whose kind is 17 as the object has it.
    private static readonly string Packet = "11" + new string('0', 254);

    [Fact]
    public void Programs_run_with_the_types_given()
    {
        Assert.Equal(new ToolResult(0, "needs_delta (xdp): 1 run\n           1  XDP_PASS\n", ""), Tool.RunHere(["run", Core, "--program", "needs_delta", "--packet", Packet]));
        ToolResult refused = Tool.RunHere(["run", Core, "--program", "needs_delta", "--packet", Packet, "--types", Target]);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.EndsWith("struct event.delta has 8 bytes in the target types and 4 in the object's, and isn't unsigned or a pointer in both\n", refused.Error);
        ToolResult trapped = Tool.RunHere(["run", "--types", Target, "--sandbox", Core, "--program", "needs_delta", "--packet", Packet]);
        Assert.StartsWith("trap: needs_delta: struct event.delta has 8 bytes", trapped.Error);
        Assert.NotEqual(0, trapped.ExitCode);
    }

    [Fact]
    public void Verify_and_dump_take_them_too()
    {
        ToolResult verified = Tool.RunHere(["verify", "--quiet", "--types", Target, Core]);
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains("facts (xdp): accepted\n", verified.Output);
        Assert.Contains("needs_gone (xdp): refused: ", verified.Output);
        Assert.Equal(0, Tool.RunHere(["verify", "--quiet", Core]).ExitCode);
        string dump = Tool.RunHere(["dump", "--instructions", "--types", Target, "--function", "needs_green", Core]).Output;
        Assert.Contains("; the target types have no enum color's constant GREEN\n", dump);
        Assert.Contains("0x2 ll", Tool.RunHere(["dump", "--instructions", "--function", "needs_green", Core]).Output);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("verify")]
    [InlineData("dump")]
    public void A_file_without_types_is_named(string command)
    {
        using var folder = new TemporaryFolder();
        string text = folder.Add("text", "no types"u8.ToArray());
        ToolResult result = Tool.RunHere([command, "--types", text, Core]);
        Assert.Equal((1, "", $"{text}: target types+0x0: not BTF of this byte order\n"), (result.ExitCode, result.Output, result.Error));
        Assert.Equal(1, Tool.RunHere([command, "--types", text + "-missing", Core]).ExitCode);
    }
}
