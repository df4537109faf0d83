// Suspending and resuming as an embedder sees them: the ways to ask, what waits and what is refused, and what an image can be used for.

using Anneal.Tiering;
using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Suspension;

public sealed class SuspensionApiTests : SuspensionTest
{
    // Counts up to its argument; "begun" is called on the way in.
    private const string Counter = """
        (module $counter
          (import "h" "begun" (func $begun (param i32)))
          (memory (export "memory") 1 4)
          (global $rounds (export "rounds") (mut i32) (i32.const 0))
          (func $count (export "count") (param $to i32) (result i32) (local $n i32)
            (call $begun (i32.const 0))
            (loop $l
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              (global.set $rounds (local.get $n))
              (i32.store (i32.const 8) (i32.mul (local.get $n) (i32.const 3)))
              (br_if $l (i32.lt_u (local.get $n) (local.get $to))))
            (i32.add (local.get $n) (i32.load (i32.const 8))))
          (func (export "outer") (param i32) (result i32) (i32.add (i32.const 1000) (call $count (local.get 0))))
          (func (export "grow") (param i32) (result i32)
            (drop (call $count (local.get 0)))
            (memory.grow (i32.const 1))))
        """;

    private Action<Caller, int> begun = (_, _) => { };

    private Store NewCounter(Tier tier, out Instance instance)
    {
        Engine engine = NewEngine(tier);
        Store store = NewStore(engine);
        instance = LinkCounter(store, Compile(engine, Counter));
        return store;
    }

    private Instance LinkCounter(Store store, Module module)
    {
        Linker linker = NewLinker(store.Engine);
        linker.Define("h", "begun", (Caller caller, int value) => begun(caller, value));
        return linker.Instantiate(store, module);
    }

