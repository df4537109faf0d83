using Anneal.Bytecode;
using Xunit;

namespace Anneal.Wasm.Tests.Api;

public sealed class InstantiationTests : ApiTest
{
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Segments_globals_and_tables_are_initialized_before_the_start_function(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        Store store = NewStore(engine);
        linker.Define("m", "base", new Global(store, new GlobalType(ValueType.I32, false), 10));
        linker.Define("m", "object", new Global(store, new GlobalType(ValueType.ExternRef, false), "thing"));
        Instance instance = linker.Instantiate(store, Compile(engine, """
            (module
              (import "m" "base" (global $base i32))
              (import "m" "object" (global $object externref))
              (type $get (func (result i32)))
              (global $sum (export "sum") i32 (i32.add (global.get $base) (i32.mul (i32.const 3) (i32.const 4))))
              (global $wide (export "wide") i64 (i64.sub (i64.const 1) (i64.const 3)))
              (global (export "f") funcref (ref.func $seven))
              (table $t (export "t") 20 funcref)
              (table (export "filled") 3 (ref $get) (ref.func $seven))
              (table (export "objects") 2 externref)
              (memory (export "memory") 1)
              (elem (table $t) (offset (global.get $base)) func $seven $eight)
              (elem (table 2) (offset (i32.const 1)) externref (global.get $object))
              (elem $passive func $eight)
              (data (offset (i32.add (global.get $base) (i32.const 1))) "ab")
              (data $later "xyz")
              (global $started (export "started") (mut i32) (i32.const 0))
              (func $seven (type $get) (i32.const 7))
              (func $eight (type $get) (i32.const 8))
              (func $start (global.set $started (i32.add (call_indirect $t (type $get) (i32.const 11)) (i32.load8_u (i32.const 12)))))
              (start $start)
              (func (export "later")
                (memory.init $later (i32.const 0) (i32.const 1) (i32.const 2)) (data.drop $later)
                (table.init $t $passive (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $passive)))
            """));
        Assert.Equal(8 + 'b', instance.GetGlobal("started")!.Value);
        Assert.Equal(22, instance.GetGlobal("sum")!.Get<int>());
        Assert.Equal(-2L, instance.GetGlobal("wide")!.Get<long>());
        Function seven = instance.GetGlobal("f")!.Get<Function>()!;
        Assert.Equal(7, seven.Invoke());
        Assert.Same(seven, instance.GetTable("t")![10]);
        Assert.Same(seven, instance.GetTable("filled")![2]);
        Assert.Equal("thing", instance.GetTable("objects")![1]);
        Assert.Null(instance.GetTable("objects")![0]);
        instance.GetFunction<Action>("later")();
        Assert.Equal("yz", instance.GetMemory("memory")!.ReadNullTerminatedString(0));
        Assert.Same(instance.GetTable("t")![11], instance.GetTable("t")![0]);
        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(instance.GetFunction<Action>("later")).Kind);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void What_was_written_before_a_trap_stays(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        Store store = NewStore(engine);
        var memory = new Memory(store, new MemoryType(new Limits(1, null)));
        var table = new Table(store, new TableType(ValueType.FuncRef, new Limits(2, null)));
        linker.Define("m", "memory", memory);
        linker.Define("m", "table", table);
        var trap = Assert.Throws<TrapException>(() => linker.Instantiate(store, Compile(engine, """
            (module (import "m" "memory" (memory 1)) (import "m" "table" (table 2 funcref))
              (func $f (result i32) (i32.load (i32.const 0)))
              (elem (i32.const 0) func $f)
              (data (i32.const 0) "\2a\00\00\00")
              (data (i32.const 65535) "ab")
              (data (i32.const 4) "\ff"))
            """)));
        Assert.Equal(TrapKind.MemoryOutOfBounds, trap.Kind);
        Assert.Equal(0, memory.ReadByte(4));
        // The function of the failed instance works: the table refers to it.
        Assert.Equal(42, ((Function)table[0]!).Invoke());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void An_element_segment_out_of_bounds_traps(Tier tier)
    {
        Assert.Equal(TrapKind.TableOutOfBounds, Assert.Throws<TrapException>(() => Instantiate(tier,
            """(module (table 1 funcref) (func $f) (elem (i32.const 1) func $f))""")).Kind);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_trap_in_the_start_function_has_a_backtrace(Tier tier)
    {
        var trap = Assert.Throws<TrapException>(() => Instantiate(tier, """
            (module $broken (func $inner unreachable) (func $main (call $inner)) (start $main))
            """));
        Assert.Equal(TrapKind.Unreachable, trap.Kind);
        Assert.Equal(["inner", "main"], trap.Frames.Select(frame => frame.FunctionName));
        Assert.Equal("broken", trap.Frames[0].ModuleName);
    }

    [Fact]
    public void Failing_instances_are_not_kept()
    {
        Engine engine = NewEngine(Tier.Portable);
        Linker linker = NewLinker(engine);
        Store store = NewStore(engine, new StoreLimits { MaxInstances = 1, MaxMemories = 1, MaxTables = 1 });
        Module failing = Compile(engine, """(module (memory 1) (table 1 externref) (global externref (ref.null extern)) (data (i32.const 65536) "a"))""");
        for (int i = 0; i < 10; i++) Assert.Throws<TrapException>(() => linker.Instantiate(store, failing));
        linker.Instantiate(store, Compile(engine, "(module (memory 1) (table 1 funcref))"));
        Assert.Throws<StoreLimitException>(() => linker.Instantiate(store, Compile(engine, "(module)")));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Checked_and_guarded_instances_of_one_module_live_together(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Module module = Compile(engine, """
            (module (import "m" "memory" (memory 1))
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))
            """);
        foreach (MemoryChecks checks in new[] { MemoryChecks.Hardware, MemoryChecks.Explicit, MemoryChecks.Hardware })
        {
            Linker linker = NewLinker(engine);
            Memory memory = Keep(new Memory(new MemoryType(new Limits(1, 1)), checks));
            memory.WriteInt32(65532, 77);
            linker.Define("m", "memory", memory);
            Instance instance = linker.Instantiate(NewStore(engine), module);
            Assert.Same(module.CodeFor(checks == MemoryChecks.Hardware ? AddressingMode.Guarded : AddressingMode.Checked), instance.Code);
            var load = instance.GetFunction<Func<int, int>>("load");
            Assert.Equal(77, load(65532));
            Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => load(65533)).Kind);
            Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => load(-1)).Kind);
        }
    }

    [Fact]
    public void An_engine_with_explicit_checks_never_relies_on_faults()
    {
        Engine engine = NewEngine(Tier.Portable, MemoryChecks.Explicit);
        Linker linker = NewLinker(engine);
        linker.Define("m", "memory", Keep(new Memory(new MemoryType(new Limits(1, 1)), MemoryChecks.Hardware)));
        Module module = Compile(engine, """(module (import "m" "memory" (memory 1)))""");
        Assert.Same(module.CodeFor(AddressingMode.Checked), linker.Instantiate(NewStore(engine), module).Code);
    }

    [Fact]
    public void Many_threads_share_a_linker_and_a_module()
    {
        Engine engine = NewEngine(Tier.Portable);
        Linker linker = NewLinker(engine);
        linker.DefineWasi(new Anneal.Wasm.Wasi.WasiOptions());
        linker.Define("m", "host", (int value) => value + 1);
        Module module = Compile(engine, """
            (module (import "m" "host" (func $host (param i32) (result i32)))
              (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "f") (param i32) (result i32) (i32.add (call $yield) (call $host (local.get 0)))))
            """);
        Parallel.For(0, 200, i =>
        {
            using var store = new Store(engine);
            Assert.Equal(i + 1, linker.Instantiate(store, module).GetFunction<Func<int, int>>("f")(i));
        });
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Explicit_checks_give_the_same(Tier tier)
    {
        Engine engine = NewEngine(tier, MemoryChecks.Explicit);
        Instance instance = NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, """
            (module (memory (export "memory") 1 2) (func (export "store") (param i32) (i32.store offset=4 (local.get 0) (i32.const 9)))
              (func (export "grow") (result i32) (memory.grow (i32.const 1))))
            """));
        var store = instance.GetFunction<Action<int>>("store");
        store(65528);
        Assert.Throws<TrapException>(() => store(65529));
        Assert.Equal(1, instance.GetFunction<Func<int>>("grow")());
        store(65529);
        Assert.Equal(-1, instance.GetFunction<Func<int>>("grow")());
    }
}
