// Counts of what an engine's tiers have done. Written by whoever does it, on any thread; read by diagnostics. Each engine's
// counts also go to those of the whole process, which outlive engines: counters that tools watch must never go back.
//
// Entries at loop headers are counted by emitted code, in its execution, with one instruction. They are read where they are, so
// that those of a guest that has been running for hours are seen: statistics know the executions' states until these are freed.

using System.Diagnostics;
using Anneal.Runtime;

namespace Anneal.Tiering;

/// <summary>Counters of an engine, or of the process. Thread-safe.</summary>
internal sealed unsafe class TierStatistics
{
    private readonly TierStatistics? whole;
    private readonly Lock gate = new();
    private readonly ValueList<nint> executions = new();
    private long lowered;
    private long lowerTicks;
    private long predecoded;
    private long predecodedBytes;
    private long predecodeTicks;
    private long compiled;
    private long compiledBytes;
    private long compileTicks;
    private long inThreaded;
    private long inBaseline;
    private long heldBytes;
    private long refused;
    private long requested;
    private long entriesAtLoops;
    private long exitsAtLoops;
    private long suspended;
    private long resumed;
    private long traps;

    /// <param name="whole">What these are a part of; null for the process's.</param>
    public TierStatistics(TierStatistics? whole) => this.whole = whole;

    /// <summary>The sums over all engines that there have been.</summary>
    public static TierStatistics OfProcess { get; } = new(null);

    /// <summary>Functions whose bytecode has been made.</summary>
    public long Lowered => Interlocked.Read(ref lowered);

    /// <summary>Time spent in that.</summary>
    public TimeSpan LowerTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref lowerTicks));

    /// <summary>Functions that the threaded interpreter has run.</summary>
    public long Predecoded => Interlocked.Read(ref predecoded);

    /// <summary>Bytes of their streams.</summary>
    public long PredecodedBytes => Interlocked.Read(ref predecodedBytes);

    /// <summary>Time spent in predecoding, the emission of handlers included.</summary>
    public TimeSpan PredecodeTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref predecodeTicks));

    /// <summary>Functions that the baseline has compiled.</summary>
    public long Compiled => Interlocked.Read(ref compiled);

    /// <summary>Bytes of their code.</summary>
    public long CompiledBytes => Interlocked.Read(ref compiledBytes);

    /// <summary>Time spent in compiling them.</summary>
    public TimeSpan CompileTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref compileTicks));

    /// <summary>Functions whose calls now go to the threaded interpreter.</summary>
    public long InThreaded => Interlocked.Read(ref inThreaded);

    /// <summary>Functions whose calls now go to baseline code.</summary>
    public long InBaseline => Interlocked.Read(ref inBaseline);

    /// <summary>Bytes of the code space that are held now.</summary>
    public long HeldBytes => Interlocked.Read(ref heldBytes);

    /// <summary>Functions that a tier refused, so that they run in another one.</summary>
    public long Refused => Interlocked.Read(ref refused);

    /// <summary>Functions that became hot.</summary>
    public long Requested => Interlocked.Read(ref requested);

    /// <summary>Running frames that went from the interpreter to compiled code at a loop header.</summary>
    public long EntriesAtLoops
    {
        get
        {
            lock (gate)
            {
                long sum = entriesAtLoops;
                foreach (nint state in executions.Items) sum += Volatile.Read(ref ((ExecutionState*)state)->EntriesAtLoops);
                return sum;
            }
        }
    }

    /// <summary>Running frames that went from compiled code to the interpreter at a loop header.</summary>
    public long ExitsAtLoops => Interlocked.Read(ref exitsAtLoops);

    /// <summary>How often a guest was suspended.</summary>
    public long Suspended => Interlocked.Read(ref suspended);

    /// <summary>How often a suspended guest went on.</summary>
    public long Resumed => Interlocked.Read(ref resumed);

    /// <summary>Traps of guest code.</summary>
    public long Traps => Interlocked.Read(ref traps);

    /// <summary>Has the entries at loop headers that an execution counts belong to these; until <see cref="Detach"/>.</summary>
    public void Attach(ExecutionState* state)
    {
        for (TierStatistics? each = this; each is not null; each = each.whole)
        {
            lock (each.gate) each.executions.Add((nint)state);
        }
    }

    /// <summary>Takes an execution's count over: its state is about to be freed.</summary>
    public void Detach(ExecutionState* state)
    {
        nint gone = (nint)state;
        for (TierStatistics? each = this; each is not null; each = each.whole)
        {
            lock (each.gate)
            {
                int before = each.executions.Count;
                each.executions.RemoveAll(other => other == gone);
                if (each.executions.Count == before) continue;
                each.entriesAtLoops += state->EntriesAtLoops;
            }
        }
    }

    public void CountLowered(long ticks)
    {
        for (TierStatistics? each = this; each is not null; each = each.whole)
        {
            Interlocked.Increment(ref each.lowered);
            Interlocked.Add(ref each.lowerTicks, ticks);
        }
    }

    public void CountPredecoded(int bytes, long ticks)
    {
        for (TierStatistics? each = this; each is not null; each = each.whole)
        {
            Interlocked.Increment(ref each.predecoded);
            Interlocked.Add(ref each.predecodedBytes, bytes);
            Interlocked.Add(ref each.predecodeTicks, ticks);
        }
    }

    public void CountCompiled(int bytes, long ticks)
    {
        for (TierStatistics? each = this; each is not null; each = each.whole)
        {
            Interlocked.Increment(ref each.compiled);
            Interlocked.Add(ref each.compiledBytes, bytes);
            Interlocked.Add(ref each.compileTicks, ticks);
        }
    }

    /// <summary>Functions have moved into tiers, or, where a number is negative, out of them.</summary>
    public void CountMoved(int intoThreaded, int intoBaseline)
    {
        for (TierStatistics? each = this; each is not null; each = each.whole)
        {
            Interlocked.Add(ref each.inThreaded, intoThreaded);
            Interlocked.Add(ref each.inBaseline, intoBaseline);
        }
    }

    /// <summary>Code space has been taken, or, where the number is negative, given back.</summary>
    public void CountHeld(long bytes)
    {
        for (TierStatistics? each = this; each is not null; each = each.whole) Interlocked.Add(ref each.heldBytes, bytes);
    }

    public void CountRefused()
    {
        for (TierStatistics? each = this; each is not null; each = each.whole) Interlocked.Increment(ref each.refused);
    }

    public void CountRequested()
    {
        for (TierStatistics? each = this; each is not null; each = each.whole) Interlocked.Increment(ref each.requested);
    }

    public void CountEntryAtLoop()
    {
        // Under the lock: it's where counts of executions that have gone are added.
        for (TierStatistics? each = this; each is not null; each = each.whole)
        {
            lock (each.gate) each.entriesAtLoops++;
        }
    }

    public void CountExitAtLoop()
    {
        for (TierStatistics? each = this; each is not null; each = each.whole) Interlocked.Increment(ref each.exitsAtLoops);
    }

    public void CountSuspended()
    {
        for (TierStatistics? each = this; each is not null; each = each.whole) Interlocked.Increment(ref each.suspended);
    }

    public void CountResumed()
    {
        for (TierStatistics? each = this; each is not null; each = each.whole) Interlocked.Increment(ref each.resumed);
    }

    public void CountTrap()
    {
        for (TierStatistics? each = this; each is not null; each = each.whole) Interlocked.Increment(ref each.traps);
    }
}
