// Compile throughput: how many megabytes of WebAssembly one thread decodes, validates, lowers and emits in a second once the
// runtime's own compiler has warmed up. Stages are timed apart, through the engine's internals, on modules large enough to
// average over; V8 gives the totals to compare with. Rates count bytes of the code section, where not said otherwise.

using System.Diagnostics;
using System.Globalization;
using Anneal.Baseline;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Threaded;
using Anneal.Wasm;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Lowering;
using Anneal.Wasm.Runtime;
using Anneal.Wasm.Validation;

namespace Anneal.Bench;

internal static class CompileBenchmark
{
    // Rounds until RyuJIT has replaced what it compiled first; its second tier starts after 100 ms without new methods.
    private const int WarmUpRounds = 4;
    private static readonly TimeSpan WarmUpPause = TimeSpan.FromMilliseconds(250);

    private static readonly (string Name, string[] Flags)[] Peers =
    [
        ("V8 lazy (validates only)", ["--single-threaded", "--liftoff-only"]),
        ("V8 Liftoff, eager", ["--single-threaded", "--liftoff-only", "--no-wasm-lazy-compilation"]),
    ];

    /// <summary>Measures and prints each module; the exit code.</summary>
    public static int Run(Repository repository, IReadOnlyList<string> modules, int repeat, bool withNode)
    {
        foreach (string path in modules)
        {
            if (!File.Exists(path))
                throw new BenchException($"there is no {path}; test/acceptance/run --install esbuild (or ruby) installs it");
        }

        foreach (string path in modules) Measure(repository, path, repeat, withNode);
        return 0;
    }

    private static void Measure(Repository repository, string path, int repeat, bool withNode)
    {
        using var engine = new global::Anneal.Engine(new EngineOptions { Tier = Tier.Baseline });
        if (engine.Emitted is not { } emitted) throw new BenchException($"no baseline tier here: {engine.TierRefusal}");
        using Module module = Module.FromFile(engine, path);
        ModuleDefinition definition = module.Definition;
        double moduleBytes = definition.Bytes.Length;
        double codeBytes = definition.Codes.Sum(code => (double)(code.End - code.Start));
        Print($"{Path.GetFileName(path)}: {moduleBytes / 1e6:F1} MB, code section {codeBytes / 1e6:F1} MB, {definition.Codes.Length} functions; one thread, {repeat} rounds");
        Print($"{"stage",-32}{"median ms",12}{"best ms",12}{"median MB/s",14}{"best MB/s",12}");

        var types = new TypeRegistry();
        var single = new ValidationOptions { MaxDegreeOfParallelism = 1 };
        List<double> decode = Samples(repeat, () => ModuleDecoder.Decode(definition.Bytes, types));
        Report("decode, MB of module", decode, moduleBytes);
        List<double> validate = Samples(repeat, () => ModuleValidator.Validate(definition, single));
        Report("validate", validate, codeBytes);
        List<double> load = [.. decode.Zip(validate, (first, second) => first + second)];
        Report("decode + validate", load, codeBytes);
        Report("decode + validate, MB of module", load, moduleBytes);

        var lowering = new FunctionLowering(LoweringOptions.Default);
        var bodies = new FunctionBody[definition.Codes.Length];
        List<double> lower = Samples(repeat, () =>
        {
            for (int i = 0; i < bodies.Length; i++) bodies[i] = lowering.Lower(definition, i);
        });
        Report("lower", lower, codeBytes);

        ModuleCode unit = module.CodeFor(AddressingMode.Guarded);
        UnitCode code = emitted.CodeOf(unit);
        var compiler = new BaselineCompiler();
        long emittedBytes = 0, bytecodeWords = bodies.Sum(body => (long)body.Code.Length);
        List<double> emit = Samples(repeat, () =>
        {
            emittedBytes = 0;
            foreach (FunctionBody body in bodies)
            {
                compiler.Compile(body, code.Target);
                emittedBytes += compiler.Asm.Code.Position;
            }
        });
        compiler.Dispose();
        Report("emit", emit, codeBytes);
        Report("lower + emit", [.. lower.Zip(emit, (first, second) => first + second)], codeBytes);

        using var threadedEngine = new global::Anneal.Engine(new EngineOptions { Tier = Tier.Auto });
        EmittedTier threaded = threadedEngine.Emitted!;
        var predecoder = new Predecoder();
        long streamBytes = 0;
        List<double> predecode = Samples(repeat, () =>
        {
            streamBytes = 0;
            foreach (FunctionBody body in bodies)
            {
                if (!predecoder.TryPredecode(body, code.Target, threaded.Handlers, threaded.Policy)) throw new BenchException("the threaded interpreter refuses a function");
                streamBytes += predecoder.Result.Length;
            }
        });
        Report("predecode", predecode, codeBytes);
        Print($"{streamBytes / codeBytes:F2} bytes of stream a byte of code section; {threaded.Handlers.Count} handlers of {threaded.Handlers.CodeBytes} bytes");

        // Everything that a first call does, code space and tables included. Each round has a unit of its own.
        List<double> install = Samples(repeat, () => Install(emitted, new ModuleCode(module, AddressingMode.Guarded)));
        Report("baseline, ready to run", install, codeBytes);
        Print($"{bytecodeWords * 8 / codeBytes:F2} bytes of bytecode and {emittedBytes / codeBytes:F2} of machine code a byte of code section");

        if (withNode) MeasurePeers(repository, path, repeat, codeBytes);
        Print($"");
    }

    private static void Install(EmittedTier emitted, ModuleCode unit)
    {
        UnitCode code = emitted.CodeOf(unit);
        InstanceCounts counts = unit.Layout.Counts;
        for (int function = counts.ImportedFunctions; function < counts.Functions; function++) code.CompileFunction(unit, function);
    }

    private static void MeasurePeers(Repository repository, string path, int repeat, double codeBytes)
    {
        if (Repository.FindOnPath("node") is not { } node) return;
        string script = Path.Combine(repository.Root, "bench", "node-compile.mjs");
        foreach ((string name, string[] flags) in Peers)
        {
            ProcessRun run = ProcessRun.Start([node, .. flags, script], [path, repeat.ToString(CultureInfo.InvariantCulture)], TimeSpan.FromMinutes(5));
            if (run.ExitCode != 0) throw new BenchException($"{name}: {run.FirstError}");
            Report(name, [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture))], codeBytes);
        }
    }

    private static List<double> Samples(int repeat, Action stage)
    {
        for (int i = 0; i < WarmUpRounds; i++)
        {
            stage();
            Thread.Sleep(WarmUpPause);
        }

        var samples = new List<double>(repeat);
        for (int i = 0; i < repeat; i++)
        {
            // What a stage leaves behind is collected on nobody's time.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long start = Stopwatch.GetTimestamp();
            stage();
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return samples;
    }

    private static void Report(string stage, List<double> samples, double bytes)
    {
        double median = Statistics.Of(Statistic.Median, samples), best = Statistics.Of(Statistic.Min, samples);
        Print($"{stage,-32}{median,12:F1}{best,12:F1}{bytes / median / 1000,14:F1}{bytes / best / 1000,12:F1}");
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
