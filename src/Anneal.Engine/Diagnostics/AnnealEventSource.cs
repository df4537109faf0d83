// What happens to guest functions, as events and counters of .NET: for dotnet-trace, dotnet-counters and listeners of the host.
// TierJournal calls it; nobody does before EngineEvents has made it. The counters are made when somebody first listens, and read
// the process's sums: a count that belonged to an engine would go back when that is collected.

using System.Diagnostics.Tracing;
using Anneal.Tiering;

namespace Anneal.Diagnostics;

/// <summary>The event source "Anneal".</summary>
[EventSource(Name = EngineEvents.SourceName)]
internal sealed class AnnealEventSource : EventSource
{
    private DiagnosticCounter[]? counters;

    /// <summary>Parts of the events that a listener may choose from.</summary>
    public static class Keywords
    {
        /// <summary>Units, and functions that are lowered or predecoded.</summary>
        public const EventKeywords Loading = (EventKeywords)1;

        /// <summary>Functions that become hot, are compiled or refused; code that is freed.</summary>
        public const EventKeywords Tiers = (EventKeywords)2;

        /// <summary>Guests that are suspended and resumed.</summary>
        public const EventKeywords Guests = (EventKeywords)4;
    }

    [Event(1, Level = EventLevel.Informational, Keywords = Keywords.Loading, Message = "unit {0} of {1} functions")]
    public void UnitCreated(string module, int functions) => WriteEvent(1, module, functions);

    [Event(2, Level = EventLevel.Verbose, Keywords = Keywords.Loading, Message = "{0}!{2} lowered: {3} words, {4} us")]
    public void FunctionLowered(string module, int function, string name, int words, double microseconds) =>
        WriteEvent(2, module, function, name, words, microseconds);

    [Event(3, Level = EventLevel.Verbose, Keywords = Keywords.Loading, Message = "{0}!{2} predecoded: {3} bytes, {4} us")]
    public void FunctionPredecoded(string module, int function, string name, int bytes, double microseconds) =>
        WriteEvent(3, module, function, name, bytes, microseconds);

    [Event(4, Level = EventLevel.Informational, Keywords = Keywords.Tiers, Message = "{0}!{2} is hot")]
    public void FunctionHot(string module, int function, string name) => WriteEvent(4, module, function, name);

    [Event(5, Level = EventLevel.Informational, Keywords = Keywords.Tiers, ActivityOptions = EventActivityOptions.Disable, Message = "{1}!{3} to {0}")]
    public void CompileStart(string tier, string module, int function, string name) => WriteEvent(5, tier, module, function, name);

    [Event(6, Level = EventLevel.Informational, Keywords = Keywords.Tiers, ActivityOptions = EventActivityOptions.Disable, Message = "{1}!{3} in {0}: {4} bytes, {5} us")]
    public void CompileStop(string tier, string module, int function, string name, int bytes, double microseconds) =>
        WriteEvent(6, tier, module, function, name, bytes, microseconds);

    [Event(7, Level = EventLevel.Warning, Keywords = Keywords.Tiers, Message = "{0} refuses {1}!{3}")]
    public void FunctionRefused(string tier, string module, int function, string name) => WriteEvent(7, tier, module, function, name);

    [Event(8, Level = EventLevel.Informational, Keywords = Keywords.Guests, Message = "suspended at {1}, {0} frames")]
    public void GuestSuspended(int frames, string innermost) => WriteEvent(8, frames, innermost);

    [Event(9, Level = EventLevel.Informational, Keywords = Keywords.Guests, Message = "resumed in {2} at {1}, {0} frames")]
    public void GuestResumed(int frames, string innermost, string tier) => WriteEvent(9, frames, innermost, tier);

    [Event(10, Level = EventLevel.Informational, Keywords = Keywords.Tiers, Message = "code of {0} functions freed: {1} bytes")]
    public void CodeFreed(int functions, long bytes) => WriteEvent(10, functions, bytes);

    protected override void OnEventCommand(EventCommandEventArgs command)
    {
        if (command.Command != EventCommand.Enable || counters is not null) return;
        TierStatistics sums = TierStatistics.OfProcess;
        counters =
        [
            new PollingCounter("functions-threaded", this, () => sums.InThreaded) { DisplayName = "Functions in the threaded interpreter" },
            new PollingCounter("functions-baseline", this, () => sums.InBaseline) { DisplayName = "Functions in baseline code" },
            new PollingCounter("code-bytes", this, () => sums.HeldBytes) { DisplayName = "Code space held", DisplayUnits = "B" },
            new PollingCounter("refused", this, () => sums.Refused) { DisplayName = "Functions refused by a tier" },
            new IncrementingPollingCounter("functions-lowered", this, () => sums.Lowered) { DisplayName = "Functions lowered" },
            new IncrementingPollingCounter("osr-entries", this, () => sums.EntriesAtLoops) { DisplayName = "Frames moved up at loop headers" },
            new IncrementingPollingCounter("osr-exits", this, () => sums.ExitsAtLoops) { DisplayName = "Frames moved down at loop headers" },
            new IncrementingPollingCounter("compile-time", this, () => sums.CompileTime.TotalMilliseconds) { DisplayName = "Compile time", DisplayUnits = "ms" },
            new IncrementingPollingCounter("predecode-time", this, () => sums.PredecodeTime.TotalMilliseconds) { DisplayName = "Predecode time", DisplayUnits = "ms" },
            new IncrementingPollingCounter("traps", this, () => sums.Traps) { DisplayName = "Traps" },
        ];
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && counters is not null)
        {
            foreach (DiagnosticCounter counter in counters) counter.Dispose();
        }

        base.Dispose(disposing);
    }
}
