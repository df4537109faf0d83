// What Engine.GetStatistics says, against what is known to have happened.

using Anneal.Tiering;
using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Diagnostics;

public sealed class EngineStatisticsTests : ApiTest
{
    private const string Loops = """
        (module $loops
          (import "m" "done" (func $done (result i32)))
          (func $leaf (export "leaf") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func $sum (export "sum") (param $n i32) (result i32) (local $s i32)
            (loop $next
              (local.set $s (call $leaf (local.get $s)))
              (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $s))
          (func (export "until") (loop $next (br_if $next (i32.eqz (call $done)))))
          (func (export "trap") unreachable)
          (func (export "deep") (call $deeper)) (func $deeper (call $deeper)))
        """;

    private Engine Auto(bool synchronous) => Keep(new Engine(new EngineOptions { SynchronousTierUp = synchronous }));

    private Instance Instantiate(Engine engine, Func<int> done)
    {
        Linker linker = NewLinker(engine);
        linker.Define("m", "done", done);
        return linker.Instantiate(NewStore(engine), Compile(engine, Loops));
    }

    [Fact]
    public void A_new_engine_has_done_nothing()
    {
        Engine engine = NewEngine(Tier.Auto);
        Assert.Equal(new EngineStatistics { Tier = engine.Tier }, engine.GetStatistics());
    }

    [Fact]
    public void Functions_are_counted_in_the_tiers_that_they_come_through()
    {
        Engine engine = Auto(synchronous: true);
        Instance instance = Instantiate(engine, () => 1);
        Assert.Equal(1, instance.GetFunction<Func<int, int>>("sum")(1));
        EngineStatistics before = engine.GetStatistics();
        Assert.Equal((2, 2, 2, 0, 0), (before.FunctionsLowered, before.FunctionsPredecoded, before.FunctionsInThreaded, before.FunctionsCompiled, before.FunctionsInBaseline));
        Assert.Equal((0, 0), (before.OsrEntries, before.HotFunctions));

        Assert.Equal(100_000, instance.GetFunction<Func<int, int>>("sum")(100_000));
        EngineStatistics after = engine.GetStatistics();
        Assert.Equal((2, 2, 0, 2, 2), (after.FunctionsLowered, after.FunctionsPredecoded, after.FunctionsInThreaded, after.FunctionsCompiled, after.FunctionsInBaseline));
        Assert.Equal((1, 2, 0), (after.OsrEntries, after.HotFunctions, after.Refusals));
        Assert.True(after.CompileTime > TimeSpan.Zero && after.PredecodingTime > TimeSpan.Zero && after.LoweringTime > TimeSpan.Zero);
        Assert.True(after.HeldCodeBytes > after.CodeBytes && after.CodeBytes > 0 && after.StreamBytes > 0 && after.HandlerBytes > after.Handlers && after.Handlers > 0);
    }

    [Fact]
    public void A_move_at_a_loop_header_is_seen_while_the_call_still_runs()
    {
        Engine engine = Auto(synchronous: false);
        // The guest's loop ends when it's seen to have moved; else after a minute.
        DateTime end = DateTime.UtcNow.AddMinutes(1);
        Instance instance = Instantiate(engine, () => engine.GetStatistics().OsrEntries != 0 || DateTime.UtcNow > end ? 1 : 0);
        instance.GetFunction<Action>("until")();
        Assert.Equal(1, engine.GetStatistics().OsrEntries);
        // The execution's count isn't lost with the execution.
        engine.Dispose();
        Assert.Equal(1, engine.GetStatistics().OsrEntries);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Traps_are_counted_in_every_tier(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Instance instance = Instantiate(engine, () => 1);
        for (int i = 0; i < 3; i++) Assert.Throws<TrapException>(instance.GetFunction<Action>("trap"));
        Assert.Throws<TrapException>(instance.GetFunction<Action>("deep"));
        Assert.Equal(4, engine.GetStatistics().Traps);
        Assert.Equal(3, engine.GetStatistics().FunctionsLowered);
    }

    [Theory]
    [InlineData(Tier.Portable)]
    [InlineData(Tier.Auto)]
    public void Suspensions_and_resumptions_are_counted(Tier tier)
    {
        Engine engine = Keep(new Engine(new EngineOptions { Tier = tier, Stress = TierStress.SuspendAtPolls }));
        Instance instance = Instantiate(engine, () => 1);
        Assert.Equal(100, instance.GetFunction<Func<int, int>>("sum")(100));
        EngineStatistics statistics = engine.GetStatistics();
        Assert.True(statistics.Suspensions >= 100);
        Assert.Equal(statistics.Suspensions, statistics.Resumptions);
    }

    [Fact]
    public void Code_that_is_freed_is_counted_no_more()
    {
        Engine engine = Keep(new Engine(new EngineOptions { SynchronousTierUp = true }));
        RunAndForget(engine);
        Assert.Equal(2, engine.GetStatistics().FunctionsInBaseline);
        for (int i = 0; i < 50 && engine.GetStatistics().HeldCodeBytes != 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        EngineStatistics statistics = engine.GetStatistics();
        Assert.Equal((0, 0, 0), (statistics.HeldCodeBytes, statistics.FunctionsInBaseline, statistics.FunctionsInThreaded));
        Assert.Equal(2, statistics.FunctionsCompiled);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void RunAndForget(Engine engine)
    {
        using var store = new Store(engine);
        using var module = Module.FromText(engine, Loops);
        using var linker = new Linker(engine);
        linker.Define("m", "done", () => 1);
        Instance instance = linker.Instantiate(store, module);
        Assert.Equal(100_000, instance.GetFunction<Func<int, int>>("sum")(100_000));
    }

    [Fact]
    public void A_function_that_finds_no_room_is_counted_as_refused_and_stays()
    {
        // Room for trampolines and entries, not for code.
        Engine engine = Keep(new Engine(new EngineOptions { SynchronousTierUp = true, MaxCodeBytes = 1088 }));
        Instance instance = Instantiate(engine, () => 1);
        Assert.Equal(100_000, instance.GetFunction<Func<int, int>>("sum")(100_000));
        EngineStatistics statistics = engine.GetStatistics();
        Assert.Equal((0, 0, 2), (statistics.FunctionsCompiled, statistics.FunctionsInBaseline, statistics.FunctionsInThreaded));
        Assert.Equal(statistics.HotFunctions, statistics.Refusals);
        Assert.Equal(2, statistics.Refusals);
    }
}
