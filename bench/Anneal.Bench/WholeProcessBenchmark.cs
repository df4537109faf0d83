// The modes that time a whole process, start to end, as a user waits for it: hello world (`startup`) and esbuild bundling
// a TypeScript project (`esbuild`). Each engine runs once unmeasured, which fills the file cache, then all alternate. Every
// run must succeed and print what the first one printed.

using System.Globalization;

namespace Anneal.Bench;

internal static class WholeProcessBenchmark
{
    public static List<Measurement> Startup(RunOptions options) =>
        Run(options, "hello", [options.Repository.Hello]);

    /// <param name="options">Engines and repetitions.</param>
    /// <param name="module">esbuild's WASI build.</param>
    public static List<Measurement> Esbuild(RunOptions options, string module)
    {
        if (!File.Exists(module))
            throw new BenchException($"{module} is missing; `test/acceptance/run --install esbuild` installs it");
        // Why the project is preopened as "/" stands in test/acceptance/run.
        string[] arguments =
        [
            "--dir", $"{options.Repository.EsbuildProject}::/", "--env", "PWD=/",
            module, "src/main.tsx", "--bundle", "--minify", "--format=esm", "--platform=node",
        ];
        return Run(options, "esbuild", arguments);
    }

    private static List<Measurement> Run(RunOptions options, string name, string[] arguments)
    {
        List<Measurement> row = [.. options.Engines.Select(engine => new Measurement(name, engine))];
        string? expected = null;
        for (int repetition = -1; repetition < options.Repeat; repetition++)
        {
            foreach (Measurement cell in row)
            {
                if (cell.Failure is not null)
                    continue;
                ProcessRun run = ProcessRun.Start(cell.Engine.Command, arguments, options.Limit);
                if (run.TimedOut)
                    cell.Fail($"took longer than {options.Limit.TotalSeconds} s");
                else if (run.ExitCode != 0)
                    cell.Fail($"exit code {run.ExitCode}: {run.FirstError}");
                else if (run.Output.Length == 0)
                    cell.Fail("printed nothing");
                else if (run.Output != (expected ??= run.Output))
                    cell.Fail("printed something else than the first engine");
                else if (repetition >= 0)
                    cell.Add(run.Wall.TotalMilliseconds);
            }
        }
        foreach (Measurement cell in row.Where(c => c.Samples.Count > 0))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{cell.Engine.Name}: {cell.Samples.Count} runs, {cell.Samples.Min():0.0} to {cell.Samples.Max():0.0} ms"));
        }
        return row;
    }
}