    // The host function below the guest asks: deterministic.
    private void SuspendOnce(Store store, int round = 0) => begun = (_, value) =>
    {
        if (value == round) Assert.True(store.Suspend());
    };

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_call_is_suspended_and_goes_on_as_often_as_one_likes(Tier tier)
    {
        Store store = NewCounter(tier, out Instance instance);
        SuspendOnce(store);
        GuestSuspendedException suspended = Suspended(() => instance.GetFunction("outer")!.Invoke(10));
        Assert.Equal(SuspensionReason.Requested, suspended.Reason);
        StateImage image = suspended.Image;
        Assert.Equal([1, 2], image.Frames.Select(frame => frame.FunctionIndex));
        Assert.Null(image.Fuel);
        foreach (Tier next in new[] { Tier.Portable, Tier.Threaded, Tier.Baseline, Tier.Auto })
        {
            Assert.Equal(1040, store.Resume(image, next));
            Assert.Equal(10, instance.GetGlobal("rounds")!.Get<int>());
            instance.GetGlobal("rounds")!.Set(77);
            instance.GetMemory("memory")!.WriteInt32(8, 99);
        }
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void The_image_goes_on_in_stores_of_other_engines(Tier tier)
    {
        Store store = NewCounter(tier, out Instance instance);
        instance.GetMemory("memory")!.Grow(2);
        instance.GetMemory("memory")!.WriteInt64(190_000, 42);
        SuspendOnce(store);
        StateImage image = Suspended(() => instance.GetFunction("outer")!.Invoke(10)).Image;
        store.Dispose();
        foreach (Tier next in new[] { Tier.Portable, Tier.Threaded, Tier.Baseline, Tier.Auto })
        {
            Store other = NewCounter(next, out Instance there);
            Assert.Equal(1040, other.Resume(image, there));
            Assert.Equal((3, 42, 10), (there.GetMemory("memory")!.Pages, there.GetMemory("memory")!.ReadInt64(190_000), there.GetGlobal("rounds")!.Get<int>()));
            // The store is one like any other.
            begun = (_, _) => { };
            Assert.Equal(1080, there.GetFunction<Func<int, int>>("outer")(20));
        }
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Any_thread_may_ask(Tier tier)
    {
        Store store = NewCounter(tier, out Instance instance);
        using var running = new ManualResetEventSlim();
        begun = (_, _) => running.Set();
        var stopper = new Thread(() =>
        {
            running.Wait();
            Assert.True(store.Suspend());
        });
        stopper.Start();
        StateImage image = Suspended(() => instance.GetFunction("count")!.Invoke(-1)).Image;
        stopper.Join();
        Assert.Contains("i32 -1", image.ToString());
        Assert.Contains("count (function[1])", image.ToString());
        Assert.False(store.Suspend());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_wish_ends_with_its_call(Tier tier)
    {
        Store store = NewStore(NewEngine(tier));
        Assert.False(store.Suspend());
        Linker linker = NewLinker(store.Engine);
        linker.Define("h", "ask", () => { Assert.True(store.Suspend()); });
        Instance instance = linker.Instantiate(store, Compile(store.Engine, """(module (import "h" "ask" (func $ask)) (func (export "f") (call $ask)) (func (export "g") (loop (br_if 0 (i32.const 0)))))"""));
        var f = instance.GetFunction<Action>("f");
        f();
        instance.GetFunction<Action>("g")();
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_token_suspends_the_call_that_runs_and_later_ones(Tier tier)
    {
        Store store = NewCounter(tier, out Instance instance);
        using var source = new CancellationTokenSource();
        IDisposable registration = store.SuspendOn(source.Token);
        var count = instance.GetFunction<Func<int, int>>("count");
        Assert.Equal(20, count(5));
        begun = (_, _) => source.Cancel();
        StateImage first = Assert.Throws<GuestSuspendedException>(() => { count(5); }).Image;
        begun = (_, _) => { };
        // The token is cancelled still: at the function's entry.
        StateImage second = Assert.Throws<GuestSuspendedException>(() => { count(6); }).Image;
        Assert.Contains("entered", second.ToString());
        registration.Dispose();
        registration.Dispose();
        Assert.Equal((24, 20, 28), (store.Resume(second), store.Resume(first), count(7)));
        store.SuspendOn(source.Token);
        Assert.Throws<GuestSuspendedException>(() => { count(6); });
        store.Dispose();
    }

    // Guest, host, guest: the inner guest goes on, and so does the host function; the outer guest is stopped behind it.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void With_host_frames_in_between_suspension_waits(Tier tier)
    {
        Store store = NewStore(NewEngine(tier));
        Linker linker = NewLinker(store.Engine);
        Func<int, int>? inner = null;
        int seen = 0;
        linker.Define("h", "call", () =>
        {
            Assert.True(store.Suspend());
            seen = inner!(50);
            Assert.Throws<InvalidOperationException>(() => store.Resume(new StateImage()));
        });
        Instance instance = linker.Instantiate(store, Compile(store.Engine, """
            (module
              (import "h" "call" (func $call))
              (func $inner (export "inner") (param i32) (result i32) (local i32)
                (loop $l (local.set 1 (i32.add (local.get 1) (i32.const 2))) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (local.get 1))
              (func $outer (export "outer") (param i32) (result i32)
                (call $call)
                (i32.add (local.get 0) (call $inner (i32.const 3)))))
            """));
        inner = instance.GetFunction<Func<int, int>>("inner");
        StateImage image = Suspended(() => instance.GetFunction("outer")!.Invoke(7)).Image;
        Assert.Equal(100, seen);
        Assert.Equal([1, 2], image.Frames.Select(frame => frame.FunctionIndex));
        Assert.Equal(13, store.Resume(image));
    }

    // Frames without a single slot are frames too.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Also_with_frames_that_have_no_slots(Tier tier)
    {
        Store store = NewStore(NewEngine(tier));
        Linker linker = NewLinker(store.Engine);
        Action? inner = null;
        bool isBack = false;
        linker.Define("h", "call", () =>
        {
            Assert.True(store.Suspend());
            inner!();
            isBack = true;
        });
        Instance instance = linker.Instantiate(store, Compile(store.Engine, """
            (module (import "h" "call" (func $call)) (func $f) (func (export "inner") (loop) (call $f)) (func (export "outer") (call $call) (loop) (call $f)))
            """));
        inner = instance.GetFunction<Action>("inner");
        StateImage image = Suspended(() => instance.GetFunction("outer")!.Invoke()).Image;
        Assert.True(isBack);
        Assert.Null(store.Resume(image));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_start_function_is_not_suspended(Tier tier)
    {
        Store store = NewStore(NewEngine(tier));
        Linker linker = NewLinker(store.Engine);
        linker.Define("h", "ask", () => { Assert.True(store.Suspend()); });
        Instance instance = linker.Instantiate(store, Compile(store.Engine, """
            (module (import "h" "ask" (func $ask)) (global (export "g") (mut i32) (i32.const 5)) (start $s)
              (func $s (call $ask) (loop (global.set 0 (i32.sub (global.get 0) (i32.const 1))) (br_if 0 (global.get 0)))))
            """));
        Assert.Equal(0, instance.GetGlobal("g")!.Value);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_call_whose_time_is_over_goes_on_with_new_time(Tier tier)
    {
        Store store = NewCounter(tier, out Instance instance);
        store.TimeoutBehavior = StopBehavior.Suspend;
        store.CallTimeout = TimeSpan.FromMilliseconds(5);
        GuestSuspendedException suspended = Suspended(() => instance.GetFunction("count")!.Invoke(-1));
        Assert.Equal(SuspensionReason.Timeout, suspended.Reason);
        int before = instance.GetGlobal("rounds")!.Get<int>();
        suspended = Suspended(() => store.Resume(suspended.Image));
        Assert.Equal(SuspensionReason.Timeout, suspended.Reason);
        Assert.True((uint)instance.GetGlobal("rounds")!.Get<int>() >= (uint)before);
        store.TimeoutBehavior = StopBehavior.Throw;
        Assert.Throws<GuestTimeoutException>(() => store.Resume(suspended.Image));
        store.CallTimeout = Timeout.InfiniteTimeSpan;
        Assert.Equal(20, instance.GetFunction("count")!.Invoke(5));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_timeout_that_suspends_wakes_no_host_function(Tier tier)
    {
        Store store = NewCounter(tier, out Instance instance);
        store.TimeoutBehavior = StopBehavior.Suspend;
        begun = (caller, _) =>
        {
            Assert.False(caller.CancellationToken.CanBeCanceled);
            Thread.Sleep(30);
        };
        Assert.Equal(SuspensionReason.Timeout, Suspended(() => instance.GetFunction("count")!.Invoke([5], TimeSpan.FromMilliseconds(1))).Reason);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Cancellation_goes_before_suspension(Tier tier)
    {
        Store store = NewCounter(tier, out Instance instance);
        using var source = new CancellationTokenSource();
        begun = (_, _) =>
        {
            store.Suspend();
            source.Cancel();
        };
        Assert.Throws<OperationCanceledException>(() => instance.GetFunction("count")!.Invoke([5], source.Token));
        begun = (_, _) => { };
        Assert.Equal(20, instance.GetFunction("count")!.Invoke(5));
    }

    // What a host function uses is owed, not refused: it can't stop half-way. The guest stops when it comes to pay itself.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void What_a_host_function_uses_is_paid_afterwards(Tier tier)
    {
        Store store = NewMeteredStore(tier, 4);
        store.OutOfFuelBehavior = StopBehavior.Suspend;
        Instance instance = Instantiate(store, """(module (import "h" "use" (func $use)) (func (export "f") (call $use) (call $use) (loop nop)))""", linker =>
            linker.Define("h", "use", (Caller caller) => caller.ConsumeFuel(100)));
        StateImage image = Suspended(() => instance.GetFunction("f")!.Invoke()).Image;
        // Two instructions were paid; each host call is owed 16 and 100.
        Assert.Equal(4 - 2 - 232, image.Fuel);
        Assert.Equal((0, 234), (store.Fuel, store.ConsumedFuel));
        store.Fuel += 200;
        Assert.Equal((0, 234), (store.Fuel, store.ConsumedFuel));
        Assert.Equal(-30, Suspended(() => store.Resume(image)).Image.Fuel);
        store.Fuel += 32;
        Assert.Equal((2, 234), (store.Fuel, store.ConsumedFuel));
        store.Resume(image);
        Assert.Equal((1, 235), (store.Fuel, store.ConsumedFuel));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Without_fuel_a_guest_under_a_host_function_traps(Tier tier)
    {
        Store store = NewMeteredStore(tier, 25);
        store.OutOfFuelBehavior = StopBehavior.Suspend;
        Action? inner = null;
        Instance instance = Instantiate(store, """(module (import "h" "call" (func $call)) (func (export "inner") (loop (br 0))) (func (export "f") (call $call) nop))""", linker =>
            linker.Define("h", "call", () => inner!()));
        inner = instance.GetFunction<Action>("inner");
        Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(() => instance.GetFunction("f")!.Invoke()).Kind);
        Assert.Throws<TrapException>(() => store.ConsumeFuel(1000));
    }

    [Fact]
    public void Behaviors_are_checked()
    {
        Store store = NewCounter(Tier.Portable, out Instance instance);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.TimeoutBehavior = (StopBehavior)7);
        begun = (_, _) => Assert.Throws<InvalidOperationException>(() => store.OutOfFuelBehavior = StopBehavior.Suspend);
        instance.GetFunction("count")!.Invoke(1);
        store.Dispose();
        Assert.False(store.Suspend());
        Assert.Throws<ObjectDisposedException>(() => store.Resume(new StateImage()));
        Assert.Throws<ObjectDisposedException>(() => store.SuspendOn(default));
    }

    // What tests suspend at every poll, a host can suspend too.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Stressed_guests_are_suspended_like_others(Tier tier)
    {
        Engine engine = Keep(new Engine(new EngineOptions { Tier = tier, Stress = TierStress.SuspendAtPolls }));
        Store store = NewStore(engine);
        Instance instance = LinkCounter(store, Compile(engine, Counter));
        SuspendOnce(store);
        StateImage image = Suspended(() => instance.GetFunction("outer")!.Invoke(10)).Image;
        foreach (Tier next in Tiers) Assert.Equal(1040, store.Resume(image, next));
    }

    // 5,000 frames deep, and from there into each tier.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_deep_stack_goes_on(Tier tier)
    {
        const string text = """
            (module (import "h" "ask" (func $ask))
              (func $deep (export "deep") (param i32) (result i64)
                (if (i32.eqz (local.get 0)) (then (call $ask) (loop) (return (i64.const 1))))
                (i64.add (i64.extend_i32_u (local.get 0)) (call $deep (i32.sub (local.get 0) (i32.const 1))))))
            """;
        Store store = NewStore(NewEngine(tier));
        Linker linker = NewLinker(store.Engine);
        linker.Define("h", "ask", () => { store.Suspend(); });
        Instance instance = linker.Instantiate(store, Compile(store.Engine, text));
        StateImage image = Suspended(() => instance.GetFunction("deep")!.Invoke(5000)).Image;
        Assert.Equal(5001, image.Frames.Count);
        Assert.Contains("... 4901 frames ...", image.ToString());
        foreach (Tier next in Tiers) Assert.Equal(1L + (5000L * 5001 / 2), store.Resume(image, next));
    }

    // In the middle of a trap's way out the frames that haven't been entered again are part of the backtrace.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_trap_after_resumption_shows_all_frames(Tier tier)
    {
        Store store = NewStore(NewEngine(tier));
        Linker linker = NewLinker(store.Engine);
        linker.Define("h", "ask", () => { store.Suspend(); });
        Instance instance = linker.Instantiate(store, Compile(store.Engine, """
            (module (import "h" "ask" (func $ask))
              (func $inner (call $ask) (loop) unreachable) (func $middle (call $inner)) (func (export "f") (call $middle)))
            """));
        StateImage image = Suspended(() => instance.GetFunction("f")!.Invoke()).Image;
        foreach (Tier next in Tiers)
        {
            var trap = Assert.Throws<TrapException>(() => store.Resume(image, next));
            Assert.Equal((TrapKind.Unreachable, "1 2 3"), (trap.Kind, string.Join(' ', trap.Frames.Select(frame => frame.FunctionIndex))));
        }
    }

    // Copies and fills of megabytes are stopped between two of their parts, again and again.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Operations_on_ranges_go_on_where_they_were(Tier tier)
    {
        const string text = """
            (module (memory (export "memory") 200) (table $t 400000 funcref) (elem declare func $f) (func $f)
              (func (export "run") (result i32)
                (memory.fill (i32.const 3) (i32.const 7) (i32.const 6000000))
                (memory.copy (i32.const 1000003) (i32.const 0) (i32.const 7000000))
                (memory.copy (i32.const 0) (i32.const 999999) (i32.const 5000000))
                (table.fill $t (i32.const 5) (ref.func $f) (i32.const 300000))
                (table.copy $t $t (i32.const 50) (i32.const 0) (i32.const 390000))
                (i32.add (i32.load8_u (i32.const 6999999)) (ref.is_null (table.get $t (i32.const 300055))))))
            """;
        Store store = NewStore(NewEngine(tier));
        Module module = Compile(store.Engine, text);
        Instance whole = NewLinker(store.Engine).Instantiate(NewStore(store.Engine), module);
        object? expected = whole.GetFunction("run")!.Invoke();
        Instance instance = NewLinker(store.Engine).Instantiate(store, module);
        using var stopper = new Stopper(12, 1);
        stopper.Aim(store);
        Func<object?> next = () => instance.GetFunction("run")!.Invoke();
        int turn = 0;
        while (true)
        {
            try
            {
                Assert.Equal(expected, next());
                break;
            }
            catch (GuestSuspendedException suspended)
            {
                next = () => store.Resume(suspended.Image, Tiers[turn++ % Tiers.Length]);
            }
        }

        Assert.True(instance.GetMemory("memory")!.AsSpan().SequenceEqual(whole.GetMemory("memory")!.AsSpan()));
    }
}
