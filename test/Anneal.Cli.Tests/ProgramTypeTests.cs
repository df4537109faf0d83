using Xunit;

namespace Anneal.Cli.Tests;

/// <summary>Programs whose section doesn't tell what they are, and <c>--type</c>.</summary>
public sealed class ProgramTypeTests
{
    private static readonly (string Section, string Function, byte[] Code) Untold = ("my_section", "untold", TestObject.LoadsEight);

    [Theory]
    [InlineData("run")]
    [InlineData("verify")]
    [InlineData("dump")]
    public void A_section_that_says_no_type_is_refused_with_the_names_that_do(string command)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("untold.o", TestObject.Of(("xdp", "told", TestObject.Seven), Untold));
        ToolResult result = Tool.RunHere([command, file]);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"{file}: my_section+0x0: the section's name says no type for program untold: names that do are, or begin with, xdp, tc, ", result.Error);
        foreach (string name in (string[])["socket", "cgroup_skb", "kprobe", ".text", "; --type gives such programs a type\n"]) Assert.Contains(name, result.Error);
    }

    [Fact]
    public void A_type_is_for_those_whose_section_does_not_tell()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("untold.o", TestObject.Of(("xdp", "told", TestObject.Seven), Untold));
        Assert.Equal(
            new ToolResult(0, "told (xdp): 1 run\n           1  0x7\nuntold (tracing): 1 run\n           1  0x807060504030201\n", ""),
            Tool.RunHere(["run", "--type", "tracing", file, "--packet", "0102030405060708"]));
        // Behind the file, and as sections are called.
        Assert.Equal(0, Tool.RunHere(["run", file, "--program", "untold", "--packet", "0102030405060708", "--type", "kprobe/some_function"]).ExitCode);
        ToolResult dump = Tool.RunHere(["dump", "--type", "tracing", file]);
        Assert.Contains("untold: section my_section, type tracing,", dump.Output);
        Assert.Contains("told: section xdp, type xdp,", dump.Output);
        ToolResult verified = Tool.RunHere(["verify", "--quiet", "--type=tracing", file]);
        Assert.Equal(new ToolResult(0, $"{file}: told (xdp): accepted\n{file}: untold (tracing): accepted\n", ""), verified);
        // Another type has no such field.
        ToolResult refused = Tool.RunHere(["verify", "--quiet", "--type", "xdp", file]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("untold (xdp): refused: ", refused.Output);
    }

    [Fact]
    public void Plain_code_has_plain_memory_unless_a_type_is_given()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("plain.o", TestObject.Of((".text", "plain", TestObject.LoadsEight)));
        ToolResult refused = Tool.RunHere(["run", file, "--packet", "0102030405060708"]);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.EndsWith($"{file}: the program's section says no type: --type gives it one, --sandbox runs it over plain memory\n", refused.Error);
        Assert.Contains("plain (memory): 1 run", Tool.RunHere(["run", "--sandbox", file, "--packet", "0102030405060708"]).Output);
        Assert.Contains("plain (tracing): 1 run", Tool.RunHere(["run", "--type", "tracing", file, "--packet", "0102030405060708"]).Output);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("verify")]
    [InlineData("dump")]
    public void A_type_that_is_for_no_program_is_wrong_usage(string command)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("told.o", TestObject.Of(("xdp", "told", TestObject.Seven)));
        ToolResult other = Tool.RunHere([command, "--type", "socket", file]);
        Assert.Equal((2, ""), (other.ExitCode, other.Output));
        Assert.Contains($"--type socket: the sections of {file} say the types of all its programs: told (xdp)", other.Error);
        ToolResult unknown = Tool.RunHere([command, "--type", "lsm", file]);
        Assert.Equal((2, ""), (unknown.ExitCode, unknown.Output));
        Assert.Contains("there's no program type \"lsm\"; choose of xdp, sched_cls, socket, cgroup_skb, tracing, memory", unknown.Error);
        // What it is anyway may be said.
        Assert.Equal(0, Tool.RunHere([command, "--type", "xdp", file]).ExitCode);
    }
}
