// Time limits reach a guest wherever it is, stop only the calls that they are for, and cost those that end in time nothing.
// Nothing here asserts how long anything takes: bench/run latency measures that.

using System.IO.Pipelines;
using Anneal.Wasm.Tests.Api;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class DeadlineTests : ApiTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan Late = TimeSpan.FromHours(1);

    private const string Endless = """
        (module
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "m" "wait" (func $wait))
          (import "m" "call" (func $call))
          (memory (export "memory") 1600)
          (type $v (func))
          (table $t 1000000 funcref)
          (elem $e func $spin $spin)
          (data $d "0123456789abcdef")
          (func (export "loop") (loop (br 0)))
          (func $busy (export "busy") (local i64)
            (loop $l (local.set 0 (i64.add (local.get 0) (i64.const 1))) (br_if $l (i64.ne (local.get 0) (i64.const -1)))))
          (func $spin (export "tail") (return_call $spin))
          (func (export "calls") (loop (call $leaf) (br 0)))
          (func $leaf)
          (func $deep (param i32)
            (if (i32.eqz (local.get 0)) (then (loop (br 0))))
            (call $deep (i32.sub (local.get 0) (i32.const 1))))
          (func $run_deep (export "run_deep") (call $deep (i32.const 10000)))
          (func (export "fill") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 104857600)) (br 0)))
          (func (export "copy") (loop (memory.copy (i32.const 1) (i32.const 0) (i32.const 104857599)) (br 0)))
          (func (export "init") (loop (memory.init $d (i32.const 1) (i32.const 0) (i32.const 16)) (br 0)))
          (func (export "table_fill") (loop (table.fill $t (i32.const 0) (ref.func $spin) (i32.const 1000000)) (br 0)))
          (func (export "table_copy") (loop (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 999999)) (br 0)))
          (func (export "table_init") (loop (table.init $t $e (i32.const 1) (i32.const 0) (i32.const 2)) (br 0)))
          (func $sleep (export "sleep")
            (i32.store (i32.const 16) (i32.const 1))
            (i64.store (i32.const 24) (i64.const 0x7fffffffffffffff))
            (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
          (func (export "read")
            (i32.store (i32.const 256) (i32.const 512))
            (i32.store (i32.const 260) (i32.const 16))
            (drop (call $read (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 300))))
          (func (export "poll_read")
            (i32.store8 (i32.const 8) (i32.const 1))
            (i32.store (i32.const 16) (i32.const 0))
            (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
            (i32.store8 (i32.const 8) (i32.const 0)))
          (func (export "wait") (call $wait))
          (func $call_host (export "call") (call $call))
          (func (export "call_and_loop") (call $call) (loop (br 0)))
          (func (export "count") (param i32) (result i32) (local i32)
            (loop $l (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if $l (i32.lt_u (local.get 1) (local.get 0))))
            (local.get 1)))
        """;

    private Action<Caller> call = _ => { };

    public static TheoryData<Tier, MemoryChecks, string> Ways
    {
        get
        {
            var ways = new TheoryData<Tier, MemoryChecks, string>();
            foreach ((Tier tier, MemoryChecks checks) in new[] { (Tier.Portable, MemoryChecks.Hardware), (Tier.Threaded, MemoryChecks.Hardware), (Tier.Threaded, MemoryChecks.Explicit), (Tier.Baseline, MemoryChecks.Hardware), (Tier.Baseline, MemoryChecks.Explicit) })
            {
                foreach (string way in new[]
                {
                    "loop", "busy", "tail", "calls", "run_deep", "fill", "copy", "init", "table_fill", "table_copy", "table_init", "sleep", "read",
                    "poll_read", "wait",
                }) ways.Add(tier, checks, way);
            }

            return ways;
        }
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_time_limit_stops_the_guest(Tier tier, MemoryChecks checks, string way)
    {
        (Store store, Instance instance) = Start(tier, checks);
        var count = instance.GetFunction<Func<int, int>>("count");
        store.CallTimeout = Soon;
        for (int i = 0; i < 3; i++)
        {
            var exception = Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>(way));
            Assert.Equal(Soon, exception.Timeout);
            store.CallTimeout = Timeout.InfiniteTimeSpan;
            Assert.Equal(100_000, count(100_000));
            store.CallTimeout = Soon;
        }

        store.CallTimeout = Late;
        var own = Assert.Throws<GuestTimeoutException>(() => instance.GetFunction(way)!.Invoke([], Soon));
        Assert.Equal(Soon, own.Timeout);
        using (store.StopAfter(Soon))
        {
            Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>(way));
            // The time is over for all calls.
            Assert.Throws<GuestTimeoutException>(() => count(1));
            Assert.Throws<GuestTimeoutException>(() => instance.GetFunction("count")!.Invoke(1));
            Assert.Throws<GuestTimeoutException>(() => instance.GetFunction("count")!.Invoke([1], Late));
            using var never = new CancellationTokenSource();
            Assert.Throws<GuestTimeoutException>(() => instance.GetFunction("count")!.Invoke([1], never.Token));
        }

        Assert.Equal(100_000, count(100_000));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void The_exception_shows_where_the_guest_was(Tier tier, MemoryChecks checks)
    {
        (_, Instance instance) = Start(tier, checks);
        call = _ => instance.GetFunction("sleep")!.Invoke();
        string Backtrace(string way)
        {
            // On a busy machine the time may be over before the guest runs.
            for (int i = 0; ; i++)
            {
                var exception = Assert.Throws<GuestTimeoutException>(() => instance.GetFunction(way)!.Invoke([], Soon));
                if (exception.Frames.Count != 0 || i == 100) return exception.GuestBacktrace;
            }
        }

        Assert.Matches(@"^  0: busy \(function\[\d+\]\) @ 0x[0-9a-f]+\n$", Backtrace("busy"));
        Assert.Matches(@"^  0: sleep .*\n$", Backtrace("sleep"));
        Assert.Matches(@"^  0: deep .*\n  1: deep(.|\n)* deep .*\n  \d+: run_deep .*\n$", Backtrace("run_deep"));
        string nested = "";
        for (int i = 0; i < 100 && !nested.Contains("sleep", StringComparison.Ordinal); i++) nested = Backtrace("call");
        Assert.Matches(@"^  0: sleep .*\n  1: call_host .*\n$", nested);
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Each_call_has_the_whole_time(Tier tier, MemoryChecks checks)
    {
        (Store store, Instance instance) = Start(tier, checks);
        var count = instance.GetFunction<Func<int, int>>("count");
        store.CallTimeout = TimeSpan.FromSeconds(2);
        long end = Environment.TickCount64 + 2500;
        while (Environment.TickCount64 < end) Assert.Equal(1000, count(1000));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_call_that_ends_in_time_allocates_nothing(Tier tier, MemoryChecks checks)
    {
        (Store store, Instance instance) = Start(tier, checks);
        var count = instance.GetFunction<Func<int, int>>("count");
        count(1);
        long Allocated()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++) count(1);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated();
        long without = Allocated();
        store.CallTimeout = Late;
        count(1);
        Assert.Equal(without, Allocated());
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_nested_calls_time_limit_stops_that_call_only(Tier tier, MemoryChecks checks)
    {
        (Store store, Instance instance) = Start(tier, checks);
        int stopped = 0;
        call = _ =>
        {
            Assert.Throws<GuestTimeoutException>(() => instance.GetFunction("loop")!.Invoke([], Soon));
            Assert.Equal(50_000, instance.GetFunction("count")!.Invoke(50_000));
            stopped++;
        };
        store.CallTimeout = Late;
        instance.GetFunction<Action>("call")();
        store.CallTimeout = Timeout.InfiniteTimeSpan;
        instance.GetFunction<Action>("call")();
        Assert.Equal(2, stopped);
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Host_functions_that_swallow_the_exception_dont_set_the_guest_free(Tier tier, MemoryChecks checks)
    {
        (Store store, Instance instance) = Start(tier, checks);
        call = _ => Assert.ThrowsAny<Exception>(() => instance.GetFunction("loop")!.Invoke());
        Assert.Throws<GuestTimeoutException>(() => instance.GetFunction("call_and_loop")!.Invoke([], Soon));
        using var source = new CancellationTokenSource(Soon);
        Assert.Throws<OperationCanceledException>(() => instance.GetFunction("call_and_loop")!.Invoke([], source.Token));
        Assert.Equal(7, instance.GetFunction("count")!.Invoke(7));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void The_time_ends_waits_of_host_functions_and_their_exception_is_the_cause(Tier tier, MemoryChecks checks)
    {
        (Store store, Instance instance) = Start(tier, checks);
        TimeSpan enough = TimeSpan.FromMilliseconds(300); // to get there
        var exception = Assert.Throws<GuestTimeoutException>(() => instance.GetFunction("wait")!.Invoke([], enough));
        Assert.IsType<OperationCanceledException>(exception.InnerException);
        // A host function that the host itself calls through the store.
        store.CallTimeout = enough;
        Function direct = Function.FromDelegate(store, (Caller caller) => { caller.CancellationToken.WaitHandle.WaitOne(); caller.CancellationToken.ThrowIfCancellationRequested(); });
        Assert.IsType<OperationCanceledException>(Assert.Throws<GuestTimeoutException>(() => direct.Invoke()).InnerException);
        // One that throws for a reason of its own when the time is over keeps its exception.
        call = caller =>
        {
            caller.CancellationToken.WaitHandle.WaitOne();
            throw new InvalidOperationException("own");
        };
        Assert.Equal("own", Assert.Throws<InvalidOperationException>(instance.GetFunction<Action>("call")).Message);
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Callbacks_on_the_token_that_throw_do_no_harm(Tier tier, MemoryChecks checks)
    {
        (Store store, Instance instance) = Start(tier, checks);
        store.CallTimeout = Soon;
        call = caller => caller.CancellationToken.Register(() => throw new InvalidOperationException("callback"));
        for (int i = 0; i < 5; i++) Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>("call_and_loop"));
        Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>("loop"));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Time_and_token_may_end_a_call_together(Tier tier, MemoryChecks checks)
    {
        (_, Instance instance) = Start(tier, checks);
        Function loop = instance.GetFunction("loop")!, sleep = instance.GetFunction("sleep")!;
        int timeouts = 0, cancellations = 0;
        for (int i = 0; i < 200; i++)
        {
            using var source = new CancellationTokenSource(1);
            try
            {
                (i % 2 == 0 ? loop : sleep).Invoke([], TimeSpan.FromMilliseconds(1 + (i % 3 * 0.3)), source.Token);
                Assert.Fail("an endless call returned");
            }
            catch (GuestTimeoutException)
            {
                timeouts++;
            }
            catch (OperationCanceledException exception)
            {
                Assert.Equal(source.Token, exception.CancellationToken);
                cancellations++;
            }

            Assert.Equal(20, instance.GetFunction("count")!.Invoke(20));
        }

        Assert.Equal(200, timeouts + cancellations);
    }

    // Calls that take about as long as they may: each returns its result or throws, and none is stopped by another's time.
    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_deadline_belongs_to_its_call(Tier tier, MemoryChecks checks)
    {
        (Store store, Instance instance) = Start(tier, checks);
        var count = instance.GetFunction<Func<int, int>>("count");
        int turns = tier == Tier.Portable ? 2000 : 40_000;
        int stopped = 0;
        for (int i = 0; i < 6000; i++)
        {
            store.CallTimeout = TimeSpan.FromMicroseconds(1 + (i * 7 % 120));
            try
            {
                Assert.Equal(turns, count(turns));
            }
            catch (GuestTimeoutException exception)
            {
                Assert.Equal(store.CallTimeout, exception.Timeout);
                stopped++;
            }

            if (i % 3 == 0) store.CallTimeout = Timeout.InfiniteTimeSpan;
            else if (i % 3 == 1) store.CallTimeout = Late;
            else continue;
            Assert.Equal(turns, count(turns));
        }

        Assert.InRange(stopped, 0, 6000);
        store.CallTimeout = Soon;
        Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>("loop"));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Many_stores_have_deadlines_at_once(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        using Module module = Module.FromText(engine, """(module (func (export "loop") (loop (br 0))) (func (export "one") (result i32) (i32.const 1)))""");
        int stopped = 0;
        Thread[] threads = [.. Enumerable.Range(0, 12).Select(number => new Thread(() =>
        {
            using var store = new Store(engine);
            using var linker = new Linker(engine);
            Instance instance = linker.Instantiate(store, module);
            for (int i = 0; i < 20; i++)
            {
                store.CallTimeout = TimeSpan.FromMilliseconds(1 + ((i * 5) + number) % 17);
                Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>("loop"));
                store.CallTimeout = Late;
                Assert.Equal(1, instance.GetFunction<Func<int>>("one")());
                Interlocked.Increment(ref stopped);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(12 * 20, stopped);
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Deadlines_dont_need_the_thread_pool(Tier tier, MemoryChecks checks)
    {
        (Store store, Instance instance) = Start(tier, checks);
        // Not disposed: the pool may start the last of these when the test is over.
        var release = new ManualResetEventSlim();
        for (int i = 0; i < 4 * Environment.ProcessorCount; i++) ThreadPool.UnsafeQueueUserWorkItem(_ => release.Wait(), null);
        try
        {
            store.CallTimeout = Soon;
            Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>("loop"));
            Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>("sleep"));
            Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>("read"));
        }
        finally
        {
            release.Set();
        }
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Disposing_the_engine_leaves_a_running_call_its_deadline(Tier tier, MemoryChecks checks)
    {
        var engine = new Engine(new EngineOptions { Tier = tier, MemoryChecks = checks });
        using Module module = Module.FromText(engine, """(module (import "m" "dispose" (func $dispose)) (func (export "run") (call $dispose) (loop (br 0))))""");
        using var linker = new Linker(engine);
        linker.Define("m", "dispose", engine.Dispose);
        var store = new Store(engine);
        Instance instance = linker.Instantiate(store, module);
        store.CallTimeout = TimeSpan.FromMilliseconds(50);
        Assert.Throws<GuestTimeoutException>(instance.GetFunction<Action>("run"));
        Assert.Throws<ObjectDisposedException>(instance.GetFunction<Action>("run"));
        store.Dispose();
        Assert.True(SpinWait.SpinUntil(() => !engine.Deadlines.IsRunning, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void The_time_for_starting_counts_too()
    {
        Engine engine = NewEngine(Tier.Auto);
        Store store = NewStore(engine);
        store.CallTimeout = Soon;
        Module module = Compile(engine, """(module (func $start (loop (br 0))) (start $start))""");
        Assert.Throws<GuestTimeoutException>(() => NewLinker(engine).Instantiate(store, module));
    }

    [Fact]
    public void Times_are_positive_or_infinite()
    {
        (Store store, Instance instance) = Start(Tier.Auto, MemoryChecks.Hardware);
        Assert.Equal(Timeout.InfiniteTimeSpan, store.CallTimeout);
        foreach (TimeSpan wrong in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromTicks(-1), TimeSpan.FromSeconds(-1), TimeSpan.MinValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => store.CallTimeout = wrong);
            Assert.Throws<ArgumentOutOfRangeException>(() => store.StopAfter(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => instance.GetFunction("count")!.Invoke([1], wrong));
        }

        store.CallTimeout = TimeSpan.MaxValue;
        Assert.Equal(TimeSpan.MaxValue, store.CallTimeout);
        Assert.Equal(4, instance.GetFunction("count")!.Invoke([4], TimeSpan.MaxValue));
        using (store.StopAfter(Timeout.InfiniteTimeSpan)) Assert.Equal(4, instance.GetFunction("count")!.Invoke([4], Timeout.InfiniteTimeSpan));
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.CallTimeout = Late);
        Assert.Throws<ObjectDisposedException>(() => store.StopAfter(Late));
    }

    [Fact]
    public async Task Setting_a_time_while_another_thread_calls_is_refused()
    {
        (Store store, Instance instance) = Start(Tier.Auto, MemoryChecks.Hardware);
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        call = _ => { inside.Set(); leave.Wait(); };
        Task running = Task.Run(instance.GetFunction<Action>("call"));
        inside.Wait();
        Assert.Throws<InvalidOperationException>(() => store.CallTimeout = Late);
        Assert.Throws<InvalidOperationException>(() => store.StopAfter(Late));
        leave.Set();
        await running;
        Assert.Equal(Timeout.InfiniteTimeSpan, store.CallTimeout);
    }

    private (Store Store, Instance Instance) Start(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Linker linker = NewLinker(engine);
        // Never written to, so reads of it wait.
        linker.DefineWasi(new WasiOptions { StandardInput = new Pipe().Reader.AsStream() });
        linker.Define("m", "wait", (Caller caller) => { caller.CancellationToken.WaitHandle.WaitOne(); caller.CancellationToken.ThrowIfCancellationRequested(); });
        linker.Define("m", "call", (Caller caller) => call(caller));
        Store store = NewStore(engine);
        return (store, linker.Instantiate(store, Compile(engine, Endless)));
    }
}
