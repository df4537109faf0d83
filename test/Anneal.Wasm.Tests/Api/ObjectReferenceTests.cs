using System.Runtime.CompilerServices;
using Xunit;

namespace Anneal.Wasm.Tests.Api;

public sealed class ObjectReferenceTests : ApiTest
{
    private const string Keeping = """
        (module
          (import "m" "make" (func $make (param i32) (result externref)))
          (import "m" "number" (func $number (param externref) (result i32)))
          (table $kept (export "kept") 100 externref)
          (global $last (export "last") (mut externref) (ref.null extern))
          (func (export "run") (param $count i32) (result i32)
            (local $i i32) (local $local externref) (local $sum i32)
            (local.set $local (call $make (i32.const -1)))
            (loop $next
              (table.set $kept (i32.rem_u (local.get $i) (i32.const 100)) (call $make (local.get $i)))
              (global.set $last (call $make (local.get $i)))
              (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $count))))
            (local.set $i (i32.const 0))
            (loop $next
              (local.set $sum (i32.add (local.get $sum) (call $number (table.get $kept (local.get $i)))))
              (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
            (i32.add (i32.add (local.get $sum) (call $number (global.get $last))) (call $number (local.get $local))))
          (func (export "clear") (table.fill $kept (i32.const 0) (ref.null extern) (i32.const 100)) (global.set $last (ref.null extern)))
          (func (export "identity") (param externref) (result externref) (local.get 0)))
        """;

    private sealed record Numbered(int Number);

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Objects_that_guests_drop_are_forgotten_and_others_kept(Tier tier)
    {
        (Store store, Instance instance) = Start(tier);
        int expected = Enumerable.Range(19_900, 100).Sum() + 19_999 - 1;
        Assert.Equal(expected, instance.GetFunction<Func<int, int>>("run")(20_000));
        Assert.InRange(store.Objects.Count, 101, 4096);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_dropped_object_is_collected_by_the_runtime(Tier tier)
    {
        (_, Instance instance) = Start(tier);
        WeakReference weak = Pass(instance);
        var identity = instance.GetFunction<Func<object?, object?>>("identity");
        for (int i = 0; i < 5000; i++) identity(new Numbered(i));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(weak.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Pass(Instance instance)
        {
            object thing = new Numbered(1);
            Assert.Same(thing, instance.GetFunction<Func<object?, object?>>("identity")(thing));
            return new WeakReference(thing);
        }
    }

    [Fact]
    public void One_object_has_one_handle()
    {
        Store store = NewStore(NewEngine(Tier.Portable));
        object thing = new();
        Assert.Equal(store.Objects.HandleOf(thing), store.Objects.HandleOf(thing));
        Assert.NotEqual(store.Objects.HandleOf(thing), store.Objects.HandleOf(new object()));
        Assert.Equal(0ul, store.Objects.HandleOf(null));
        Assert.Throws<InvalidOperationException>(() => store.Objects[5]);
    }

    [Fact]
    public void Host_tables_and_globals_are_roots()
    {
        Engine engine = NewEngine(Tier.Portable);
        Store store = NewStore(engine);
        var table = new Table(store, new TableType(ValueType.ExternRef, new Limits(2, null)));
        table[1] = new Numbered(1);
        var global = new Global(store, new GlobalType(ValueType.ExternRef, true), new Numbered(2));
        for (int i = 0; i < 10_000; i++) table[0] = new Numbered(i);
        Assert.Equal(new Numbered(1), table[1]);
        Assert.Equal(new Numbered(2), global.Value);
        Assert.Equal(2, table.Grow(3, new Numbered(7)));
        Assert.Equal(new Numbered(7), table[4]);
        Assert.InRange(store.Objects.Count, 4, 4096);
    }

    private (Store Store, Instance Instance) Start(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        linker.Define("m", "make", (int number) => (object)new Numbered(number));
        linker.Define("m", "number", (object? thing) => ((Numbered)thing!).Number);
        Store store = NewStore(engine);
        return (store, linker.Instantiate(store, Compile(engine, Keeping)));
    }
}
