// The modes that time a whole process, start to end, as a user waits for it: hello world (`startup`), and large modules up to
// their first result (`first`, `esbuild`). Each engine runs once unmeasured, which fills the file cache, then all alternate.
// Every run must succeed and print what the first one printed.

using System.Globalization;

namespace Anneal.Bench;

internal static class WholeProcessBenchmark
{
    private const string RubyLine = "(1..10).map { |i| i * i }.select(&:even?).sum.then { |sum| \"#{RUBY_VERSION}: #{sum}\" }";

    public static List<Measurement> Startup(RunOptions options) =>
        Measure(options, "hello", options.Engines, engine => [.. engine.Command, options.Repository.Hello]);

    /// <param name="options">Engines and repetitions.</param>
    /// <param name="programs">Of <c>esbuild</c> and <c>ruby</c>; none stands for both.</param>
    public static List<Measurement> First(RunOptions options, IReadOnlyList<string> programs)
    {
        List<Measurement> measurements = [];
        foreach (string program in programs.Count > 0 ? programs : ["esbuild", "ruby"])
        {
            Func<Engine, List<string>> command = program switch
            {
                "esbuild" => Esbuild(options),
                "ruby" => Ruby(options.Repository),
                _ => throw new BenchException($"no program '{program}'; there are esbuild and ruby"),
            };
            measurements.AddRange(Measure(options, program, options.Engines, command));
        }
        return measurements;
    }

    /// <summary>Times the processes of one program; a measurement for each engine.</summary>
    public static List<Measurement> Measure(RunOptions options, string name, IEnumerable<Engine> engines, Func<Engine, List<string>> command)
    {
        List<Measurement> row = [.. engines.Select(engine => new Measurement(name, engine))];
        string? expected = null;
        for (int repetition = -1; repetition < options.Repeat; repetition++)
        {
            foreach (Measurement cell in row)
            {
                if (cell.Failure is not null || (cell.Engine.RunsOnce && repetition != 0))
                    continue;
                ProcessRun run = ProcessRun.Start(command(cell.Engine), [], options.Limit);
                if (run.TimedOut)
                    cell.Fail($"took longer than {options.Limit.TotalSeconds} s");
                else if (run.ExitCode != 0)
                    cell.Fail($"exit code {run.ExitCode}: {run.FirstError}");
                else if (run.Output.Length == 0)
                    cell.Fail("printed nothing");
                else if (run.Output != (expected ??= run.Output))
                    cell.Fail("printed something else than the first engine");
                else if (repetition >= 0)
                    cell.Add((options.Clock == Clock.Cpu ? run.Processor : run.Wall).TotalMilliseconds);
            }
        }
        foreach (Measurement cell in row.Where(c => c.Samples.Count > 0))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name} on {cell.Engine.Name}: {cell.Samples.Count} runs, {cell.Samples.Min():0.0} to {cell.Samples.Max():0.0} ms"));
        }
        return row;
    }

    private static Func<Engine, List<string>> Esbuild(RunOptions options)
    {
        string module = Installed(options.EsbuildModule, "esbuild");
        // Why the project is preopened as "/" stands in test/acceptance/run.
        return engine =>
        [
            .. engine.Command, "--dir", $"{options.Repository.EsbuildProject}::/", "--env", "PWD=/",
            module, "src/main.tsx", "--bundle", "--minify", "--format=esm", "--platform=node",
        ];
    }

    // Ruby's module isn't a command: a host calls it. Ours is the embedding sample, Node's a script that does the same calls.
    private static Func<Engine, List<string>> Ruby(Repository repository)
    {
        string module = Installed(repository.InstalledRuby, "ruby");
        if (!File.Exists(repository.EmbedRuby))
            throw new BenchException($"{repository.EmbedRuby} is missing; `bench/run first` publishes it");
        string dotnet = Repository.FindOnPath("dotnet") ?? throw new BenchException("dotnet was not found on PATH");
        return engine => engine.Family == EngineFamily.Node
            ? [.. engine.Command.SkipLast(1), repository.Script("node-ruby.mjs"), module, RubyLine]
            : [dotnet, repository.EmbedRuby, .. engine.TierOption, module, "-e", RubyLine];
    }

    private static string Installed(string module, string name) => File.Exists(module)
        ? module
        : throw new BenchException($"{module} is missing; `test/acceptance/run --install {name}` installs it");
}
