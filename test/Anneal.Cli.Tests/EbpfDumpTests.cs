using System.Text.RegularExpressions;
using Xunit;

namespace Anneal.Cli.Tests;

/// <summary><c>anneal dump</c> of eBPF objects.</summary>
public sealed class EbpfDumpTests
{
    private static readonly string Filter = Tool.PathOf("guests/ebpf/ports.o");

    // Two programs; filter calls count. Maps of several kinds, data.
    private static readonly string Several = Tool.PathOf("test/Anneal.Ebpf.Tests/Objects/filter.o");

    // Tail calls, inner maps, initial values.
    private static readonly string Chain = Tool.PathOf("test/Anneal.Ebpf.Tests/Objects/chain.o");

    [Fact]
    public void The_summary_lists_what_an_object_holds()
    {
        ToolResult result = Dump(Several);
        Assert.Equal(
            new ToolResult(0, $"""
                object {Several}, license GPL
                programs (2):
                  filter: section xdp, type xdp, 96 instructions in 103 slots
                    filter/0 <filter>: slots 0 to 92
                    filter/1 <count>: slots 93 to 102
                  strip: section xdp, type xdp, 21 instructions in 21 slots
                maps (4):
                  bytes: PerCpuArray, key 4 bytes, value 8 bytes, 1 entry
                  ports: Hash, key 2 bytes, value 4 bytes, 64 entries
                  events: RingBuffer, 4096 bytes
                  counts: Array, key 4 bytes, value 8 bytes, 4 entries
                data sections (3):
                  .rodata: 4 bytes, constant
                  .bss: 8 bytes, writable, all zero
                  .data: 4 bytes, writable

                """, ""),
            result);
        string chain = Dump(Chain).Output;
        foreach (string line in (string[])["outer: ArrayOfMaps, key 4 bytes, value 4 bytes, 2 entries, each Array, key 4", "initial values (4):", "outer[1]: map second", "steps[2]: program step2"])
            Assert.Contains(line, chain);
        Assert.Equal(
            new ToolResult(0, "object " + Small("xdp", out string path, out TemporaryFolder folder) + ", license (none)\nprograms (1):\n  main: section xdp, type xdp, 2 instructions in 2 slots\n", ""),
            Dump(path));
        folder.Dispose();
    }

    [Fact]
    public void Instructions_come_with_slots_labels_lines_and_names()
    {
        ToolResult result = Dump("--instructions", Filter);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("; program port_filter (xdp), section xdp\nport_filter:\n; ./ports.c:44: void *data = ", result.Output);
        Assert.Matches(@"(?m)^     9: r1 = map\[2\] ll +; counts$", result.Output);
        Assert.Matches(@"(?m)^    11: call 1 +; map_lookup_elem$", result.Output);
        Assert.Matches(@"(?m)^    12: if r0 == 0 goto \+2 +; to 15$", result.Output);
        // All instructions, each once.
        Assert.Equal(142, Regex.Count(result.Output, @"(?m)^ +\d+: "));
        // A line is said where it changes, not for each column.
        Assert.Single(Regex.Matches(result.Output.Split("  2: r1 = r7")[0], "; ./ports.c:44:"));
        string several = Dump("--instructions", Several).Output;
        Assert.Contains("\ncount:\n", several);
        Assert.Matches(@"call pc\+\d+ +; count\n", several);
        Assert.Contains("\n\n; program strip (xdp), section xdp\nstrip:\n", several);
    }

