// Tells the profiler `perf` what emitted code is called: with ANNEAL_PERF=map, a line for each piece of it is appended to
// /tmp/perf-PID.map as soon as the piece is in place. The file is the process's, so this is too. Each line is written at once,
// by one call: the profiler reads the file at a time of its choosing.
//
// Code that is freed keeps its line: perf takes the last one that names an address.
//
// The names are the guest's, so nothing is taken for granted about what is in them. Failures to write end the writing, with a
// word on standard error: a profile isn't worth a guest's life.

using System.Globalization;
using System.Text;

namespace Anneal.Diagnostics;

/// <summary>The process's map for <c>perf</c>. Thread-safe.</summary>
internal sealed class PerfMap
{
    /// <summary>The environment variable that asks for the map.</summary>
    public const string Variable = "ANNEAL_PERF";

    private const int LongestName = 400;

    private readonly Lock gate = new();
    private FileStream? file;

    private PerfMap(FileStream file) => this.file = file;

    /// <summary>The map; null where nobody has asked for one, or where it can't be written.</summary>
    public static PerfMap? Instance { get; } = Create(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Names a piece of code.</summary>
    public void Add(nint start, int bytes, string name)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{start:x} {bytes:x} {Printable(name)}\n");
        lock (gate)
        {
            if (file is null) return;
            try
            {
                file.Write(Encoding.UTF8.GetBytes(line));
            }
            catch (IOException exception)
            {
                file.Dispose();
                file = null;
                Complain(exception.Message);
            }
        }
    }

    /// <summary>The name as it may stand in a line.</summary>
    public static string Printable(string name)
    {
        string text = name.Length <= LongestName ? name : $"{name.AsSpan(0, LongestName)}...";
        foreach (char c in text)
        {
            if (!char.IsControl(c)) continue;
            return string.Create(text.Length, text, (span, from) =>
            {
                for (int i = 0; i < span.Length; i++) span[i] = char.IsControl(from[i]) ? '?' : from[i];
            });
        }

        return text;
    }

    private static PerfMap? Create(string? wish)
    {
        if (string.IsNullOrEmpty(wish)) return null;
        if (wish != "map")
        {
            Complain($"it knows only \"map\", not \"{wish}\"");
            return null;
        }

        string path = string.Create(CultureInfo.InvariantCulture, $"/tmp/perf-{Environment.ProcessId}.map");
        try
        {
            // The folder is everybody's: what stands there already, of an earlier process or a link of somebody's, isn't written to.
            File.Delete(path);
            return new PerfMap(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Complain(exception.Message);
            return null;
        }
    }

    private static void Complain(string what) => Console.Error.WriteLine($"anneal: no map for perf ({Variable}): {what}");
}
