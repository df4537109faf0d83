using Xunit;

namespace Anneal.Cli.Tests;

public class RunTests
{
    private const string Numbers = """
        (module $numbers
          (func (export "i32") (param i32) (result i32) local.get 0)
          (func (export "i64") (param i64) (result i64) local.get 0)
          (func (export "f32") (param f32) (result f32) local.get 0)
          (func (export "f64") (param f64) (result f64) local.get 0)
          (func (export "two") (result i32 f64) i32.const 7 f64.const 0.5)
          (func (export "none"))
          (func (export "ref") (param externref) (result externref) local.get 0)
          (func (export "spin") (loop br 0)))
        """;

    [Theory]
    [InlineData("i32", "42", "42")]
    [InlineData("i32", "-1", "-1")]
    [InlineData("i32", "0xffffffff", "-1")]
    [InlineData("i32", "4294967295", "-1")]
    [InlineData("i32", "-0x80000000", "-2147483648")]
    [InlineData("i64", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("i64", "0x7fff_ffff_ffff_ffff", "9223372036854775807")]
    [InlineData("f32", "0.1", "0.1")]
    [InlineData("f32", "-inf", "-inf")]
    [InlineData("f32", "nan:0x200000", "nan:0x200000")]
    [InlineData("f64", "-0", "-0")]
    [InlineData("f64", "1e300", "1E+300")]
    [InlineData("f64", "0x1.8p1", "3")]
    [InlineData("f64", "nan", "nan")]
    [InlineData("f64", "-nan", "-nan")]
    [InlineData("f64", "inf", "inf")]
    [InlineData("ref", "null", "null")]
    public void Invoke_parses_an_argument_by_its_type_and_prints_the_result(string function, string argument, string expected)
    {
        using var folder = new TemporaryFolder();
        ToolResult result = Tool.Run("run", "--invoke", function, folder.Add("numbers.wat", Numbers), argument);
        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        Assert.Equal(expected + "\n", result.Output);
    }

    [Fact]
    public void Invoke_prints_each_result_on_a_line_and_nothing_for_none()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("numbers.wat", Numbers);
        Assert.Equal("7\n0.5\n", Tool.Run("run", "--invoke=two", file).Output);
        Assert.Equal(new ToolResult(0, "", ""), Tool.Run("run", "--invoke", "none", file));
    }

