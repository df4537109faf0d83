// The main mode: every program of guests/bench on every engine. The programs time their own kernel ("time: N", nanoseconds,
// on standard error), so process start, module load and data generation don't count, but compiling what is compiled lazily
// inside the kernel does. Per program the engines alternate (A B C A B C ...), so that slow drift of the machine hits all
// alike. The checksum of each single run is compared with that of a native build.

using System.Globalization;
using System.Text.Json;

namespace Anneal.Bench;

internal static class GuestBenchmark
{
    public static List<Measurement> Run(RunOptions options)
    {
        Dictionary<string, string> expected = ReadExpected(options.Repository);
        foreach (string program in options.Programs)
        {
            if (!expected.ContainsKey(program))
                throw new BenchException($"no program '{program}'; there are {string.Join(", ", expected.Keys)}");
        }

        List<Measurement> measurements = [];
        foreach (string program in options.Programs.Count > 0 ? options.Programs : [.. expected.Keys])
        {
            string module = Module(options.Repository, program);
            List<Measurement> row = [.. options.Engines.Select(engine => new Measurement(program, engine))];
            for (int repetition = 0; repetition < options.Repeat; repetition++)
            {
                foreach (Measurement cell in row)
                {
                    // A wrong or endless run isn't worth repeating.
                    if (cell.Failure is null && !(cell.Engine.RunsOnce && repetition > 0))
                        Sample(cell, module, expected[program], options);
                }
            }
            measurements.AddRange(row);
            Progress(row, options.Statistic);
        }
        return measurements;
    }

    /// <summary>The names of all programs.</summary>
    public static IReadOnlyCollection<string> Programs(Repository repository) => ReadExpected(repository).Keys;

    /// <summary>The module of a program.</summary>
    /// <exception cref="BenchException">There's no such program.</exception>
    public static string Module(Repository repository, string program)
    {
        string module = Path.Combine(repository.BenchPrograms, program + ".wasm");
        return File.Exists(module) ? module : throw new BenchException($"{module} is missing; guests/build.sh builds it");
    }

    private static void Sample(Measurement cell, string module, string checksum, RunOptions options)
    {
        ProcessRun run = ProcessRun.Start(cell.Engine.Command, [module], options.Limit);
        if (run.TimedOut)
            cell.Fail($"took longer than {options.Limit.TotalSeconds} s");
        else if (run.ExitCode != 0)
            cell.Fail($"exit code {run.ExitCode}: {run.FirstError}");
        else if (run.Output.Trim() != checksum)
            cell.Fail($"checksum {run.Output.Trim()} instead of {checksum}");
        else if (KernelTime(run.Error) is { } milliseconds)
            cell.Add(options.Clock == Clock.Cpu ? run.Processor.TotalMilliseconds : milliseconds);
        else
            cell.Fail($"no \"time: N\" on standard error: {run.FirstError}");
    }

    private static double? KernelTime(string error)
    {
        const string Mark = "time: ";
        foreach (string line in error.Split('\n'))
        {
            if (line.StartsWith(Mark, StringComparison.Ordinal) &&
                long.TryParse(line.AsSpan(Mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long nanoseconds))
            {
                return nanoseconds / 1e6;
            }
        }
        return null;
    }

    private static Dictionary<string, string> ReadExpected(Repository repository)
    {
        string path = Path.Combine(repository.BenchPrograms, "expected.json");
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? [];
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new BenchException($"{path}: {e.Message}");
        }
    }

    private static void Progress(List<Measurement> row, Statistic statistic)
    {
        IEnumerable<string> cells = row.Select(m => m.Result(statistic) is { } ms
            ? $"{m.Engine.Name} {ms.ToString("0", CultureInfo.InvariantCulture)} ms"
            : $"{m.Engine.Name} FAILED");
        Console.Error.WriteLine($"{row[0].Program}: {string.Join(", ", cells)}");
    }
}
