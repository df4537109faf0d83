// The event source, as a listener in the process sees it. Other tests' engines raise events at the same time: only those of this
// test's modules are looked at.

using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Diagnostics;

public sealed class EngineEventTests : ApiTest
{
    private const string Loop = """
        (module $NAME
          (func $sum (export "sum") (param $n i32) (result i32) (local $s i32)
            (loop $next
              (local.set $s (i32.add (local.get $s) (local.get $n)))
              (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $s)))
        """;

    [Fact]
    public void A_functions_way_through_the_tiers_is_told_in_order()
    {
        using var listener = new Listener(counters: false);
        RunLoop("event_way");
        string[] names = [.. listener.Of("event_way").Select(e => e.EventName!)];
        Assert.Equal(["UnitCreated", "FunctionLowered", "FunctionPredecoded", "FunctionHot", "CompileStart", "CompileStop"], names);

        EventWrittenEventArgs stop = listener.Of("event_way").Last();
        Assert.Equal(["Baseline", "event_way", 0, "sum"], stop.Payload!.Take(4));
        Assert.InRange((int)stop.Payload![4]!, 10, 10_000);
        Assert.InRange((double)stop.Payload![5]!, 0.01, 1e9);
        Assert.Equal(EventOpcode.Stop, stop.Opcode);
    }

    [Fact]
    public void A_listener_gets_the_keywords_that_it_asks_for_and_nothing_after_it_has_gone()
    {
        using (var listener = new Listener(counters: false, AnnealKeywordTiers))
        {
            RunLoop("event_keyword");
            Assert.Equal(["FunctionHot", "CompileStart", "CompileStop"], listener.Of("event_keyword").Select(e => e.EventName!));
        }

        var late = new Listener(counters: false);
        late.Dispose();
        RunLoop("event_late");
        Assert.Empty(late.Of("event_late"));
    }

    [Fact]
    public void Refusals_are_told()
    {
        using var listener = new Listener(counters: false);
        RunLoop("event_refused", maxCodeBytes: 1088);
        EventWrittenEventArgs refused = Assert.Single(listener.Of("event_refused"), e => e.EventName == "FunctionRefused");
        Assert.Equal(["Baseline", "event_refused", 0, "sum"], refused.Payload!);
    }

    [Fact]
    public void Counters_arrive_and_hold_what_the_engines_did()
    {
        using var listener = new Listener(counters: true);
        string[] others = ["functions-threaded", "functions-lowered", "refused", "osr-exits", "predecode-time", "traps"];
        bool IsComplete() =>
            listener.Sum("osr-entries") >= 1 && listener.Sum("compile-time") > 0 && listener.Last("code-bytes") > 0
            && listener.Last("functions-baseline") >= 1 && others.All(name => listener.Last(name) >= 0);

        // .NET starts an incrementing counter at a moment of its own after it's enabled: what happened before isn't in it.
        DateTime end = DateTime.UtcNow.AddMinutes(1);
        while (!IsComplete() && DateTime.UtcNow < end)
        {
            RunLoop("event_counters");
            Thread.Sleep(20);
        }

        Assert.True(IsComplete(), listener.ToString());
    }

    private const EventKeywords AnnealKeywordTiers = (EventKeywords)2;

    private void RunLoop(string name, long maxCodeBytes = 1 << 30)
    {
        Engine engine = Keep(new Engine(new EngineOptions { SynchronousTierUp = true, MaxCodeBytes = maxCodeBytes }));
        Instance instance = NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, Loop.Replace("NAME", name, StringComparison.Ordinal)));
        Assert.Equal(50_005_000, instance.GetFunction<Func<int, int>>("sum")(10_000));
    }

    private sealed class Listener : EventListener
    {
        private readonly ConcurrentQueue<EventWrittenEventArgs> events = new();
        private readonly ConcurrentQueue<(string Name, double Value)> values = new();

        public Listener(bool counters, EventKeywords keywords = EventKeywords.All)
        {
            EngineEvents.Start();
            EventSource source = EventSource.GetSources().Single(each => each.Name == EngineEvents.SourceName);
            if (counters) EnableEvents(source, EventLevel.LogAlways, EventKeywords.None, new Dictionary<string, string?> { ["EventCounterIntervalSec"] = "0.1" });
            else EnableEvents(source, EventLevel.Verbose, keywords);
        }

        public IEnumerable<EventWrittenEventArgs> Of(string module) => events.Where(each => each.Payload!.Contains(module));

        public double Sum(string counter) => values.Where(each => each.Name == counter).Sum(each => each.Value);

        /// <summary>The last value; -1 if there's none.</summary>
        public double Last(string counter) => values.Where(each => each.Name == counter).Select(each => each.Value).DefaultIfEmpty(-1).Last();

        public override string ToString() => string.Join(", ", values.Select(each => $"{each.Name} {each.Value}"));

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName != "EventCounters")
            {
                events.Enqueue(eventData);
                return;
            }

            var counter = (IDictionary<string, object?>)eventData.Payload![0]!;
            object? value = counter.TryGetValue("Increment", out object? increment) ? increment : counter["Mean"];
            values.Enqueue(((string)counter["Name"]!, (double)value!));
        }
    }
}
