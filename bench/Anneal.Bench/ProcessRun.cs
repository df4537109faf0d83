// Runs one process to its end and keeps what it printed, its exit code and its wall time. Used for every measurement, so that
// all engines bear the same cost of being started. A run that outlives the limit is killed with its children.

using System.ComponentModel;
using System.Diagnostics;

namespace Anneal.Bench;

/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="ExitCode">The process's exit code; -1 when it was killed for taking too long.</param>
/// <param name="Wall">From the start of the process to its end.</param>
/// <param name="Processor">User and system time of the process and of the processes that it waited for.</param>
internal sealed record ProcessRun(string Output, string Error, int ExitCode, TimeSpan Wall, TimeSpan Processor)
{
    public bool TimedOut => ExitCode == -1;

    /// <summary>The first line of standard error, for messages.</summary>
    public string FirstError
    {
        get
        {
            string text = Error.Trim();
            int end = text.IndexOf('\n', StringComparison.Ordinal);
            return end < 0 ? text : text[..end];
        }
    }

    public static ProcessRun Start(IReadOnlyList<string> command, IEnumerable<string> arguments, TimeSpan limit)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (string argument in command.Skip(1).Concat(arguments))
            start.ArgumentList.Add(argument);

        using var process = new Process { StartInfo = start };
        TimeSpan processor = ProcessorTime.OfEndedChildren();
        long from = Stopwatch.GetTimestamp();
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new BenchException($"{command[0]} can't be started: {e.Message}");
        }
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        bool ended = process.WaitForExit(limit);
        TimeSpan wall = Stopwatch.GetElapsedTime(from);
        if (!ended)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        processor = ProcessorTime.OfEndedChildren() - processor;
        return new ProcessRun(output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult(), ended ? process.ExitCode : -1, wall, processor);
    }
}