    [Theory]
    [InlineData("filter", 2)]
    [InlineData("filter/0", 1)]
    [InlineData("filter/filter", 1)]
    [InlineData("filter/count", 1)]
    [InlineData("filter/1", 1)]
    [InlineData("count", 1)]
    [InlineData("strip", 1)]
    [InlineData("strip/0", 1)]
    public void A_program_or_one_of_its_functions_can_be_chosen(string word, int functions)
    {
        foreach (string[] how in (string[][])[["--bytecode"], ["--asm"], []])
        {
            ToolResult result = Dump([.. how, "--function", word, Several]);
            Assert.Equal((0, ""), (result.ExitCode, result.Error));
            Assert.Equal(functions, Regex.Count(result.Output, @"(?m)^; (filter|strip)/\d <\w+>: f\d+, slots "));
            Assert.StartsWith($"; program {(word.StartsWith('s') ? "strip" : "filter")} (xdp), section xdp, verified\n", result.Output);
        }

        ToolResult instructions = Dump("--instructions", "--function", word, Several);
        Assert.Equal(functions, Regex.Count(instructions.Output, @"(?m)^\w+:$"));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("filter/2")]
    [InlineData("filter/nobody")]
    [InlineData("filter/")]
    [InlineData("filter/-1")]
    [InlineData("0")]
    [InlineData("strip/count")]
    public void What_is_not_there_is_wrong_usage(string word)
    {
        ToolResult result = Dump("--function", word, Several);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"no program or subprogram \"{word}\"; its programs are filter, strip", result.Error);
    }

    [Fact]
    public void Bytecode_says_which_instruction_each_part_comes_from()
    {
        ToolResult verified = Dump("--bytecode", Filter);
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        Assert.Contains(" stands for map counts, 0x7b0200000000 for its values\n", verified.Output);
        Assert.Contains("stands for helper 1 (map_lookup_elem) of map ports\n", verified.Output);
        Assert.Contains("at 0x3       ; instruction 3: r1 += 14\n", verified.Output);
        Assert.Contains("m0.trusted", verified.Output);
        Assert.DoesNotContain("sectioned", verified.Output);
        Assert.DoesNotContain("fuel", verified.Output);
        ToolResult sandboxed = Dump("--bytecode", "--sandbox", Filter);
        Assert.StartsWith("; program port_filter (xdp), section xdp, sandboxed\n", sandboxed.Output);
        Assert.Contains(".sectioned", sandboxed.Output);
        Assert.Contains("fuel", sandboxed.Output);
        Assert.DoesNotContain("trusted", sandboxed.Output);
        // The same on each day.
        Assert.Equal(verified, Dump("--bytecode", Filter));
    }

    [Fact]
    public void Machine_code_names_instructions_functions_and_stubs()
    {
        foreach (string file in (string[])[Filter, Several, Chain])
        {
            foreach (string[] how in (string[][])[[], ["--sandbox"]])
            {
                ToolResult result = Dump(["--asm", .. how, file]);
                Assert.Equal((0, ""), (result.ExitCode, result.Error));
                foreach (string word in (string[])["(bad)", "guest 0x", "may trap (33)", "call    0x"]) Assert.DoesNotContain(word, result.Output);
                Assert.Contains(", instruction ", result.Output);
                Assert.Equal(how.Length != 0, result.Output.Contains("call    section_miss", StringComparison.Ordinal));
            }
        }

        Assert.Contains("call    filter/1 <count>", Dump("--asm", "--function", "filter/0", Several).Output);
    }

    [Fact]
    public void A_refused_program_is_exit_code_1_and_the_log()
    {
        using var folder = new TemporaryFolder();
        // Nobody says what is in r1's eight bytes for xdp.
        string bad = folder.Add("bad.o", TestObject.Of(("xdp", "good", TestObject.Seven), ("xdp", "bad", TestObject.LoadsEight)));
        ToolResult result = Dump("--asm", bad);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("; program good (xdp), section xdp, verified\n", result.Output);
        Assert.Contains("refused at 0: ", result.Error);
        Assert.Contains($"{bad}: refused: bad: instruction 0: ", result.Error);
        Assert.Equal(result.Error, Tool.RunHere(["run", bad, "--packet", "00"]).Error);
        Assert.Equal(0, Dump("--asm", "--function", "good", bad).ExitCode);
        Assert.Equal(0, Dump("--asm", "--sandbox", bad).ExitCode);
        Assert.Equal(0, Dump("--instructions", bad).ExitCode);
        Assert.Equal(0, Dump(bad).ExitCode);
    }

    [Fact]
    public void No_map_is_made_for_a_dump()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("large.o", TestObject.Of(
            [("large", [2, 4, 1 << 24, int.MaxValue, 0]), ("unknown", [99, 4, 4, 1, 0]), ("flagged", [1, 4, 4, 16, 1])], ("xdp", "main", TestObject.Seven)));
        Assert.Contains("bytes are more than", Tool.RunHere(["run", file]).Error);
        foreach (string[] how in (string[][])[[], ["--instructions"], ["--bytecode"], ["--asm"], ["--asm", "--sandbox"]])
            Assert.Equal((0, ""), (Dump([.. how, file]).ExitCode, Dump([.. how, file]).Error));
        foreach (string line in (string[])["large: Array, key 4 bytes, value 16777216 bytes, 2147483647 entries\n", "unknown: type 99, key 4", "flagged: Hash, key 4 bytes, value 4 bytes, 16 entries, flags NoPreallocation\n"])
            Assert.Contains(line, Dump(file).Output);
    }

    [Theory]
    [InlineData("--sandbox goes with --bytecode or --asm", "--sandbox")]
    [InlineData("--sandbox goes with --bytecode or --asm", "--sandbox", "--instructions", "--function", "port_filter")]
    [InlineData("--bytecode and --asm exclude each other", "--asm", "--bytecode")]
    [InlineData("--instructions excludes --bytecode and --asm", "--asm", "--instructions")]
    [InlineData("no program type \"xpd\"; choose of xdp, ", "--type", "xpd")]
    [InlineData("--type tc: the sections of ", "--type", "tc")]
    public void Options_that_do_not_go_together_are_said(string message, params string[] options)
    {
        ToolResult result = Dump([.. options, Filter]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, result.Error);
    }

    [Theory]
    [InlineData("--instructions")]
    [InlineData("--sandbox")]
    [InlineData("--type", "xdp")]
    public void Options_for_objects_are_not_for_modules(params string[] options)
    {
        ToolResult result = Dump([.. options, Tool.PathOf("guests/wat/add.wat")]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("is no eBPF object: --instructions, --sandbox and --type are for those", result.Error);
    }

    private static string Small(string section, out string path, out TemporaryFolder folder)
    {
        folder = new TemporaryFolder();
        return path = folder.Add("small.o", TestObject.Of((section, "main", TestObject.Seven)));
    }

    private static ToolResult Dump(params string[] words) => Tool.RunHere(["dump", .. words]);
}