    [Theory]
    [InlineData("i32", "4294967296")]
    [InlineData("i32", "1.5")]
    [InlineData("i32", "")]
    [InlineData("f64", "one")]
    [InlineData("ref", "1")]
    public void Invoke_refuses_an_argument_of_another_type(string function, string argument)
    {
        using var folder = new TemporaryFolder();
        ToolResult result = Tool.Run("run", "--invoke", function, folder.Add("numbers.wat", Numbers), argument);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"argument 1 of {function}", result.Error);
    }

    [Fact]
    public void Invoke_refuses_a_wrong_number_of_arguments_and_unknown_functions()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("numbers.wat", Numbers);
        ToolResult many = Tool.Run("run", "--invoke", "none", file, "1");
        Assert.Equal(2, many.ExitCode);
        Assert.Contains("takes 0 arguments, not 1", many.Error);
        ToolResult unknown = Tool.Run("run", "--invoke", "nothing", file);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("\"nothing\"", unknown.Error);
    }

    [Fact]
    public void Everything_behind_the_file_is_the_guests()
    {
        string file = Tool.PathOf("guests/wasi/args.wasm");
        string[] words = ["--tier", "none", "--", "--help", "-x", "@file", "--version"];
        string expected = "7 arguments\n" + string.Concat(words.Select(word => $"[{word}]\n"));
        foreach (string[] before in (string[][])[[], ["--"], ["--tier", "portable"], ["--tier=portable", "--"]])
        {
            ToolResult result = Tool.Run(["run", .. before, file, .. words], "");
            Assert.Equal(0, result.ExitCode);
            Assert.StartsWith(expected, result.Output);
        }
    }

    [Fact]
    public void A_trap_shows_its_message_and_the_guests_frames()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("deep.wat", """(module $deep (func $inner unreachable) (func $outer (export "go") call $inner))""");
        foreach (string tier in (string[])["portable", "baseline", "auto"])
        {
            ToolResult result = Tool.Run("run", "--tier", tier, "--invoke", "go", file);
            Assert.Equal(134, result.ExitCode);
            string[] lines = result.Error.TrimEnd().Split('\n');
            Assert.Equal("trap: unreachable executed", lines[0]);
            Assert.Contains("deep!inner (function[0])", lines[1]);
            Assert.Contains("deep!outer (function[1])", lines[2]);
            Assert.Equal(3, lines.Length);
        }
    }

    [Theory]
    [InlineData("portable")]
    [InlineData("baseline")]
    public void A_timeout_stops_a_guest_that_loops(string tier)
    {
        using var folder = new TemporaryFolder();
        ToolResult result = Tool.Run("run", "--tier", tier, "--timeout", "300ms", "--invoke", "spin", folder.Add("numbers.wat", Numbers));
        Assert.Equal(124, result.ExitCode);
        Assert.Contains("stopped after 0.3 s\n  0: ", result.Error);
    }

    [Theory]
    [InlineData("portable")]
    [InlineData("baseline")]
    public void A_timeout_stops_a_guest_that_waits_for_input(string tier)
    {
        foreach (string[] option in (string[][])[["--timeout", "300ms"], ["--timeout=0.3", "--"]])
        {
            ToolResult result = Tool.RunWithoutInput(["run", "--tier", tier, .. option, Tool.PathOf("guests/wasi/cat.wasm")]);
            Assert.Equal(124, result.ExitCode);
            Assert.Contains("cat.wasm: stopped after 0.3 s\n", result.Error);
            Assert.Equal("", result.Output);
        }
    }

    [Fact]
    public void A_timeout_stops_a_guest_that_sleeps()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("sleep.wat", """
            (module
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "_start")
                (i32.store (i32.const 16) (i32.const 1))
                (i64.store (i32.const 24) (i64.const 0x7fffffffffffffff))
                (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))
            """);
        ToolResult result = Tool.Run("run", "--timeout", "300ms", file);
        Assert.Equal(124, result.ExitCode);
        Assert.Contains("stopped after 0.3 s\n", result.Error);
    }

    [Fact]
    public void A_guest_that_ends_in_time_doesnt_notice_its_timeout()
    {
        ToolResult result = Tool.Run("run", "--timeout", "1h", Tool.PathOf("guests/wasi/hello.wasm"));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("portable")]
    [InlineData("baseline")]
    public void A_guest_that_uses_its_fuel_up_is_stopped(string tier)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("numbers.wat", Numbers);
        ToolResult result = Tool.Run("run", "--tier", tier, "--fuel", "1000001", "--invoke", "spin", file);
        Assert.Equal((125, $"{file}: out of fuel: of 1000001 units 0 are left, too few to go on\n"), (result.ExitCode, result.Error));
        result = Tool.Run("run", "--tier", tier, "--fuel=1", "--invoke", "two", file);
        Assert.Equal((125, ""), (result.ExitCode, result.Output));
        Assert.Contains("of 1 units 1 are left", result.Error);
        Assert.Equal(new ToolResult(0, "7\n0.5\n", ""), Tool.Run("run", "--tier", tier, "--fuel", "2", "--invoke", "two", file));
    }

    [Fact]
    public void A_memory_larger_than_allowed_is_refused_and_growing_beyond_fails()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("memory.wat", """(module (memory 2) (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))""");
        Assert.Equal(1, Tool.Run("run", "--max-memory", "64K", "--invoke", "grow", file, "0").ExitCode);
        Assert.Equal("-1\n", Tool.Run("run", "--max-memory", "128K", "--invoke", "grow", file, "1").Output);
        Assert.Equal("2\n", Tool.Run("run", "--max-memory", "196608", "--invoke", "grow", file, "1").Output);
    }

    [Fact]
    public void An_unknown_import_is_a_link_error_unless_it_may_trap()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("import.wat", """
            (module (import "env" "missing" (func $missing))
              (func (export "call") call $missing) (func (export "not") (result i32) i32.const 1))
            """);
        ToolResult refused = Tool.Run("run", "--invoke", "not", file);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("env.missing", refused.Error);
        Assert.StartsWith(file, refused.Error);
        Assert.Equal(new ToolResult(0, "1\n", ""), Tool.Run("run", "--unknown-imports", "trap", "--invoke", "not", file));
        ToolResult called = Tool.Run("run", "--unknown-imports", "trap", "--invoke", "call", file);
        Assert.Equal(134, called.ExitCode);
        Assert.Contains("env.missing", called.Error);
    }

    [Fact]
    public void A_module_that_is_no_program_says_what_can_be_done()
    {
        using var folder = new TemporaryFolder();
        ToolResult reactor = Tool.Run("run", folder.Add("reactor.wat", """(module (func (export "_initialize")))"""));
        Assert.Equal(1, reactor.ExitCode);
        Assert.Contains("reactor", reactor.Error);
        Assert.Contains("--invoke", reactor.Error);
        ToolResult library = Tool.Run("run", folder.Add("library.wat", Numbers));
        Assert.Equal(1, library.ExitCode);
        Assert.Contains("--invoke", library.Error);
    }

    [Fact]
    public void Invoking_a_reactors_function_initializes_it_first()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("reactor.wat", """
            (module (global $ready (mut i32) (i32.const 0))
              (func (export "_initialize") i32.const 5 global.set $ready)
              (func (export "ready") (result i32) global.get $ready))
            """);
        Assert.Equal("5\n", Tool.Run("run", "--invoke", "ready", file).Output);
    }
}
