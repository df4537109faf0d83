using Xunit;

namespace Anneal.Wasm.Tests.Api;

public sealed class CancellationTests : ApiTest
{
    private const string Looping = """
        (module
          (import "m" "started" (func $started))
          (func (export "loop") (call $started) (loop (br 0)))
          (func $recurse (result i32) (return_call $recurse))
          (func (export "recurse") (result i32) (call $started) (call $recurse))
          (func (export "one") (result i32) (i32.const 1)))
        """;

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_registered_token_stops_a_loop(Tier tier)
    {
        (Store store, Instance instance, CancellationTokenSource source) = Start(tier);
        using (store.CancelOn(source.Token))
        {
            var exception = Assert.Throws<OperationCanceledException>(instance.GetFunction<Action>("loop"));
            Assert.Equal(source.Token, exception.CancellationToken);
            Assert.Throws<OperationCanceledException>(() => instance.GetFunction<Func<int>>("one")());
        }

        Assert.Equal(1, instance.GetFunction<Func<int>>("one")());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_calls_own_token_stops_tail_calls(Tier tier)
    {
        (_, Instance instance, CancellationTokenSource source) = Start(tier);
        var exception = Assert.Throws<OperationCanceledException>(() => instance.GetFunction("recurse")!.Invoke([], source.Token));
        Assert.Equal(source.Token, exception.CancellationToken);
        Assert.Equal(1, instance.GetFunction("one")!.Invoke());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Two_tokens_both_count(Tier tier)
    {
        using var never = new CancellationTokenSource();
        (Store store, Instance instance, CancellationTokenSource source) = Start(tier);
        using (store.CancelOn(source.Token))
        {
            Assert.Throws<OperationCanceledException>(() => instance.GetFunction("loop")!.Invoke([], never.Token));
        }

        (store, instance, source) = Start(tier);
        using (store.CancelOn(never.Token))
        {
            var exception = Assert.Throws<OperationCanceledException>(() => instance.GetFunction("loop")!.Invoke([], source.Token));
            Assert.Equal(source.Token, exception.CancellationToken);
            Assert.Equal(1, instance.GetFunction("one")!.Invoke());
        }
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_nested_calls_token_stops_that_call_only(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        Instance? instance = null;
        linker.Define("m", "started", () => { });
        linker.Define("m", "nested", (Caller caller) =>
        {
            using var source = new CancellationTokenSource();
            source.Cancel();
            Assert.Throws<OperationCanceledException>(() => instance!.GetFunction("loop")!.Invoke([], source.Token));
            return 5;
        });
        instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module (import "m" "nested" (func $nested (result i32)))
              (func (export "loop") (loop (br 0)))
              (func (export "run") (result i32) (local i32)
                (local.set 0 (call $nested))
                (loop (br_if 0 (i32.lt_s (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000))))
                (local.get 0)))
            """));
        Assert.Equal(1000, instance.GetFunction<Func<int>>("run")());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Host_functions_see_the_token(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        linker.Define("m", "wait", (Caller caller) => { caller.CancellationToken.WaitHandle.WaitOne(); caller.CancellationToken.ThrowIfCancellationRequested(); });
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """(module (import "m" "wait" (func $wait)) (func (export "wait") (call $wait)))"""));
        using var source = new CancellationTokenSource(20);
        Assert.Throws<OperationCanceledException>(() => instance.GetFunction("wait")!.Invoke([], source.Token));
    }

    private (Store Store, Instance Instance, CancellationTokenSource Source) Start(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        CancellationTokenSource source = Keep(new CancellationTokenSource());
        linker.Define("m", "started", () => { _ = Task.Delay(10).ContinueWith(_ => source.Cancel(), TaskScheduler.Default); });
        Store store = NewStore(engine);
        return (store, linker.Instantiate(store, Compile(engine, Looping)), source);
    }
}
