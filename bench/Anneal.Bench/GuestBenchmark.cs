// The main mode: every program of guests/bench on every engine. The programs time their own kernel ("time: N", nanoseconds,
// on standard error), so process start, module load and data generation don't count, but compiling what is compiled lazily
// inside the kernel does. Per program the engines alternate (A B C A B C ...), so that slow drift of the machine hits all
// alike. The checksum of each single run is compared with that of a native build.

using System.Globalization;
using System.Text.Json;

namespace Anneal.Bench;

internal static class GuestBenchmark
{
    public static List<Measurement> Run(RunOptions options, IReadOnlyList<string> programs)
    {
        Dictionary<string, string> expected = ReadExpected(options.Repository);
        foreach (string program in programs)
        {
            if (!expected.ContainsKey(program))
                throw new BenchException($"no program '{program}'; there are {string.Join(", ", expected.Keys)}");
        }

        List<Measurement> measurements = [];
        foreach (string program in programs.Count > 0 ? programs : [.. expected.Keys])
        {
            string module = Path.Combine(options.Repository.BenchPrograms, program + ".wasm");
            if (!File.Exists(module))
                throw new BenchException($"{module} is missing; guests/build.sh builds it");
            List<Measurement> row = [.. options.Engines.Select(engine => new Measurement(program, engine))];
            for (int repetition = 0; repetition < options.Repeat; repetition++)
            {
                foreach (Measurement cell in row)
                {
                    // A wrong or endless run isn't worth repeating.
                    if (cell.Failure is null)
                        Sample(cell, module, expected[program], options.Limit);
                }
            }
            measurements.AddRange(row);
            Progress(row, options.Statistic);
        }
        return measurements;
    }

    private static void Sample(Measurement cell, string module, string checksum, TimeSpan limit)
    {
        ProcessRun run = ProcessRun.Start(cell.Engine.Command, [module], limit);
        if (run.TimedOut)
            cell.Fail($"took longer than {limit.TotalSeconds} s");
        else if (run.ExitCode != 0)
            cell.Fail($"exit code {run.ExitCode}: {run.FirstError}");
        else if (run.Output.Trim() != checksum)
            cell.Fail($"checksum {run.Output.Trim()} instead of {checksum}");
        else if (KernelTime(run.Error) is { } milliseconds)
            cell.Add(milliseconds);
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
