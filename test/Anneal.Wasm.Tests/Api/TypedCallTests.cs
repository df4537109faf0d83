using Xunit;

namespace Anneal.Wasm.Tests.Api;

public sealed class TypedCallTests : ApiTest
{
    private const string Arithmetic = """
        (module
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "nothing"))
          (func (export "answer") (result i32) (i32.const 42))
          (func (export "wide") (param i64) (result i64) (i64.mul (local.get 0) (i64.const 3)))
          (func (export "single") (param f32) (result f32) (f32.neg (local.get 0)))
          (func (export "double") (param f64) (result f64) (f64.sqrt (local.get 0)))
          (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
          (func (export "seven") (result i32 i32 i32 i32 i32 i32 i32)
            (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7))
          (func (export "nine") (param i32) (result i32 i32 i32 i32 i32 i32 i32 i32 i64)
            (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7) (local.get 0) (i64.const -9))
          (func (export "eight") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
            (i32.sub (i32.shl (local.get 7) (i32.const 4)) (local.get 0)))
          (func (export "ten") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i64)
            (i64.sub (local.get 9) (i64.extend_i32_s (local.get 0))))
          (func (export "negative") (result i32) (i32.const -1))
          (func (export "extern") (param externref) (result externref) (local.get 0))
          (func (export "funcref") (result funcref) (ref.func 0))
          (elem declare func 0))
        """;

    private delegate uint Custom(uint left, int right);

    private delegate long TenParameters(int a, int b, int c, int d, int e, int f, int g, int h, int i, long j);

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Numbers_go_in_and_out(Tier tier)
    {
        Instance instance = Instantiate(tier, Arithmetic);
        Assert.Equal(5, instance.GetFunction<Func<int, int, int>>("add")(2, 3));
        Assert.Equal(42, instance.GetFunction<Func<int>>("answer")());
        Assert.Equal(-3_000_000_000_000, instance.GetFunction<Func<long, long>>("wide")(-1_000_000_000_000));
        Assert.Equal(-1.5f, instance.GetFunction<Func<float, float>>("single")(1.5f));
        Assert.Equal(1.5, instance.GetFunction<Func<double, double>>("double")(2.25));
        instance.GetFunction<Action>("nothing")();
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Delegates_of_any_type_and_unsigned_numbers_fit(Tier tier)
    {
        Instance instance = Instantiate(tier, Arithmetic);
        Assert.Equal(uint.MaxValue - 1, instance.GetFunction<Custom>("add")(uint.MaxValue, -1));
        Assert.Equal(uint.MaxValue, instance.GetFunction<Func<uint>>("negative")());
        Assert.Equal(-1, instance.GetFunction<Func<int>>("negative")());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Several_results_are_a_tuple(Tier tier)
    {
        Instance instance = Instantiate(tier, Arithmetic);
        Assert.Equal((-7L, 3), instance.GetFunction<Func<int, long, (long, int)>>("swap")(3, -7));
        Assert.Equal((1, 2, 3, 4, 5, 6, 7), instance.GetFunction<Func<(int, int, int, int, int, int, int)>>("seven")());
        var nine = instance.GetFunction<Func<uint, (int, int, int, int, int, int, int, uint, long)>>("nine");
        Assert.Equal((1, 2, 3, 4, 5, 6, 7, uint.MaxValue, -9L), nine(uint.MaxValue));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Any_number_of_parameters_works(Tier tier)
    {
        Instance instance = Instantiate(tier, Arithmetic);
        Assert.Equal(127, instance.GetFunction<Func<int, int, int, int, int, int, int, int, int>>("eight")(1, 2, 3, 4, 5, 6, 7, 8));
        Assert.Equal(11L, instance.GetFunction<TenParameters>("ten")(-1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void References_go_in_and_out(Tier tier)
    {
        Instance instance = Instantiate(tier, Arithmetic);
        var identity = instance.GetFunction<Func<object?, object?>>("extern");
        object thing = new();
        Assert.Same(thing, identity(thing));
        Assert.Null(identity(null));
        Assert.Same(instance.GetFunction("add"), instance.GetFunction<Func<Function?>>("funcref")());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Boxed_calls_do_the_same(Tier tier)
    {
        Instance instance = Instantiate(tier, Arithmetic);
        Assert.Equal(5, instance.GetFunction("add")!.Invoke(2, 3));
        Assert.Equal(new object[] { -7L, 3 }, instance.GetFunction("swap")!.Invoke(3, -7L));
        Assert.Null(instance.GetFunction("nothing")!.Invoke());
        Assert.Throws<ArgumentException>(() => instance.GetFunction("add")!.Invoke(2));
        Assert.Throws<ArgumentException>(() => instance.GetFunction("add")!.Invoke(2, 3L));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_wrong_signature_is_refused(Tier tier)
    {
        Instance instance = Instantiate(tier, Arithmetic);
        Assert.Throws<ArgumentException>(() => instance.GetFunction<Func<int, int>>("add"));
        Assert.Throws<ArgumentException>(() => instance.GetFunction<Func<int, int, long>>("add"));
        Assert.Throws<ArgumentException>(() => instance.GetFunction<Action<int, int>>("add"));
        Assert.Throws<MissingMemberException>(() => instance.GetFunction<Action>("missing"));
        Assert.False(instance.TryGetFunction<Action>("missing", out _));
        Assert.False(instance.TryGetFunction<Action>("add", out _));
        Assert.True(instance.TryGetFunction("add", out Func<int, int, int>? add));
        Assert.Equal(3, add(1, 2));
        Assert.Null(instance.GetFunction("missing"));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_typed_call_allocates_nothing(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        linker.Define("m", "twice", (int value) => value * 2);
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module (import "m" "twice" (func $twice (param i32) (result i32)))
              (func (export "f") (param i32) (result i32) (call $twice (local.get 0))))
            """));
        var f = instance.GetFunction<Func<int, int>>("f");
        if (tier == Tier.Portable)
        {
            // The interpreter itself allocates an activation a call; that there's nothing else is for the other tiers to show.
            Assert.Equal(14, f(7));
            return;
        }

        for (int i = 0; i < 100; i++) f(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) f(i);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Typed_function_references_are_checked(Tier tier)
    {
        Instance instance = Instantiate(tier, """
            (module
              (type $binary (func (param i32) (result i32)))
              (func $double (export "double") (type $binary) (i32.mul (local.get 0) (i32.const 2)))
              (func (export "other"))
              (func (export "apply") (param (ref $binary) i32) (result i32) (call_ref $binary (local.get 1) (local.get 0))))
            """);
        var apply = instance.GetFunction<Func<Function?, int, int>>("apply");
        Assert.Equal(10, apply(instance.GetFunction("double"), 5));
        Assert.Throws<ArgumentException>(() => apply(null, 5));
        Assert.Throws<ArgumentException>(() => apply(instance.GetFunction("other"), 5));
    }
}
