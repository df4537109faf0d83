// What `anneal run` does with an eBPF object: loads it, runs each of its programs (or the chosen one) over each packet, counts the
// verdicts. Programs of one object share its maps, in the order in which they stand there.

using System.Diagnostics;
using System.Globalization;
using Anneal.Cli.Commands;
using Anneal.Cli.Packets;
using Anneal.Ebpf;

namespace Anneal.Cli;

/// <summary>Runs the programs of an eBPF object.</summary>
internal static class EbpfRun
{
    private const int MaxRepeat = 1_000_000_000;

    /// <summary>Runs them.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">A file can't be read, or the object not be loaded.</exception>
    /// <exception cref="UsageException">The options don't fit it.</exception>
    public static int Run(RunWords words, ProcessStreams streams)
    {
        if (Array.Exists(words.Arguments, word => word is "--help" or "-h" or "-?")) return Grammar.Run(["run", "--help"], streams);
        words.ReadArgumentsAsOptions();
        RunOptions options = words.ToOptions();
        int repeat = CheckOptions(words, options);
        string path = options.File;
        ObjectFile file = EbpfObjectFile.Read(path, words.Type, words.Types);
        IReadOnlyList<EbpfProgram> selected = EbpfObjectFile.Select(file, path, words.Program);
        if (words.Output is not null && selected.Count != 1)
            throw new UsageException($"--write takes one program, and {path} has several: choose with --program of {string.Join(", ", selected.Select(program => program.Name))}");
        Capture capture = ReadPackets(words.Packets);

        Engine engine = Tiers.CreateEngine(options.Tier, streams);
        var runtime = new EbpfRuntime(engine, new EbpfOptions
        {
            Mode = words.Sandbox ? SafetyMode.Sandboxed : SafetyMode.Verified,
            InstructionLimit = options.Fuel,
            TimeLimit = options.Timeout,
            Print = streams.Output.WriteLine,
        });
        EbpfObject loaded = Load(runtime, file, path, words.Program, selected[0]);
        var printed = new List<EbpfMap>();
        foreach (string word in words.Maps) SetOrNote(loaded, path, word, printed);
        try
        {
            var runs = new Runs { Capture = capture, Repeat = repeat, Limit = options.Timeout, Output = words.Output, Measures = words.Repeat is not null };
            foreach (EbpfProgram program in selected)
            {
                if (runs.Run(loaded.Programs[IndexOf(loaded, program)], streams.Output)) continue;
                streams.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: stopped after {options.Timeout!.Value.TotalSeconds} s"));
                return ExitCode.TimedOut;
            }

            foreach (EbpfMap map in printed) MapText.Print(map, streams.Output);
            return ExitCode.Success;
        }
        catch (TrapException trap) when (trap.Kind == TrapKind.OutOfFuel)
        {
            streams.Error.WriteLine($"{path}: out of fuel: a run took more instructions than its limit");
            return ExitCode.OutOfFuel;
        }
        catch (TrapException trap)
        {
            streams.Error.Write($"trap: {trap.Message}\n{trap.GuestBacktrace}");
            return ExitCode.Trapped;
        }
        catch (EbpfFaultException fault)
        {
            streams.Error.WriteLine($"trap: {fault.Message}");
            return ExitCode.Trapped;
        }
        catch (GuestTimeoutException timeout)
        {
            streams.Error.Write($"{path}: stopped after {timeout.Timeout.TotalSeconds} s\n{timeout.GuestBacktrace}");
            return ExitCode.TimedOut;
        }
        finally
        {
            if (options.Statistics) StatisticsTable.Print(engine.GetStatistics(), streams.Error);
        }
    }

    private static int CheckOptions(RunWords words, RunOptions options)
    {
        if (options.Invoke is not null || options.Directories.Count != 0 || options.Environment.Count != 0 || options.UnknownImportsTrap || options.MaxMemory is not null)
            throw new UsageException($"{options.File} is an eBPF object: --invoke, --dir, --env, --unknown-imports and --max-memory are for WebAssembly");
        if (options.Fuel == 0) throw new UsageException("--fuel takes at least 1 for an eBPF object");
        if (words.Repeat is null) return 1;
        return int.TryParse(words.Repeat, NumberStyles.None, CultureInfo.InvariantCulture, out int repeat) && repeat is >= 1 and <= MaxRepeat
            ? repeat
            : throw new UsageException($"--repeat takes a number from 1 to {MaxRepeat}, not \"{words.Repeat}\"");
    }

    // Other programs are loaded along only where the chosen one may tail-call them.
    private static EbpfObject Load(EbpfRuntime runtime, ObjectFile file, string path, string? name, EbpfProgram chosen)
    {
        bool calls = file.InitialValues.Any(value => value.Program.Length != 0);
        try
        {
            return EbpfObject.Load(runtime, file, wanted: name is null || calls ? null : program => program == chosen);
        }
        catch (Exception exception) when (EbpfObjectFile.Explain(exception, path) is { } message)
        {
            // What somebody who compiled a program without naming a section meets first.
            bool isUntold = exception is VerifierException refused && file.Programs.Any(program => program.Name == refused.Program && program.Type == ProgramTypes.Memory);
            throw new CommandFailedException(isUntold ? $"{message}\n{path}: the program's section says no type: --type gives it one, --sandbox runs it over plain memory" : message);
        }
    }

    private static int IndexOf(EbpfObject loaded, EbpfProgram program)
    {
        for (int i = 0; i < loaded.Programs.Length; i++)
        {
            if (loaded.Programs[i].Program == program) return i;
        }

        throw new UnreachableException($"{program.Name} was to be loaded");
    }

    private static void SetOrNote(EbpfObject loaded, string path, string word, List<EbpfMap> printed)
    {
        int equals = word.IndexOf('=');
        string name = equals < 0 ? word : word[..equals];
        EbpfMap map = loaded.Maps.FirstOrDefault(map => map.Name == name)
            ?? throw new UsageException(loaded.Maps.IsEmpty ? $"{path} has no map" : $"{path} has no map \"{name}\"; it has {string.Join(", ", loaded.Maps.Select(map => map.Name))}");
        if (equals < 0) printed.Add(map);
        else MapText.Set(map, word[(equals + 1)..]);
    }

    // Files of packets one behind the other; no packet at all is an empty one.
    private static Capture ReadPackets(List<string> words)
    {
        if (words.Count == 0) return Capture.Of([[]]);
        var captures = new List<Capture>();
        foreach (string word in words)
        {
            Capture capture = ReadPackets(word);
            if (captures.Count != 0 && capture.LinkType != captures[0].LinkType)
                throw new CommandFailedException($"{word}: packets of link type {capture.LinkType}, where those before have {captures[0].LinkType}");
            captures.Add(capture);
        }

        return Capture.Join(captures);
    }

    private static Capture ReadPackets(string word)
    {
        if (!File.Exists(word))
        {
            if (Hexadecimal.TryParse(word, out byte[] packet)) return Capture.Of([packet]);
            throw new CommandFailedException(Directory.Exists(word)
                ? $"{word}: that's a folder, where a capture or a packet in hexadecimal digits is wanted"
                : $"{word}: there's no such file, and it's no packet in hexadecimal digits");
        }

        try
        {
            return Capture.Parse(File.ReadAllBytes(word), word);
        }
        catch (Exception exception) when (ModuleFile.Explain(exception, word) is { } message)
        {
            throw new CommandFailedException(message);
        }
    }
}
