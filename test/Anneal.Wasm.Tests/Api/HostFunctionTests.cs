using Xunit;

namespace Anneal.Wasm.Tests.Api;

public sealed class HostFunctionTests : ApiTest
{
    private sealed class HostException : Exception;

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Lambdas_are_host_functions(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        var calls = new List<string>();
        linker.Define("env", "log", (int pointer, int length) => calls.Add($"{pointer} {length}"));
        linker.Define("env", "mix", (uint a, long b, float c, double d) => (d, c, b, a));
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module
              (import "env" "log" (func $log (param i32 i32)))
              (import "env" "mix" (func $mix (param i32 i64 f32 f64) (result f64 f32 i64 i32)))
              (func (export "log") (call $log (i32.const -1) (i32.const 7)))
              (func (export "mix") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
                (call $mix (local.get 0) (local.get 1) (local.get 2) (local.get 3))))
            """));
        instance.GetFunction<Action>("log")();
        Assert.Equal(["-1 7"], calls);
        Assert.Equal((2.5, -1.5f, -3L, -4), instance.GetFunction<Func<int, long, float, double, (double, float, long, int)>>("mix")(-4, -3, -1.5f, 2.5));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_negative_i32_result_stays_within_its_32_bits(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        linker.Define("m", "minus", () => -1);
        linker.Define("m", "raw", FunctionType.Create(engine, [], [ValueType.I32]), (_, slots) => slots[0] = ulong.MaxValue);
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module
              (import "m" "minus" (func $minus (result i32)))
              (import "m" "raw" (func $raw (result i32)))
              (func (export "minus") (result i64) (i64.extend_i32_u (call $minus)))
              (func (export "raw") (result i64) (i64.extend_i32_u (call $raw))))
            """));
        Assert.Equal(uint.MaxValue, instance.GetFunction<Func<long>>("minus")());
        Assert.Equal(uint.MaxValue, instance.GetFunction<Func<long>>("raw")());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void The_caller_gives_store_memory_and_functions(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        linker.Define("env", "read", (Caller caller, int pointer, int length) =>
        {
            Assert.Equal("state", caller.Store.Data);
            Assert.NotNull(caller.GetFunction("run"));
            Assert.Null(caller.GetMemory("other"));
            Assert.False(caller.CancellationToken.CanBeCanceled);
            return caller.GetMemory()!.ReadString(pointer, length) == "hello" ? 1 : 0;
        });
        linker.Define("env", "who", (Caller caller) => (object?)caller.Instance);
        Store store = NewStore(engine);
        store.Data = "state";
        Instance instance = linker.Instantiate(store, Compile(engine, """
            (module
              (import "env" "read" (func $read (param i32 i32) (result i32)))
              (import "env" "who" (func $who (result externref)))
              (memory (export "memory") 1)
              (data (i32.const 100) "hello")
              (export "who-import" (func $who))
              (func (export "who") (result externref) (call $who))
              (func (export "run") (result i32) (call $read (i32.const 100) (i32.const 5))))
            """));
        Assert.Equal(1, instance.GetFunction<Func<int>>("run")());
        Assert.Same(instance, instance.GetFunction<Func<object?>>("who")());
        Assert.Null(instance.GetFunction<Func<object?>>("who-import")());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void More_parameters_than_eight_work(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        linker.Define("m", "many", (Caller caller, int a, uint b, long c, ulong d, float e, double f, int g, int h, object? i, Function? j) =>
            (a, b, c, d, e, f, g, h, (object?)"out", j));
        linker.Define("m", "throw", (int a, int b, int c, int d, int e, int f, int g, int h, int i) => { throw new HostException(); });
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module
              (type $many (func (param i32 i32 i64 i64 f32 f64 i32 i32 externref funcref) (result i32 i32 i64 i64 f32 f64 i32 i32 externref funcref)))
              (import "m" "many" (func $many (type $many)))
              (import "m" "throw" (func $throw (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
              (func (export "many") (type $many)
                (call $many (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7) (local.get 8) (local.get 9)))
              (func (export "throw") i32.const 1 i32.const 2 i32.const 3 i32.const 4 i32.const 5 i32.const 6 i32.const 7 i32.const 8 i32.const 9 (call $throw)))
            """));
        Function many = instance.GetFunction("many")!;
        Assert.Equal(
            new object?[] { 1, -2, 3L, -4L, 5f, 6d, 7, 8, "out", many },
            many.Invoke(1, -2, 3L, -4L, 5f, 6d, 7, 8, "in", many));
        Assert.Throws<HostException>(instance.GetFunction<Action>("throw"));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void What_a_host_function_throws_reaches_the_caller_unchanged(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        var thrown = new HostException();
        linker.Define("m", "throw", () => { throw thrown; });
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module (import "m" "throw" (func $throw))
              (func $inner (call $throw))
              (func (export "run") (call $inner))
              (func (export "one") (result i32) (i32.const 1)))
            """));
        Assert.Same(thrown, Assert.Throws<HostException>(instance.GetFunction<Action>("run")));
        Assert.Equal(1, instance.GetFunction<Func<int>>("one")());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Host_and_guest_call_each_other(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        Func<int, int>? sum = null;
        linker.Define("m", "next", (int n) => n == 0 ? 0 : sum!(n - 1));
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module (import "m" "next" (func $next (param i32) (result i32)))
              (func (export "sum") (param i32) (result i32) (i32.add (local.get 0) (call $next (local.get 0)))))
            """));
        sum = instance.GetFunction<Func<int, int>>("sum");
        Assert.Equal(5050, sum(100));
        Assert.Equal(TrapKind.StackExhausted, Assert.Throws<TrapException>(() => sum(10_000_000)).Kind);
        Assert.Equal(5050, sum(100));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Functions_can_be_made_in_a_store_and_called_through_a_reference(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Store store = NewStore(engine);
        Instance instance = NewLinker(engine).Instantiate(store, Compile(engine, """
            (module
              (type $unary (func (param i32) (result i32)))
              (table (export "table") 2 funcref)
              (func (export "call") (param i32 i32) (result i32) (call_indirect (type $unary) (local.get 1) (local.get 0))))
            """));
        instance.GetTable("table")![1] = Function.FromDelegate(store, (int value) => value + 1);
        var call = instance.GetFunction<Func<int, int, int>>("call");
        Assert.Equal(6, call(1, 5));
        Assert.Equal(TrapKind.IndirectCallToNull, Assert.Throws<TrapException>(() => call(0, 5)).Kind);
        instance.GetTable("table")![0] = Function.FromDelegate(store, (long value) => value);
        Assert.Equal(TrapKind.IndirectCallTypeMismatch, Assert.Throws<TrapException>(() => call(0, 5)).Kind);
        Assert.Equal(TrapKind.TableOutOfBounds, Assert.Throws<TrapException>(() => call(2, 5)).Kind);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_raw_callback_sees_slots_and_references(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        FunctionType type = FunctionType.Create(engine, [ValueType.ExternRef, ValueType.I32], [ValueType.I32, ValueType.ExternRef]);
        object? seen = null;
        linker.Define("m", "raw", type, (caller, slots) =>
        {
            Assert.Equal(2, slots.Length);
            seen = caller.ReadReference(slots[0], ValueType.ExternRef);
            slots[0] = slots[1] + 1;
            slots[1] = caller.WriteReference("back", ValueType.ExternRef);
        });
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module (import "m" "raw" (func $raw (param externref i32) (result i32 externref)))
              (func (export "run") (param externref i32) (result i32 externref) (call $raw (local.get 0) (local.get 1))))
            """));
        Assert.Equal((8, "back"), instance.GetFunction<Func<object?, int, (int, object?)>>("run")("there", 7));
        Assert.Equal("there", seen);
    }

    [Fact]
    public void A_signature_without_WebAssembly_types_is_refused()
    {
        Linker linker = NewLinker(NewEngine(Tier.Portable));
        Assert.Throws<ArgumentException>(() => linker.Define("m", "f", (string text) => { }));
        Assert.Throws<ArgumentException>(() => linker.Define("m", "f", () => 1m));
        Assert.Throws<ArgumentException>(() => linker.Define("m", "f", (int value, Caller caller) => { }));
    }
}
