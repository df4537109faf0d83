using Xunit;

namespace Anneal.Wasm.Tests.Api;

public sealed class StoreTests : ApiTest
{
    private const string Growing = """
        (module (memory (export "memory") 1) (table (export "table") 1 funcref)
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "growTable") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))
        """;

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Growth_stops_at_the_limits(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Store store = NewStore(engine, new StoreLimits { MaxMemoryBytes = 3 << 16, MaxTotalMemoryBytes = 4 << 16, MaxTableElements = 5 });
        Linker linker = NewLinker(engine);
        Module module = Compile(engine, Growing);
        Instance first = linker.Instantiate(store, module);
        Instance second = linker.Instantiate(store, module);
        var grow = first.GetFunction<Func<int, int>>("grow");
        Assert.Equal(-1, grow(3));
        Assert.Equal(1, grow(2));
        Assert.Equal(-1, grow(1));
        Assert.Equal(-1, second.GetFunction<Func<int, int>>("grow")(1));
        Assert.Equal(-1, second.GetMemory("memory")!.Grow(1));
        Assert.Throws<StoreLimitException>(() => linker.Instantiate(store, module));
        var growTable = first.GetFunction<Func<int, int>>("growTable");
        Assert.Equal(1, growTable(4));
        Assert.Equal(-1, growTable(1));
        Assert.Equal(-1, first.GetTable("table")!.Grow(1));
        Assert.Throws<StoreLimitException>(() => new Table(store, new TableType(ValueType.FuncRef, new Limits(6, null))));
    }

    [Fact]
    public void Negative_limits_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Store(NewEngine(Tier.Portable), new StoreLimits { MaxTables = -1 }));

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_second_thread_is_turned_away(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        linker.Define("m", "wait", () =>
        {
            entered.Set();
            leave.Wait();
        });
        Store store = NewStore(engine);
        Instance instance = linker.Instantiate(store, Compile(engine, """
            (module (import "m" "wait" (func $wait)) (global (export "g") (mut i32) (i32.const 1)) (func (export "wait") (call $wait)) (func (export "nothing")))
            """));
        Action wait = instance.GetFunction<Action>("wait");
        Action nothing = instance.GetFunction<Action>("nothing");
        Global global = instance.GetGlobal("g")!;
        var thread = new Thread(() => wait());
        thread.Start();
        entered.Wait();
        try
        {
            Assert.Throws<InvalidOperationException>(nothing);
            Assert.Throws<InvalidOperationException>(() => global.Value = 2);
            Assert.Throws<InvalidOperationException>(store.Dispose);
        }
        finally
        {
            leave.Set();
            thread.Join();
        }

        nothing();
        global.Value = 2;
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_store_cannot_be_disposed_by_a_host_function(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        linker.Define("m", "dispose", (Caller caller) => caller.Store.Dispose());
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module (import "m" "dispose" (func $dispose)) (func (export "run") (call $dispose)) (func (export "one") (result i32) (i32.const 1)))
            """));
        Assert.Throws<InvalidOperationException>(instance.GetFunction<Action>("run"));
        Assert.Equal(1, instance.GetFunction<Func<int>>("one")());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Nothing_works_after_dispose_and_nothing_crashes(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        var store = new Store(engine);
        Module module = Compile(engine, """
            (module (memory (export "memory") 1) (table (export "table") 1 funcref) (global (export "global") (mut i32) (i32.const 1))
              (func (export "f") (result i32) (i32.const 1)))
            """);
        Instance instance = linker.Instantiate(store, module);
        Function function = instance.GetFunction("f")!;
        var call = instance.GetFunction<Func<int>>("f");
        Memory memory = instance.GetMemory("memory")!;
        Table table = instance.GetTable("table")!;
        Global global = instance.GetGlobal("global")!;
        memory.WriteByte(5, 9);
        Span<byte> bytes = memory.AsSpan();
        store.Dispose();
        store.Dispose();
        Assert.Equal(0, bytes[5]);
        Assert.Equal(0, memory.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadByte(5));
        Assert.Throws<ObjectDisposedException>(() => memory.Grow(1));
        Assert.Throws<ObjectDisposedException>(() => call());
        Assert.Throws<ObjectDisposedException>(() => function.Invoke());
        Assert.Throws<ObjectDisposedException>(() => function.Wrap<Func<int>>());
        Assert.Throws<ObjectDisposedException>(() => table[0]);
        Assert.Throws<ObjectDisposedException>(() => table.Length);
        Assert.Throws<ObjectDisposedException>(() => table.Grow(1));
        Assert.Throws<ObjectDisposedException>(() => global.Value);
        Assert.Throws<ObjectDisposedException>(() => instance.GetFunction("f"));
        Assert.Throws<ObjectDisposedException>(() => linker.Instantiate(store, module));
        Assert.Throws<ObjectDisposedException>(() => new Global(store, new GlobalType(ValueType.I32, true), 1));
    }

    [Fact]
    public void Disposed_modules_engines_and_linkers_say_so()
    {
        var engine = new Engine();
        var linker = new Linker(engine);
        using var store = new Store(engine);
        Module module = Module.FromText(engine, """(module (func (export "f")))""");
        Instance instance = linker.Instantiate(store, module);
        module.Dispose();
        Assert.Throws<ObjectDisposedException>(() => linker.Instantiate(store, module));
        instance.GetFunction<Action>("f")();
        linker.Dispose();
        Assert.Throws<ObjectDisposedException>(() => linker.Define("m", "f", () => { }));
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(instance.GetFunction<Action>("f"));
        Assert.Throws<ObjectDisposedException>(() => Module.FromText(engine, "(module)"));
        Assert.Throws<ObjectDisposedException>(() => new Store(engine));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_function_keeps_alive_what_it_needs(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Func<int, int> call = Make(engine);
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(141, call(100));

        static Func<int, int> Make(Engine engine)
        {
            var linker = new Linker(engine);
            int state = 40;
            linker.Define("m", "host", (int value) => value + ++state);
            return linker.Instantiate(new Store(engine), Module.FromText(engine, """
                (module (import "m" "host" (func $host (param i32) (result i32))) (memory 1)
                  (func (export "f") (param i32) (result i32) (i32.store (i32.const 0) (call $host (local.get 0))) (i32.load (i32.const 0))))
                """)).GetFunction<Func<int, int>>("f");
        }
    }

    [Fact]
    public void A_memory_can_outlive_and_connect_stores()
    {
        Engine engine = NewEngine(Tier.Portable);
        using var memory = new Memory(new MemoryType(new Limits(1, 2)));
        Linker linker = NewLinker(engine);
        linker.Define("m", "memory", memory);
        Module module = Compile(engine, """(module (import "m" "memory" (memory 1)) (func (export "bump") (result i32) (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (i32.load (i32.const 0))))""");
        for (int i = 1; i <= 3; i++)
        {
            using var store = new Store(engine);
            Assert.Equal(i, linker.Instantiate(store, module).GetFunction<Func<int>>("bump")());
        }

        Assert.Equal(3, memory.ReadInt32(0));
    }
}
