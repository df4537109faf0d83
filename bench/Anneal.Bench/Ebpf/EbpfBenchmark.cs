// eBPF programs beside the kernel's JIT compiler: nanoseconds a run, net of the empty program's on either side, and microseconds to
// load one, that is to verify and compile it. The kernel repeats runs itself (BPF_PROG_TEST_RUN); here a loop calls Run. Both sides
// get the same instructions, packet and map entries, take turns, and must come to the same result. Minima count: what disturbs a
// machine only ever adds.
//
// Compiling happens at a function's first call, so a load here is a load and a run.

using System.Diagnostics;
using System.Globalization;
using Anneal.Ebpf;

namespace Anneal.Bench.Ebpf;

internal static class EbpfBenchmark
{
    private const int PacketBytes = 512;
    private const ushort Port = 443;
    private const double SampleNanoseconds = 20_000_000;
    private const int LoadSamples = 40;

    // Loads and runs until RyuJIT has replaced what it compiled first; its second tier starts after 100 ms without new methods.
    private const int WarmUpRounds = 4;
    private const int WarmUpRuns = 50_000;
    private const int WarmUpLoads = 40;
    private static readonly TimeSpan WarmUpPause = TimeSpan.FromMilliseconds(250);

    private static readonly string[] Measured =
        ["alu_loop", "packet_hash", "tcp_checksum", "port_filter", "map_counters", "memory_copy", "straight_line", "local_calls", "tail_calls"];

    /// <summary>Measures and prints a table for each tier.</summary>
    /// <returns>1 if a program's results differ.</returns>
    public static int Run(Repository repository, IReadOnlyList<string> tiers, int repeat)
    {
        ObjectFile[] files = [Read(repository, "bench.o"), Read(repository, "ports.o")];
        string? unavailable = KernelObject.Unavailable();
        if (unavailable is not null) Console.WriteLine($"note: without the kernel, which can't be measured here: {unavailable}");
        List<Subject> kernel = unavailable is null ? KernelSubjects(files) : [];
        Console.WriteLine($"minimum of {repeat}, net of the empty program; ratios below 1 mean that Anneal is faster");
        bool same = true;
        foreach (string name in tiers)
        {
            if (!Enum.TryParse(name, ignoreCase: true, out Tier tier)) throw new BenchException($"there's no tier \"{name}\"");
            using var engine = new Anneal.Engine(new EngineOptions { Tier = tier });
            if (tier != Tier.Auto && engine.Tier != tier) throw new BenchException($"no {name} tier here: {engine.TierRefusal}");
            using var runtime = new EbpfRuntime(engine);
            same &= Table(name, OwnSubjects(runtime, files), kernel, repeat);
        }

        return same ? 0 : 1;
    }

