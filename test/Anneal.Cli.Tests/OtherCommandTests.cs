using Xunit;

namespace Anneal.Cli.Tests;

public class OtherCommandTests
{
    private static readonly string Add = Tool.PathOf("guests/wat/add.wat");

    [Fact]
    public void Help_shows_commands_options_and_examples()
    {
        ToolResult root = Tool.Run("--help");
        Assert.Equal((0, ""), (root.ExitCode, root.Error));
        foreach (string word in (string[])["run", "wast", "validate", "dump", "verify", "bpf-plugin", "Examples:", "Exit codes:"]) Assert.Contains(word, root.Output);
        ToolResult run = Tool.Run("run", "--help");
        Assert.Equal(0, run.ExitCode);
        foreach (string word in (string[])["--tier", "--invoke", "--dir", "--env", "--unknown-imports", "--max-memory", "--timeout", "--fuel", "--program", "--type", "--packet", "--repeat", "--map", "--write", "--sandbox", "FILE", "ARGS", "Examples:"])
            Assert.Contains(word, run.Output);
    }

    [Fact]
    public void Version_is_a_number()
    {
        ToolResult result = Tool.Run("--version");
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", result.Output);
    }

    [Fact]
    public void A_dump_lists_what_the_module_holds()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("all.wat", """
            (module $all
              (import "env" "log" (func $log (param i32)))
              (memory (export "memory") 1 2) (table 3 funcref) (global $g (mut i64) (i64.const 1))
              (func $start i32.const 1 call $log) (start $start)
              (elem (i32.const 0) $start) (data (i32.const 8) "text"))
            """);
        ToolResult result = Tool.Run("dump", file);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        foreach (string line in (string[])[
            "types (2):", "env.log: func [i32] -> []", "memory: memory[0], memory 1..2", "function[1] <start> [] -> []", "table[0] table 3.. funcref",
            "global[0] global mut i64", "start: function[1] <start>", "element[0] 1 of", "data[0] 4 bytes", "custom sections (1):"])
        {
            Assert.Contains(line, result.Output);
        }
    }

    [Fact]
    public void Bytecode_of_a_function_is_found_by_name_or_number()
    {
        ToolResult byName = Tool.Run("dump", "--bytecode", "--function", "divmod", Add);
        Assert.Equal((0, ""), (byName.ExitCode, byName.Error));
        Assert.Contains("i32.div_s", byName.Output);
        Assert.Contains("i32.rem_s", byName.Output);
        Assert.Contains("at 0x", byName.Output);
        string number = byName.Output.Split('[', ']')[1];
        Assert.Equal(byName.Output, Tool.Run("dump", "--bytecode", "--function", number, Add).Output);
        ToolResult all = Tool.Run("dump", "--bytecode", Add);
        Assert.Contains(byName.Output, all.Output);
        Assert.Equal(2, Tool.Run("dump", "--function", "no-such", Add).ExitCode);
        Assert.Equal(2, Tool.Run("dump", "--function", "999", Add).ExitCode);
    }

    [Fact]
    public void Machine_code_shows_instructions_sites_and_names()
    {
        ToolResult result = Tool.Run("dump", "--asm", "--function", "divmod", Add);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        foreach (string word in (string[])["idiv", "may trap (division)", "guest 0x", "ret", "poll"]) Assert.Contains(word, result.Output);
        Assert.DoesNotContain("(bad)", result.Output);
    }

    [Fact]
    public void Machine_code_of_a_whole_program_decodes_to_its_ends()
    {
        ToolResult result = Tool.Run("dump", "--asm", Tool.PathOf("guests/bench/json.wasm"));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.DoesNotContain("(bad)", result.Output);
        Assert.Contains("call    function[", result.Output);
    }

    [Theory]
    [InlineData("portable")]
    [InlineData("baseline")]
    public void Scripts_end_with_their_counts(string tier)
    {
        using var folder = new TemporaryFolder();
        string good = folder.Add("good.wast", """
            (module (func (export "one") (result i32) i32.const 1) (func (export "trap") unreachable))
            (assert_return (invoke "one") (i32.const 1))
            (assert_trap (invoke "trap") "unreachable")
            """);
        string bad = folder.Add("bad.wast", """
            (module (func (export "one") (result i32) i32.const 1))
            (assert_return (invoke "one") (i32.const 2))
            """);
        ToolResult passed = Tool.Run("wast", "--tier", tier, good);
        Assert.Equal(new ToolResult(0, "2 passed, 0 failed, 0 skipped\n", ""), passed);
        ToolResult failed = Tool.Run("wast", "--tier", tier, good, bad);
        Assert.Equal(1, failed.ExitCode);
        Assert.EndsWith("2 passed, 1 failed, 0 skipped\n", failed.Output);
        Assert.Contains("bad.wast", failed.Error);
    }
}
