// Runs of programs over all packets of a capture: counts the verdicts, keeps what isn't dropped, takes the time.

using System.Diagnostics;
using System.Globalization;
using Anneal.Cli.Packets;
using Anneal.Ebpf;

namespace Anneal.Cli;

/// <summary>What the programs of one command are run over, and how often.</summary>
internal sealed class Runs
{
    // Runs between two looks at the clock.
    private const int Between = 256;
    private readonly long begin = Stopwatch.GetTimestamp();
    private byte[] output = [];

    /// <summary>The packets.</summary>
    public required Capture Capture { get; init; }

    /// <summary>How often each program runs over all of them.</summary>
    public required int Repeat { get; init; }

    /// <summary>How long all runs together may take; null for any time. A single run has the limit of its runtime.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>The file that gets the packets that aren't dropped; null for none.</summary>
    public string? Output { get; init; }

    /// <summary>Whether to say how long a run takes.</summary>
    public bool Measures { get; init; }

    /// <summary>Runs a program, prints what came of it.</summary>
    /// <returns>False if the time is over.</returns>
    /// <exception cref="CommandFailedException">The output can't be written.</exception>
    public bool Run(LoadedProgram program, TextWriter text)
    {
        var counts = new Dictionary<string, VerdictCount>(StringComparer.Ordinal);
        VerdictCount? last = null;
        var kept = new List<Packet>();
        byte[] context = [];
        long start = Stopwatch.GetTimestamp();
        long runs = 0;
        for (int round = 0; round < Repeat; round++)
        {
            foreach (Packet packet in Capture.Packets)
            {
                if (Limit is { } limit && runs % Between == 0 && Stopwatch.GetElapsedTime(begin) > limit) return false;
                runs++;
                // Programs may make a packet longer by what lies around its copy.
                if (output.Length < packet.Data.Length + LoadedProgram.MaxGrowth) output = new byte[packet.Data.Length + LoadedProgram.MaxGrowth];
                PacketContext.Fill(program.Type, packet, ref context);
                RunResult result = program.RunCopy(packet.Data, output, context);
                if (last is null || last.Verdict != result.Value || last.Redirect != result.Redirect) last = Find(counts, program.Type, result);
                last.Count++;
                if (round != 0 || Output is null) continue;
                int keep = Verdict.Kept(program.Type, result.Value, result.Length);
                if (keep > 0) kept.Add(packet with { Data = output[..keep], OriginalLength = (uint)Math.Max(keep, packet.OriginalLength + (long)result.Length - packet.Data.Length) });
            }
        }

        TimeSpan time = Stopwatch.GetElapsedTime(start);
        text.WriteLine($"{program.Name} ({program.Type.Name}): {runs} {(runs == 1 ? "run" : "runs")}");
        foreach (VerdictCount one in MostFirst(counts)) text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{one.Count,12}  {one.Name}"));
        if (Measures && runs != 0)
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.TotalNanoseconds / runs,12:F1}  ns a run, with the copy of the packet"));
        if (Output is { } file) Write(Capture.With(kept), file);
        return true;
    }

    // Different verdicts may have the same name: the one that came first stands for all.
    private static VerdictCount Find(Dictionary<string, VerdictCount> counts, ProgramType type, in RunResult result)
    {
        string name = Verdict.Name(type, result.Value, result.Redirect);
        if (!counts.TryGetValue(name, out VerdictCount? count)) counts.Add(name, count = new VerdictCount(name, result.Value, result.Redirect));
        return count;
    }

    private static VerdictCount[] MostFirst(Dictionary<string, VerdictCount> counts)
    {
        VerdictCount[] sorted = [.. counts.Values];
        Array.Sort(sorted, static (x, y) => x.Count != y.Count ? y.Count.CompareTo(x.Count) : string.CompareOrdinal(x.Name, y.Name));
        return sorted;
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
            throw new CommandFailedException(exception switch
            {
                DirectoryNotFoundException => $"{file}: there's no such folder to write it to",
                UnauthorizedAccessException when Directory.Exists(file) => $"{file}: that's a folder",
                UnauthorizedAccessException => $"{file}: writing it isn't permitted",
                _ => $"{file}: {exception.Message}",
            });
        }
    }
}
