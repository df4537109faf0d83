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
        words.ReadArgumentsAsOptions();
        RunOptions options = words.ToOptions();
        int repeat = CheckOptions(words, options);
        string path = options.File;
        ObjectFile file = EbpfObjectFile.Read(path, words.Type);
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
            foreach (EbpfProgram program in selected) RunOne(loaded.Programs[IndexOf(loaded, program)], capture, repeat, words, streams);
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
            throw new CommandFailedException(message);
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
        Capture? first = null;
        var packets = new List<Packet>();
        foreach (string word in words)
        {
            Capture capture = ReadPackets(word);
            first ??= capture;
            if (capture.LinkType != first.LinkType) throw new CommandFailedException($"{word}: packets of link type {capture.LinkType}, where those before have {first.LinkType}");
            packets.AddRange(capture.Packets);
        }

        return first?.With(packets) ?? Capture.Of([[]]);
    }

    private static Capture ReadPackets(string word)
    {
        if (!File.Exists(word))
        {
            return Hexadecimal.TryParse(word, out byte[] packet)
                ? Capture.Of([packet])
                : throw new CommandFailedException($"{word}: there's no such file, and it's no packet in hexadecimal digits");
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

    private static void RunOne(LoadedProgram program, Capture capture, int repeat, RunWords words, ProcessStreams streams)
    {
        var counts = new Dictionary<string, long>();
        var kept = new List<Packet>();
        byte[] output = [];
        byte[] context = [];
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < repeat; round++)
        {
            foreach (Packet packet in capture.Packets)
            {
                // Programs may make a packet longer by what lies around its copy.
                if (output.Length < packet.Data.Length + LoadedProgram.MaxGrowth) output = new byte[packet.Data.Length + LoadedProgram.MaxGrowth];
                PacketContext.Fill(program.Type, packet, ref context);
                ulong result = program.RunCopyWithContext(packet.Data, context, output, out int length);
                string name = Verdict.Name(program.Type, result);
                counts[name] = counts.GetValueOrDefault(name) + 1;
                if (round != 0 || words.Output is null) continue;
                int keep = Verdict.Kept(program.Type, result, length);
                if (keep > 0) kept.Add(packet with { Data = output[..keep], OriginalLength = (uint)Math.Max(keep, packet.OriginalLength + (long)length - packet.Data.Length) });
            }
        }

        TimeSpan time = Stopwatch.GetElapsedTime(start);
        long runs = (long)repeat * capture.Packets.Count;
        streams.Output.WriteLine($"{program.Name} ({program.Type.Name}): {runs} {(runs == 1 ? "run" : "runs")}");
        foreach ((string name, long count) in counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal))
            streams.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,12}  {name}"));
        if (words.Repeat is not null && runs != 0)
            streams.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.TotalNanoseconds / runs,12:F1}  ns a run, with the copy of the packet"));
        if (words.Output is { } file) Write(capture.With(kept), file);
    }

    private static void Write(Capture capture, string file)
    {
        try
        {
            using FileStream stream = File.Create(file);
            capture.Write(stream);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CommandFailedException($"{file}: {exception.Message}");
        }
    }
}
