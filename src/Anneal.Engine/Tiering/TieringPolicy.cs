// Decides which tier a function starts in and when it moves up. Forced tiers: always the one. Auto: functions start in the
// threaded interpreter; the one that has been called often, or has a loop that has gone round often, is compiled by the baseline,
// on a thread of the engine's own (CompilationQueue) or, where determinism is wanted, at once on the guest's thread.
//
// The answer to "hot" at a loop header may be compiled code to go on in. Otherwise publication does it: the trampoline for calls,
// the handlers of the stream's loop headers for frames that are inside (UnitCode.Publish).

using Anneal.Diagnostics;
using Anneal.Runtime;
using Anneal.Threaded;

namespace Anneal.Tiering;

/// <summary>The tiering policy of an engine. Thread-safe.</summary>
internal sealed unsafe class TieringPolicy
{
    private readonly TierJournal journal;
    private readonly CompilationQueue? queue;
    private readonly bool tiersUp;

    public TieringPolicy(EngineOptions options, TierJournal journal)
    {
        this.journal = journal;
        StartsThreaded = options.Tier is Tier.Auto or Tier.Threaded;
        tiersUp = options.Tier == Tier.Auto;
        IsCounting = tiersUp;
        Heat = tiersUp ? options.TierUpHeat ?? Tuning.LoopHeat : Tuning.Never;
        EntryHeat = tiersUp ? options.TierUpHeat ?? Tuning.EntryHeat : Tuning.Never;
        if (tiersUp && !options.SynchronousTierUp) queue = new CompilationQueue(journal);
    }

    /// <summary>Whether functions start in the threaded interpreter; else they are compiled at their first call.</summary>
    public bool StartsThreaded { get; }

    /// <summary>Whether the interpreter counts branches: a better tier wants to know.</summary>
    public bool IsCounting { get; }

    /// <summary>
    /// Whether loops are predecoded with handlers of their own: it pays where a loop stays in the interpreter, and not where it's
    /// compiled when it has gone round often.
    /// </summary>
    public bool Fuses => !tiersUp;

    /// <summary>Rounds of a loop until <see cref="BecameHot"/> is asked.</summary>
    public int Heat { get; }

    /// <summary>Calls until <see cref="BecameHot"/> is asked.</summary>
    public int EntryHeat { get; }

    /// <summary>The background compiler; null where hot functions are compiled at once, or never.</summary>
    public CompilationQueue? Queue => queue;

    /// <summary>A function's entry or loop has used its heat up.</summary>
    /// <returns>0 to go on in the interpreter, else the address of code to go on in.</returns>
    public nint BecameHot(UnitCode code, CodeUnit unit, ThreadedFunction function, ExecutionState* state, byte* position)
    {
        bool atEntry = position == function.Stream;
        int* heat = (int*)(position + (atEntry ? StreamLayout.EnterHeat : StreamLayout.LoopHeat));
        Volatile.Write(ref *heat, Tuning.Never);
        if (!tiersUp) return 0;
        if (queue is not null)
        {
            if (function.TryRequest())
            {
                journal.BecameHot(unit, function.Function);
                queue.Add(code, unit, function.Function);
            }

            return 0;
        }

        if (function.TryRequest()) journal.BecameHot(unit, function.Function);
        if (code.TryCompile(unit, function.Function) is not { } compiled || atEntry) return 0;
        journal.EntersAtLoop(unit, function.Function);
        return compiled.EntryAtLoop(*(int*)(position + StreamLayout.LoopIndex));
    }
}
