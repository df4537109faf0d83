// Cancellation reaches a guest wherever it is, and only the call that it was meant for.

using Anneal.Wasm.Tests.Api;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class InterruptTests : ApiTest
{
    private const string Endless = """
        (module
          (import "m" "started" (func $started))
          (import "m" "cancel" (func $cancel))
          (memory 1600)
          (type $v (func))
          (table funcref (elem $bounce))
          (func (export "loop") (call $started) (loop (br 0)))
          (func (export "busy") (local i64) (call $started)
            (loop $l (local.set 0 (i64.add (local.get 0) (i64.const 1))) (br_if $l (i64.ne (local.get 0) (i64.const -1)))))
          (func (export "tail") (call $started) (return_call $spin))
          (func $spin (return_call $spin))
          (func $bounce (return_call_indirect (type $v) (i32.const 0)))
          (func (export "indirect") (call $started) (return_call $bounce))
          (func (export "calls") (call $started) (loop (call $leaf) (br 0)))
          (func $leaf)
          (func (export "fill") (call $started) (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 104857600)) (br 0)))
          (func (export "copy") (call $started) (loop (memory.copy (i32.const 1) (i32.const 0) (i32.const 104857599)) (br 0)))
          (func (export "self") (call $cancel) (loop (br 0)))
          (func (export "count") (param i32) (result i32) (local i32)
            (loop $l (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if $l (i32.lt_u (local.get 1) (local.get 0))))
            (local.get 1)))
        """;

    public static TheoryData<Tier, MemoryChecks, string> Ways
    {
        get
        {
            var ways = new TheoryData<Tier, MemoryChecks, string>();
            foreach ((Tier tier, MemoryChecks checks) in new[] { (Tier.Portable, MemoryChecks.Hardware), (Tier.Threaded, MemoryChecks.Hardware), (Tier.Threaded, MemoryChecks.Explicit), (Tier.Baseline, MemoryChecks.Hardware), (Tier.Baseline, MemoryChecks.Explicit) })
            {
                foreach (string way in new[] { "loop", "busy", "tail", "indirect", "calls", "fill", "copy", "self" }) ways.Add(tier, checks, way);
            }

            return ways;
        }
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_token_stops_the_guest(Tier tier, MemoryChecks checks, string way)
    {
        (Store store, Instance instance, Action<CancellationTokenSource> use) = Start(tier, checks);
        for (int i = 0; i < 3; i++)
        {
            using var source = new CancellationTokenSource();
            use(source);
            var exception = Assert.Throws<OperationCanceledException>(() => instance.GetFunction(way)!.Invoke([], source.Token));
            Assert.Equal(source.Token, exception.CancellationToken);
            Assert.Equal(1000, instance.GetFunction<Func<int, int>>("count")(1000));
        }

        using var forStore = new CancellationTokenSource();
        use(forStore);
        using (store.CancelOn(forStore.Token)) Assert.Throws<OperationCanceledException>(instance.GetFunction<Action>(way));
        Assert.Equal(1000, instance.GetFunction<Func<int, int>>("count")(1000));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_cancelled_token_lets_nothing_run(Tier tier, MemoryChecks checks)
    {
        (_, Instance instance, Action<CancellationTokenSource> use) = Start(tier, checks);
        using var source = new CancellationTokenSource();
        using var unused = new CancellationTokenSource();
        use(unused);
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => instance.GetFunction("loop")!.Invoke([], source.Token));
        Assert.Throws<OperationCanceledException>(() => instance.GetFunction("count")!.Invoke([3], source.Token));
        Assert.False(unused.IsCancellationRequested);
        Assert.Equal(3, instance.GetFunction("count")!.Invoke(3));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_token_wakes_a_sleeping_guest(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Linker linker = NewLinker(engine);
        linker.DefineWasi(new WasiOptions());
        // One relative clock subscription (tag 0, clock 1) of about 300 years.
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "sleep") (result i32)
                (i32.store (i32.const 16) (i32.const 1))
                (i64.store (i32.const 24) (i64.const 0x7fffffffffffffff))
                (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
              (func (export "one") (result i32) (i32.const 1)))
            """));
        for (int i = 0; i < 3; i++)
        {
            using var source = new CancellationTokenSource(10);
            Assert.Throws<OperationCanceledException>(() => instance.GetFunction("sleep")!.Invoke([], source.Token));
            Assert.Equal(1, instance.GetFunction<Func<int>>("one")());
        }
    }

    // Tokens of calls that are over are cancelled while others run: none of those may stop, and each that is meant must.
    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void An_interrupt_belongs_to_its_call(Tier tier, MemoryChecks checks)
    {
        (_, Instance instance, Action<CancellationTokenSource> use) = Start(tier, checks);
        var count = instance.GetFunction("count")!;
        int cancelled = 0;
        for (int i = 0; i < 3000; i++)
        {
            var source = new CancellationTokenSource();
            int spins = i * 7 % 400;
            ThreadPool.UnsafeQueueUserWorkItem(
                state =>
                {
                    Thread.SpinWait(state.spins);
                    state.source.Cancel();
                },
                (source, spins),
                preferLocal: false);
            try
            {
                Assert.Equal(2000, count.Invoke([2000], source.Token));
            }
            catch (OperationCanceledException exception)
            {
                Assert.Equal(source.Token, exception.CancellationToken);
                Assert.True(source.IsCancellationRequested);
                cancelled++;
            }

            // Under no token, nothing may be cancelled.
            Assert.Equal(500, instance.GetFunction<Func<int, int>>("count")(500));
        }

        Assert.InRange(cancelled, 0, 3000);
        using var last = new CancellationTokenSource();
        use(last);
        Assert.Throws<OperationCanceledException>(() => instance.GetFunction("loop")!.Invoke([], last.Token));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public async Task Registering_while_another_thread_calls_is_refused(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Linker linker = NewLinker(engine);
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        linker.Define("m", "wait", () => { inside.Set(); leave.Wait(); });
        Store store = NewStore(engine);
        Instance instance = linker.Instantiate(store, Compile(engine, """(module (import "m" "wait" (func $wait)) (func (export "run") (call $wait)) (func (export "one") (result i32) (i32.const 1)))"""));
        Function one = instance.GetFunction("one")!;
        Task call = Task.Run(instance.GetFunction<Action>("run"));
        inside.Wait();
        using var source = new CancellationTokenSource();
        Assert.Throws<InvalidOperationException>(() => store.CancelOn(source.Token));
        Assert.Throws<InvalidOperationException>(() => one.Invoke([], source.Token));
        Assert.Throws<InvalidOperationException>(() => one.Invoke());
        Assert.Throws<InvalidOperationException>(store.Dispose);
        leave.Set();
        await call;
        Assert.Equal(1, one.Invoke([], source.Token));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public async Task Two_threads_that_fight_for_a_store_get_results_or_refusals(Tier tier, MemoryChecks checks)
    {
        (_, Instance instance, _) = Start(tier, checks);
        Function count = instance.GetFunction("count")!;
        int succeeded = 0, refused = 0;
        using var never = new CancellationTokenSource();
        void Fight()
        {
            for (int i = 0; i < 5000; i++)
            {
                try
                {
                    Assert.Equal(50, i % 2 == 0 ? count.Invoke([50], never.Token) : count.Invoke(50));
                    Interlocked.Increment(ref succeeded);
                }
                catch (InvalidOperationException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }

        await Task.WhenAll(Task.Run(Fight), Task.Run(Fight), Task.Run(Fight));
        Assert.Equal(15_000, succeeded + refused);
        Assert.InRange(succeeded, 1, 15_000);
        Assert.Equal(50, count.Invoke(50));
    }

    private (Store Store, Instance Instance, Action<CancellationTokenSource> Use) Start(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Linker linker = NewLinker(engine);
        CancellationTokenSource? current = null;
        linker.Define("m", "started", () => { _ = Task.Delay(5).ContinueWith(_ => current!.Cancel(), TaskScheduler.Default); });
        linker.Define("m", "cancel", () => current!.Cancel());
        Store store = NewStore(engine);
        return (store, linker.Instantiate(store, Compile(engine, Endless)), source => current = source);
    }
}
