// Host functions that do what they may and what they mustn't while a guest waits for them: collect garbage, re-enter, dispose
// what is in use, cancel, fail. The process lives, and the guest goes on or is unwound.

using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class HostMischiefTests : ApiTest
{
    private const string Calling = """
        (module
          (import "m" "act" (func $act (param i32) (result i32)))
          (memory (export "memory") 1 10)
          (func (export "run") (param i32) (result i32) (local i32)
            (i32.store (i32.const 16) (i32.const 1234))
            (loop $l
              (local.set 1 (i32.add (local.get 1) (call $act (local.get 0))))
              (br_if $l (i32.lt_s (local.get 1) (i32.const 10))))
            (i32.add (i32.load (i32.const 16)) (local.get 1)))
          (func (export "one") (result i32) (i32.const 1)))
        """;

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Collecting_garbage(Tier tier, MemoryChecks checks)
    {
        // Nothing but the running call refers to the store, the instance, the module and the engine.
        Func<int, int> run = Detached(tier, checks, (_, _) =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return 1;
        });
        Assert.Equal(1244, run(0));
        Assert.Equal(1244, run(0));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Disposing_what_is_in_use(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Module module = Compile(engine, Calling);
        Linker linker = NewLinker(engine);
        linker.Define("m", "act", (Caller caller, int what) =>
        {
            Assert.Throws<InvalidOperationException>(caller.Store.Dispose);
            module.Dispose();
            caller.GetMemory()!.Dispose();
            linker.Dispose();
            engine.Dispose();
            return 5;
        });
        Store store = NewStore(engine);
        Instance instance = linker.Instantiate(store, module);
        Assert.Equal(1244, instance.GetFunction<Func<int, int>>("run")(0));
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => instance.GetFunction("one"));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Growing_memory_and_making_instances(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Module module = Compile(engine, Calling);
        Linker linker = NewLinker(engine);
        int depth = 0;
        linker.Define("m", "act", (Caller caller, int what) =>
        {
            caller.GetMemory()!.Grow(1);
            if (depth == 2) return 10;
            depth++;
            Instance another = linker.Instantiate(caller.Store, module);
            Assert.Equal(1244, another.GetFunction<Func<int, int>>("run")(0));
            depth--;
            return 10;
        });
        Assert.Equal(1244, linker.Instantiate(NewStore(engine), module).GetFunction<Func<int, int>>("run")(0));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Using_the_store_from_another_thread(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Linker linker = NewLinker(engine);
        linker.Define("m", "act", (Caller caller, int what) =>
        {
            Function one = caller.GetFunction("one")!;
            Exception? failure = null;
            var thread = new Thread(() => failure = Record.Exception(() => one.Invoke()));
            thread.Start();
            thread.Join();
            Assert.IsType<InvalidOperationException>(failure);
            return (int)one.Invoke()! + 9;
        });
        Assert.Equal(1244, linker.Instantiate(NewStore(engine), Compile(engine, Calling)).GetFunction<Func<int, int>>("run")(0));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_stale_span_reads_zero(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        var store = new Store(engine);
        Instance instance = NewLinker(engine).Instantiate(store, Compile(engine, """(module (memory (export "memory") 2) (data (i32.const 5) "x"))"""));
        Memory memory = instance.GetMemory("memory")!;
        Span<byte> span = memory.AsSpan();
        Assert.Equal((byte)'x', span[5]);
        store.Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(0, span[5]);
        span[5] = 1;
        Assert.Equal(0, memory.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Grow(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadByte(0));
        GC.KeepAlive(memory);
    }

    private static Func<int, int> Detached(Tier tier, MemoryChecks checks, Func<Caller, int, int> act)
    {
        var engine = new Engine(new EngineOptions { Tier = tier, MemoryChecks = checks });
        var linker = new Linker(engine);
        linker.Define("m", "act", act);
        return linker.Instantiate(new Store(engine), Module.FromText(engine, Calling)).GetFunction<Func<int, int>>("run");
    }
}
