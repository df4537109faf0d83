// `anneal run --stats`, and the map for perf, as users see them: in a process of their own.

using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Anneal.Cli.Tests;

public sealed class StatisticsTests
{
    private static readonly string LongLoop = Tool.PathOf("guests/wat/long_loop.wat");

    [Theory]
    [InlineData("20000000", "4976837439280602624")]
    public void A_long_loop_in_one_call_starts_threaded_and_ends_in_baseline(string rounds, string answer)
    {
        ToolResult result = Tool.Run("run", "--stats", "--invoke", "main", LongLoop, rounds);
        Assert.Equal((0, answer + "\n"), (result.ExitCode, result.Output));
        Assert.StartsWith("tier auto\n", result.Error);
        // Made ready for the interpreter once, and there no more; compiled once, and there now.
        Assert.Equal((1, 0), Row(result, "threaded"));
        Assert.Equal((1, 1), Row(result, "baseline"));
        Assert.Equal(1, Number(result, "OSR entries"));
        Assert.Equal(1, Number(result, "hot functions"));
        Assert.Equal(0, Number(result, "refused"));
        Assert.NotEqual(0, Number(result, "handlers"));
    }

    [Theory]
    [InlineData("portable", 1, 0, 0)]
    [InlineData("threaded", 1, 1, 0)]
    [InlineData("baseline", 1, 0, 1)]
    public void A_forced_tier_has_all_functions(string tier, int lowered, int threaded, int baseline)
    {
        ToolResult result = Tool.Run("run", "--stats", "--tier", tier, "--invoke", "main", LongLoop, "300000");
        Assert.Equal((0, "-6718942958322294208\n"), (result.ExitCode, result.Output));
        Assert.Equal(lowered, Row(result, "lowered").Made);
        Assert.Equal((threaded, threaded), Row(result, "threaded"));
        Assert.Equal((baseline, baseline), Row(result, "baseline"));
        Assert.Equal(0, Number(result, "OSR entries"));
    }

    [Fact]
    public void Statistics_come_after_a_trap_and_after_an_exit_code()
    {
        ToolResult trap = Tool.Run("run", "--stats", "--invoke", "divmod", Tool.PathOf("guests/wat/add.wat"), "1", "0");
        Assert.Equal(134, trap.ExitCode);
        Assert.Equal(1, Number(trap, "traps"));
        Assert.Contains("trap: integer divide by zero", trap.Error);

        ToolResult exit = Tool.Run("run", "--stats", Tool.PathOf("guests/wasi/exit.wasm"), "exit", "7");
        Assert.Equal(7, exit.ExitCode);
        Assert.Equal(0, Number(exit, "traps"));
        Assert.NotEqual(0, Row(exit, "lowered").Made);
    }

    [Fact]
    public void Both_parsers_know_the_option()
    {
        // A repeated option is left to the full parser.
        Assert.Contains("OSR entries", Tool.Run("run", "--stats", "--stats", "--invoke", "main", LongLoop, "1").Error);
        Assert.Contains("OSR entries", Tool.Run("run", "--stats=true", "--invoke", "main", LongLoop, "1").Error);
        // Behind the file it's the program's.
        Assert.Equal(2, Tool.Run("run", "--invoke", "main", LongLoop, "--stats").ExitCode);
        Assert.Equal("", Tool.Run("run", "--invoke", "main", LongLoop, "1").Error);
    }

    [Fact]
    public void A_map_for_perf_names_stubs_handlers_and_functions()
    {
        ToolResult result = Tool.Run(["run", "--invoke", "main", LongLoop, "20000000"], new Dictionary<string, string> { ["ANNEAL_PERF"] = "map" }, out int process);
        string path = $"/tmp/perf-{process}.map";
        try
        {
            Assert.Equal(("", "4976837439280602624\n"), (result.Error, result.Output));
            string[] lines = File.ReadAllLines(path);
            Assert.All(lines, line => Assert.Matches("^[0-9a-f]+ [0-9a-f]+ [^ ].*$", line));
            Assert.Contains(lines, line => line.EndsWith(" [stub] enter", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.EndsWith(" [threaded] i64.xor", StringComparison.Ordinal) || line.Contains(" [threaded] i64.xor ", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.EndsWith(" module!function[0] [threaded entry]", StringComparison.Ordinal));
            Assert.Single(lines, line => line.EndsWith(" module!function[0] [baseline]", StringComparison.Ordinal));
            // No piece of code lies in another.
            (long Start, long End)[] ranges = [.. lines.Select(Range).Order()];
            for (int i = 1; i < ranges.Length; i++) Assert.True(ranges[i].Start >= ranges[i - 1].End, lines[i]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Another_value_than_map_is_a_word_on_standard_error_and_no_more()
    {
        ToolResult result = Tool.Run(["run", "--invoke", "main", LongLoop, "300000"], new Dictionary<string, string> { ["ANNEAL_PERF"] = "chart" }, out int process);
        Assert.Equal((0, "-6718942958322294208\n"), (result.ExitCode, result.Output));
        Assert.Contains("\"chart\"", result.Error);
        Assert.False(File.Exists($"/tmp/perf-{process}.map"));
    }

    [Fact]
    public void A_debug_switch_tells_of_moves_between_tiers()
    {
        ToolResult result = Tool.Run(["run", "--invoke", "main", LongLoop, "20000000"], new Dictionary<string, string> { ["ANNEAL_DEBUG"] = "trace:tier" }, out _);
        Assert.Equal("4976837439280602624\n", result.Output);
        Assert.Matches(@"(?s)function\[0\]: threaded, .*function\[0\]: hot.*function\[0\]: baseline, ", result.Error);
    }

    private static (long Start, long End) Range(string line)
    {
        string[] words = line.Split(' ');
        long start = long.Parse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (start, start + long.Parse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static (int Made, int Now) Row(ToolResult result, string name)
    {
        Match match = Regex.Match(result.Error, $@"(?m)^{name} +(\d+) +(\d*)");
        Assert.True(match.Success, result.Error);
        return (Parse(match.Groups[1]), Parse(match.Groups[2]));
    }

    private static int Number(ToolResult result, string name)
    {
        Match match = Regex.Match(result.Error, $@"(?m)^{name} +(\d+)");
        Assert.True(match.Success, result.Error);
        return Parse(match.Groups[1]);
    }

    private static int Parse(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);
}
