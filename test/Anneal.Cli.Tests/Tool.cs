// Runs the tool as a process, as its users do: guests write to the process's descriptors, which no test could redirect inside
// its own process. Temporary files are made beside each other in a folder that goes with the test.

using System.Diagnostics;
using System.Text;

namespace Anneal.Cli.Tests;

internal sealed record ToolResult(int ExitCode, string Output, string Error);

internal static class Tool
{
    private static readonly Lazy<string> Root = new(FindRoot);

    /// <summary>A file of the repository.</summary>
    public static string PathOf(string relative) => Path.Combine(Root.Value, relative);

    public static ToolResult Run(params string[] arguments) => Run(arguments, "");

    public static ToolResult Run(IEnumerable<string> arguments, string input) => Run(arguments, input, endsInput: true, null, out _);

    /// <summary>Runs the tool with variables in its environment; tells which process that was.</summary>
    public static ToolResult Run(string[] arguments, IReadOnlyDictionary<string, string> environment, out int process) =>
        Run(arguments, "", endsInput: true, environment, out process);

    /// <summary>Runs the tool with a standard input in which there's never anything to read, and no end either.</summary>
    public static ToolResult RunWithoutInput(params string[] arguments) => Run(arguments, "", endsInput: false, null, out _);

    /// <summary>Runs the tool in this process: for commands without a guest that writes to the process's own streams.</summary>
    public static ToolResult RunHere(string[] arguments, byte[]? input = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var streams = new ProcessStreams(output, error, new MemoryStream(input ?? []));
        int code = CommandLine.Run(arguments, streams);
        return new ToolResult(code, output.ToString(), error.ToString());
    }

    private static ToolResult Run(IEnumerable<string> arguments, string input, bool endsInput, IReadOnlyDictionary<string, string>? environment, out int id)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Anneal.Cli.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        id = process.Id;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            if (endsInput) process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The guest ended without reading all of it.
        }

        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill();
            throw new TimeoutException($"anneal {string.Join(' ', arguments)} doesn't end");
        }

        return new ToolResult(process.ExitCode, output.Result, error.Result);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Anneal.slnx"))) return folder.FullName;
        }

        throw new InvalidOperationException("the tests don't run inside the repository");
    }
}
