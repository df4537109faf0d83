using Xunit;

namespace Anneal.Cli.Tests;

public class WrongInputTests
{
    [Theory]
    [InlineData("what shall it do")]
    [InlineData("\"frobnicate\"", "frobnicate")]
    [InlineData("Required argument missing", "run")]
    [InlineData("run has no option \"--unknown\"", "run", "--unknown", "x.wasm")]
    [InlineData("dump has no option \"--hex\"", "dump", "--hex", "x.wasm")]
    [InlineData("anneal has no option \"--quick\"", "--quick")]
    [InlineData("--function", "dump", "x.wasm", "--function")]
    [InlineData("no tier \"turbo\"", "run", "--tier", "turbo", "x.wasm")]
    [InlineData("--unknown-imports", "run", "--unknown-imports", "ignore", "x.wasm")]
    [InlineData("--max-memory", "run", "--max-memory", "lots", "x.wasm")]
    [InlineData("--max-memory", "run", "--max-memory", "9223372036854775807G", "x.wasm")]
    [InlineData("--timeout", "run", "--timeout", "-1", "x.wasm")]
    [InlineData("--timeout", "run", "--timeout", "soon", "x.wasm")]
    [InlineData("--fuel", "run", "--fuel", "much", "x.wasm")]
    [InlineData("--fuel", "run", "--fuel", "-1", "x.wasm")]
    [InlineData("--fuel", "run", "--fuel", "9223372036854775808", "x.wasm")]
    [InlineData("--env", "run", "--env", "=x", "x.wasm")]
    [InlineData("--dir", "run", "--dir", "::/x", "x.wasm")]
    [InlineData("Required argument missing", "validate")]
    [InlineData("Required argument missing", "wast")]
    [InlineData("exclude", "dump", "--asm", "--bytecode", "x.wasm")]
    public void Wrong_usage_is_exit_code_2(string message, params string[] arguments)
    {
        ToolResult result = Tool.Run(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("anneal: ", result.Error);
        Assert.Contains(message, result.Error);
        Assert.Equal("", result.Output);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("validate")]
    [InlineData("dump")]
    [InlineData("wast")]
    public void A_file_that_is_not_there_is_named(string command)
    {
        ToolResult result = Tool.Run(command, "/nowhere/at-all.wasm");
        Assert.Equal((1, "/nowhere/at-all.wasm: there's no such file\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public void A_folder_is_no_module()
    {
        using var folder = new TemporaryFolder();
        ToolResult result = Tool.Run("run", folder.Path);
        Assert.Equal((1, $"{folder.Path}: that's a folder\n"), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("validate")]
    public void Bytes_that_are_no_module_are_refused_with_their_offset(string command)
    {
        using var folder = new TemporaryFolder();
        foreach (byte[] bytes in (byte[][])[[], [0, 1, 2, 3], [.. "\0asm"u8, 1, 0, 0, 0, 1, 200], [.. "not a module"u8]])
        {
            string file = folder.Add("bad.wasm", bytes);
            ToolResult result = Tool.Run(command, file);
            Assert.Equal(1, result.ExitCode);
            Assert.StartsWith(file + ": ", result.Error);
            Assert.Contains("offset 0x", result.Error);
            Assert.Single(result.Error.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public void An_invalid_function_is_named()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("invalid.wat", "(module (func $wrong (result i32) i64.const 1))");
        ToolResult result = Tool.Run("validate", file);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith(file + ": ", result.Error);
        Assert.Contains("function[0] <wrong>", result.Error);
        Assert.Contains("offset 0x", result.Error);
    }

    [Fact]
    public void A_text_error_has_file_line_and_column()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Add("text.wat", "(module\n  (func i32.frob))");
        foreach (string command in (string[])["run", "validate", "dump"])
        {
            ToolResult result = Tool.Run(command, file);
            Assert.Equal(1, result.ExitCode);
            Assert.StartsWith($"{file}:2:9: ", result.Error);
        }
    }

    [Fact]
    public void A_folder_to_preopen_must_exist()
    {
        ToolResult result = Tool.Run("run", "--dir", "/nowhere/at-all", Tool.PathOf("guests/wasi/hello.wasm"));
        Assert.Equal((1, "/nowhere/at-all: there's no such folder\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public void Validate_checks_all_files_and_is_silent_about_good_ones()
    {
        using var folder = new TemporaryFolder();
        string good = Tool.PathOf("guests/wasi/hello.wasm");
        string bad = folder.Add("bad.wasm", [1]);
        Assert.Equal(new ToolResult(0, "", ""), Tool.Run("validate", good, good));
        ToolResult mixed = Tool.Run("validate", bad, good, bad);
        Assert.Equal(1, mixed.ExitCode);
        Assert.Equal(2, mixed.Error.TrimEnd().Split('\n').Length);
    }
}
