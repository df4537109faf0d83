// Whatever happens to functions and frames on their way through the tiers is told here, once, and goes on to all who want to
// know: the statistics always; event source, perf map and trace where they are switched on. None of it is called from a path that
// guest code takes often; names are looked up only where somebody reads them.

using System.Diagnostics;
using System.Globalization;
using Anneal.Runtime;
using Anneal.Threaded;
using Anneal.Tiering;

namespace Anneal.Diagnostics;

/// <summary>Takes notice of an engine's tier moves. Thread-safe.</summary>
internal sealed class TierJournal
{
    private readonly PerfMap? map = PerfMap.Instance;
    private readonly bool traces = DebugSwitches.TracesTiers;

    /// <summary>The engine's counts.</summary>
    public TierStatistics Statistics { get; } = new(TierStatistics.OfProcess);

    /// <summary>A unit has got its emitted side.</summary>
    public unsafe void UnitMade(CodeUnit unit, CodeBlock trampolines)
    {
        EngineEvents.Listening?.UnitCreated(NameOf(unit), unit.Layout.Counts.Functions);
        map?.Add((nint)trampolines.Executable, trampolines.Size, $"{NameOf(unit)} [trampolines]");
    }

    public void Lowered(CodeUnit unit, int function, int words, long ticks)
    {
        Statistics.CountLowered(ticks);
        EngineEvents.Listening?.FunctionLowered(NameOf(unit), function, NameOf(unit, function), words, Microseconds(ticks));
    }

    /// <summary>A function can be interpreted.</summary>
    public void Predecoded(CodeUnit unit, ThreadedFunction stream, long ticks)
    {
        (int function, int bytes) = (stream.Function, stream.Length);
        Statistics.CountPredecoded(bytes, ticks);
        EngineEvents.Listening?.FunctionPredecoded(NameOf(unit), function, NameOf(unit, function), bytes, Microseconds(ticks));
        map?.Add(stream.Entry, EntryThunks.Bytes, $"{FullName(unit, function)} [threaded entry]");
        if (traces) Trace(unit, function, $"threaded, {bytes} bytes, {Microseconds(ticks):F0} us");
    }

    public void BecameHot(CodeUnit unit, int function)
    {
        Statistics.CountRequested();
        EngineEvents.Listening?.FunctionHot(NameOf(unit), function, NameOf(unit, function));
        if (traces) Trace(unit, function, "hot");
    }

    public void CompileStarts(CodeUnit unit, int function) =>
        EngineEvents.Listening?.CompileStart(nameof(Tier.Baseline), NameOf(unit), function, NameOf(unit, function));

    public void Compiled(CodeUnit unit, CompiledFunction code, long ticks)
    {
        int function = code.Function;
        Statistics.CountCompiled(code.Length, ticks);
        EngineEvents.Listening?.CompileStop(nameof(Tier.Baseline), NameOf(unit), function, NameOf(unit, function), code.Length, Microseconds(ticks));
        map?.Add(code.Start, code.Length, $"{FullName(unit, function)} [baseline]");
        if (traces) Trace(unit, function, $"baseline, {code.Length} bytes, {Microseconds(ticks):F0} us");
    }

    /// <summary>A tier doesn't take a function: it runs in another one.</summary>
    public void Refused(CodeUnit unit, int function, Tier tier)
    {
        Statistics.CountRefused();
        EngineEvents.Listening?.FunctionRefused(tier.ToString(), NameOf(unit), function, NameOf(unit, function));
        if (traces) Trace(unit, function, $"refused by {tier}");
    }

    /// <summary>A running frame goes over to compiled code at a loop header. (Most such moves are made, and counted, by emitted code.)</summary>
    public void EntersAtLoop(CodeUnit unit, int function)
    {
        Statistics.CountEntryAtLoop();
        if (traces) Trace(unit, function, "enters baseline at a loop header");
    }

    /// <summary>A running frame goes over to the interpreter at a loop header.</summary>
    public void ExitsAtLoop(CodeUnit unit, int function)
    {
        Statistics.CountExitAtLoop();
        if (traces) Trace(unit, function, "enters threaded at a loop header");
    }

    /// <summary>A guest has been stopped and its frames, innermost first, lifted.</summary>
    public void Suspended(FrameState[] frames)
    {
        Statistics.CountSuspended();
        if (frames.Length == 0) return;
        EngineEvents.Listening?.GuestSuspended(frames.Length, FullName(frames[0].Unit, frames[0].Function));
        if (traces) Trace(frames[0].Unit, frames[0].Function, $"suspended, {frames.Length} frames");
    }

    /// <summary>A stopped guest goes on.</summary>
    public void Resumed(FrameState[] frames, Tier tier)
    {
        Statistics.CountResumed();
        if (frames.Length == 0) return;
        EngineEvents.Listening?.GuestResumed(frames.Length, FullName(frames[0].Unit, frames[0].Function), tier.ToString());
        if (traces) Trace(frames[0].Unit, frames[0].Function, $"resumed in {tier}, {frames.Length} frames");
    }

    /// <summary>The code of a unit that has been collected is freed. Called by a finalizer.</summary>
    public void Freed(int inThreaded, int inBaseline, long bytes)
    {
        Statistics.CountMoved(-inThreaded, -inBaseline);
        EngineEvents.Listening?.CodeFreed(inThreaded + inBaseline, bytes);
    }

    private static double Microseconds(long ticks) => Stopwatch.GetElapsedTime(0, ticks).TotalMicroseconds;

    private static string NameOf(CodeUnit unit) => unit.Name is { Length: > 0 } name ? name : "module";

    private static string NameOf(CodeUnit unit, int function) =>
        unit.FunctionName(function) is { Length: > 0 } name ? name : string.Create(CultureInfo.InvariantCulture, $"function[{function}]");

    private static string FullName(CodeUnit unit, int function) => $"{NameOf(unit)}!{NameOf(unit, function)}";

    private static void Trace(CodeUnit unit, int function, string what) =>
        Console.Error.WriteLine($"anneal: tier: {PerfMap.Printable(FullName(unit, function))}: {what}");
}