    private static bool Table(string tier, List<Subject> own, List<Subject> kernel, int repeat)
    {
        Console.WriteLine();
        Console.WriteLine($"| program | slots | kernel ns | {tier} ns | ratio | kernel load us | {tier} load us | ratio |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        Subject ownEmpty = own.Single(subject => subject.Name == "empty");
        Subject? kernelEmpty = kernel.Find(subject => subject.Name == "empty");
        WarmUp(ownEmpty);
        double kernelBase = double.MaxValue, ownBase = double.MaxValue;
        var runs = new List<double>();
        var loads = new List<double>();
        bool same = true;
        foreach (string name in Measured)
        {
            Subject mine = own.Single(subject => subject.Name == name);
            Subject? theirs = kernel.Find(subject => subject.Name == name);
            if (theirs is not null && theirs.Result() != mine.Result())
            {
                Console.WriteLine($"FAILED {name}: {mine.Result()} here, {theirs.Result()} in the kernel");
                same = false;
            }

            // The empty program again each time: what it takes changes a little with what else the runtime has compiled.
            WarmUp(mine);
            (double kernelNothing, double ownNothing) = Pair(kernelEmpty, ownEmpty, repeat);
            (double kernelRun, double ownRun) = Pair(theirs, mine, repeat);
            (kernelBase, ownBase) = (Math.Min(kernelBase, kernelNothing), Math.Min(ownBase, ownNothing));
            kernelRun -= kernelNothing;
            ownRun -= ownNothing;
            double ownLoad = mine.LoadTime();
            double kernelLoad = theirs?.LoadTime() ?? double.NaN;
            if (theirs is not null)
            {
                // What is no more than the empty program has no ratio.
                if (kernelRun > 0 && ownRun > 0) runs.Add(ownRun / kernelRun);
                loads.Add(ownLoad / kernelLoad);
            }

            Row(name, mine.Slots, kernelRun, ownRun, kernelLoad, ownLoad);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| geometric mean | | | | {Statistics.GeometricMean(runs):0.00} | | | {Statistics.GeometricMean(loads):0.00} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| worst | | | | {runs.DefaultIfEmpty(double.NaN).Max():0.00} | | | {loads.DefaultIfEmpty(double.NaN).Max():0.00} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nthe empty program: {kernelBase:0.0} ns a run in the kernel, {ownBase:0.0} here"));
        return same;
    }

    private static void Row(string name, int slots, double kernelRun, double ownRun, double kernelLoad, double ownLoad) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {slots} | {kernelRun:0.0} | {ownRun:0.0} | {ownRun / kernelRun:0.00} | {kernelLoad:0.0} | {ownLoad:0.0} | {ownLoad / kernelLoad:0.00} |"));

    private static void WarmUp(Subject subject)
    {
        for (int round = 0; round < WarmUpRounds; round++)
        {
            subject.Run(WarmUpRuns);
            Thread.Sleep(WarmUpPause);
        }
    }

    // The best of some samples on either side, in turns.
    private static (double Kernel, double Own) Pair(Subject? kernel, Subject own, int repeat)
    {
        int kernelRuns = kernel is null ? 0 : Calibrate(kernel), ownRuns = Calibrate(own);
        double bestKernel = kernel is null ? double.NaN : double.MaxValue, bestOwn = double.MaxValue;
        for (int i = 0; i < repeat; i++)
        {
            if (kernel is not null) bestKernel = Math.Min(bestKernel, kernel.Run(kernelRuns));
            bestOwn = Math.Min(bestOwn, own.Run(ownRuns));
        }

        return (bestKernel, bestOwn);
    }

    // Runs that take about a sample's time; the ones before warm up.
    private static int Calibrate(Subject subject)
    {
        int runs = 100;
        while (true)
        {
            double time = subject.Run(runs) * runs;
            if (time >= SampleNanoseconds / 4 || runs >= 1 << 22) return (int)Math.Clamp(runs * (SampleNanoseconds / Math.Max(time, 1)), 1, 1 << 23);
            runs *= 4;
        }
    }

    private static ObjectFile Read(Repository repository, string name)
    {
        string path = Path.Combine(repository.Root, "guests", "ebpf", name);
        try
        {
            return ObjectFile.Parse(File.ReadAllBytes(path));
        }
        catch (IOException exception)
        {
            throw new BenchException($"{path}: {exception.Message}");
        }
    }

    private static List<Subject> OwnSubjects(EbpfRuntime runtime, ObjectFile[] files)
    {
        var subjects = new List<Subject>();
        foreach (ObjectFile file in files)
        {
            EbpfObject loaded = EbpfObject.Load(runtime, file);
            foreach ((int map, byte[] key, byte[] value) in Entries(file)) loaded.Maps[map].Update(key, value);
            foreach (LoadedProgram program in loaded.Programs)
            {
                byte[] packet = Packet();
                subjects.Add(new Subject(program.Name, program.Program.Instructions.Length, Runs, () => program.Run(Packet()), LoadTime));

                double Runs(int count)
                {
                    Span<byte> bytes = packet;
                    long start = Stopwatch.GetTimestamp();
                    for (int i = 0; i < count; i++) program.Run(bytes);
                    return Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
                }

                double LoadTime()
                {
                    double best = double.MaxValue;
                    for (int round = 0; round < WarmUpRounds; round++)
                    {
                        Load(WarmUpLoads, ref best);
                        Thread.Sleep(WarmUpPause);
                    }

                    Load(LoadSamples, ref best);
                    return best;
                }

                void Load(int count, ref double best)
                {
                    for (int i = 0; i < count; i++)
                    {
                        long start = Stopwatch.GetTimestamp();
                        runtime.Load(program.Program, program.Maps).Run(packet);
                        best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                    }
                }
            }
        }

        return subjects;
    }

    // The kernel's objects live as long as the process.
    private static List<Subject> KernelSubjects(ObjectFile[] files)
    {
        var subjects = new List<Subject>();
        foreach (ObjectFile file in files)
        {
            var kernel = new KernelObject(file.Maps);
            foreach ((int map, byte[] key, byte[] value) in Entries(file)) kernel.Update(map, key, value);
            var numbers = new Dictionary<string, int>();
            foreach (EbpfProgram program in file.Programs)
            {
                int number = numbers[program.Name] = kernel.Load(program, out _);
                byte[] packet = Packet();
                subjects.Add(new Subject(
                    program.Name,
                    program.Instructions.Length,
                    count => kernel.Run(number, packet, count, out _),
                    () => { kernel.Run(number, Packet(), 1, out uint result); return result; },
                    () => kernel.LoadTime(program, LoadSamples)));
            }

            foreach (InitialMapValue value in file.InitialValues)
                kernel.Update(value.Map, BitConverter.GetBytes(value.Index), BitConverter.GetBytes(numbers[value.Program]));
        }

        return subjects;
    }

    // What the programs find in their maps.
    private static IEnumerable<(int Map, byte[] Key, byte[] Value)> Entries(ObjectFile file)
    {
        for (int i = 0; i < file.Maps.Length; i++)
        {
            if (file.Maps[i].Name == "ports") yield return (i, BitConverter.GetBytes(Port), BitConverter.GetBytes(1));
            if (file.Maps[i].Name is "flows" or "seen") yield return (i, BitConverter.GetBytes(Port), new byte[file.Maps[i].ValueSize]);
        }
    }

    // Ethernet, IPv4, TCP to the port, and bytes.
    private static byte[] Packet()
    {
        byte[] packet = new byte[PacketBytes];
        for (int i = 54; i < packet.Length; i++) packet[i] = (byte)(i * 7);
        packet[12] = 0x08;
        packet[14] = 0x45;
        packet[16] = (PacketBytes - 14) >> 8;
        packet[17] = (PacketBytes - 14) & 0xFF;
        packet[22] = 64;
        packet[23] = 6;
        packet[26] = packet[30] = 10;
        packet[29] = 1;
        packet[33] = 2;
        packet[36] = Port >> 8;
        packet[37] = Port & 0xFF;
        packet[46] = 0x50;
        return packet;
    }
}
