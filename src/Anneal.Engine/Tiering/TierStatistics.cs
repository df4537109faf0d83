// Counts of what an engine's tiers have done. Written by whoever does it, on any thread; read by diagnostics.

using System.Diagnostics;

namespace Anneal.Tiering;

/// <summary>An engine's counters. Thread-safe.</summary>
internal sealed class TierStatistics
{
    private long predecoded;
    private long predecodedBytes;
    private long predecodeTicks;
    private long compiled;
    private long compiledBytes;
    private long compileTicks;
    private long refused;
    private long requested;
    private long entriesAtLoops;
    private long exitsAtLoops;

    /// <summary>Functions that the threaded interpreter has run.</summary>
    public long Predecoded => Interlocked.Read(ref predecoded);

    /// <summary>Bytes of their streams.</summary>
    public long PredecodedBytes => Interlocked.Read(ref predecodedBytes);

    /// <summary>Time spent in lowering and predecoding.</summary>
    public TimeSpan PredecodeTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref predecodeTicks));

    /// <summary>Functions that the baseline has compiled.</summary>
    public long Compiled => Interlocked.Read(ref compiled);

    /// <summary>Bytes of their code.</summary>
    public long CompiledBytes => Interlocked.Read(ref compiledBytes);

    /// <summary>Time spent in compiling them.</summary>
    public TimeSpan CompileTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref compileTicks));

    /// <summary>Functions that a tier refused, so that they run in another one.</summary>
    public long Refused => Interlocked.Read(ref refused);

    /// <summary>Functions that became hot.</summary>
    public long Requested => Interlocked.Read(ref requested);

    /// <summary>Running frames that went from the interpreter to compiled code at a loop header.</summary>
    public long EntriesAtLoops => Interlocked.Read(ref entriesAtLoops);

    /// <summary>Running frames that went from compiled code to the interpreter at a loop header.</summary>
    public long ExitsAtLoops => Interlocked.Read(ref exitsAtLoops);

    public void CountPredecoded(int bytes, long ticks)
    {
        Interlocked.Increment(ref predecoded);
        Interlocked.Add(ref predecodedBytes, bytes);
        Interlocked.Add(ref predecodeTicks, ticks);
    }

    public void CountCompiled(int bytes, long ticks)
    {
        Interlocked.Increment(ref compiled);
        Interlocked.Add(ref compiledBytes, bytes);
        Interlocked.Add(ref compileTicks, ticks);
    }

    public void CountRefused() => Interlocked.Increment(ref refused);

    public void CountRequested() => Interlocked.Increment(ref requested);

    public void CountEntriesAtLoops(long count) => Interlocked.Add(ref entriesAtLoops, count);

    public void CountExitsAtLoops(long count) => Interlocked.Add(ref exitsAtLoops, count);
}
