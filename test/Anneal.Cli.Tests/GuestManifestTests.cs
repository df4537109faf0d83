// Every run of guests/wasi/manifest.json on every tier. The manifest's head says what its fields mean.

using System.Text;
using System.Text.Json;
using Xunit;

namespace Anneal.Cli.Tests;

public class GuestManifestTests
{
    private static readonly string Folder = Tool.PathOf("guests/wasi");

    public static TheoryData<string, string> Runs()
    {
        var data = new TheoryData<string, string>();
        using JsonDocument manifest = Read();
        foreach (JsonElement run in manifest.RootElement.GetProperty("runs").EnumerateArray())
        {
            foreach (string tier in (string[])["portable", "baseline"]) data.Add(tier, run.GetProperty("name").GetString()!);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_guest_prints_and_ends_as_expected(string tier, string name)
    {
        using JsonDocument manifest = Read();
        JsonElement run = manifest.RootElement.GetProperty("runs").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name);
        using var scratch = new TemporaryFolder();
        List<string> arguments = ["run", "--tier", tier];
        if (run.TryGetProperty("dirs", out JsonElement directories))
        {
            foreach (JsonProperty directory in directories.EnumerateObject())
                arguments.AddRange(["--dir", $"{Path.Combine(Folder, directory.Value.GetString()!)}::{directory.Name}"]);
        }

        if (run.TryGetProperty("scratch", out JsonElement scratchPath))
        {
            string inside = Directory.CreateDirectory(Path.Combine(scratch.Path, "inside")).FullName;
            scratch.Add("outside.txt", "secret\n");
            arguments.AddRange(["--dir", $"{inside}::{scratchPath.GetString()}"]);
        }

        if (run.TryGetProperty("env", out JsonElement environment))
        {
            foreach (JsonProperty variable in environment.EnumerateObject()) arguments.AddRange(["--env", $"{variable.Name}={variable.Value.GetString()}"]);
        }

        if (run.TryGetProperty("invoke", out JsonElement invoke)) arguments.AddRange(["--invoke", invoke.GetString()!]);
        arguments.Add(Path.Combine(Folder, run.GetProperty("program").GetString()!));
        if (run.TryGetProperty("args", out JsonElement words)) arguments.AddRange(words.EnumerateArray().Select(word => word.GetString()!));
        ToolResult result = Tool.Run(arguments, InputOf(run));

        Assert.Equal(File.ReadAllText(Path.Combine(Folder, "expected", $"{name}.txt")), result.Output);
        if (run.TryGetProperty("trap", out JsonElement trap))
        {
            Assert.Equal(134, result.ExitCode);
            Assert.StartsWith("trap: ", result.Error);
            Assert.Contains(trap.GetString()!, result.Error, StringComparison.OrdinalIgnoreCase);
        }
        else
        {
            Assert.Equal(run.TryGetProperty("exit", out JsonElement exit) ? exit.GetInt32() : 0, result.ExitCode);
        }
    }

    private static string InputOf(JsonElement run)
    {
        string unit = run.TryGetProperty("stdin", out JsonElement input) ? input.GetString()! : "";
        int times = run.TryGetProperty("repeat", out JsonElement repeat) ? repeat.GetInt32() : 1;
        return new StringBuilder().Insert(0, unit, times).ToString();
    }

    private static JsonDocument Read() => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "manifest.json")));
}
