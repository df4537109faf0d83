// Fuel as an embedder sees it: giving, reading, using up, going on afterwards; host functions that use it or call back; and
// nothing of it where it's off.

using Anneal.Bytecode;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Lowering;
using Anneal.Wasm.Tests.Api;
using Anneal.Wasm.Tests.Binary;
using Anneal.Wasm.Tests.Lowering;
using Xunit;

namespace Anneal.Wasm.Tests.Fuel;

public sealed class FuelApiTests : FuelTest
{
    private const string Counter = """
        (module
          (global $rounds (export "rounds") (mut i32) (i32.const 0))
          (func $step (global.set $rounds (i32.add (global.get $rounds) (i32.const 1))))
          (func (export "spin") (loop (call $step) (br 0)))
          (func (export "one") (call $step))
          (func (export "nothing")))
        """;

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Without_fuel_nothing_of_a_guest_runs_but_what_is_free(Tier tier)
    {
        Store store = NewMeteredStore(tier, 0);
        Instance instance = Instantiate(store, Counter);
        var trap = Assert.Throws<TrapException>(instance.GetFunction<Action>("one"));
        Assert.Equal((TrapKind.OutOfFuel, "out of fuel"), (trap.Kind, trap.Message));
        Assert.Equal(0, instance.GetGlobal("rounds")!.Get<int>());
        instance.GetFunction<Action>("nothing")();
        Assert.Equal((0, 0), (store.Fuel, store.ConsumedFuel));
    }

    // A round costs 2 in the loop and 4 in the function that it calls.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_loop_ends_when_the_fuel_does_and_can_be_run_again(Tier tier)
    {
        Store store = NewMeteredStore(tier, 6003);
        Instance instance = Instantiate(store, Counter);
        var spin = instance.GetFunction<Action>("spin");
        var trap = Assert.Throws<TrapException>(spin);
        Assert.Equal([0, 1], trap.Frames.Select(frame => frame.FunctionIndex));
        Assert.Equal((1000, 1, 6002), (instance.GetGlobal("rounds")!.Get<int>(), store.Fuel, store.ConsumedFuel));
        store.Fuel += 12;
        Assert.Throws<TrapException>(spin);
        Assert.Equal((1002, 1, 6014), (instance.GetGlobal("rounds")!.Get<int>(), store.Fuel, store.ConsumedFuel));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_trap_keeps_what_its_block_has_paid(Tier tier)
    {
        Store store = NewMeteredStore(tier);
        Instance instance = Instantiate(store, "(module (func (export \"f\") nop unreachable nop) (func (export \"g\") (drop (i32.div_s (i32.const 1) (i32.const 0))) nop nop))");
        Assert.Equal(TrapKind.Unreachable, Assert.Throws<TrapException>(instance.GetFunction<Action>("f")).Kind);
        Assert.Equal(2, store.ConsumedFuel);
        Assert.Equal(TrapKind.IntegerDivideByZero, Assert.Throws<TrapException>(instance.GetFunction<Action>("g")).Kind);
        Assert.Equal(2 + 6, store.ConsumedFuel);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_range_is_paid_before_it_is_checked(Tier tier)
    {
        Store store = NewMeteredStore(tier, 1000);
        Instance instance = Instantiate(store, "(module (memory 1) (func (export \"f\") (memory.fill (i32.const 0) (i32.const 1) (i32.const -1))))");
        var fill = instance.GetFunction<Action>("f");
        Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(fill).Kind);
        Assert.Equal(996, store.Fuel);
        store.Fuel = 4 + (1 << 26);
        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(fill).Kind);
        Assert.Equal(0, store.Fuel);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_start_function_pays(Tier tier)
    {
        Store store = NewMeteredStore(tier, 2);
        const string text = "(module (func $start nop nop nop) (start $start))";
        Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(() => Instantiate(store, text)).Kind);
        store.Fuel = 3;
        Instantiate(store, text);
        Assert.Equal(0, store.Fuel);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Stores_are_metered_apart_and_a_new_one_has_none(Tier tier)
    {
        Engine engine = NewMeteringEngine(tier);
        using (var first = new Store(engine))
        {
            first.Fuel = 77;
            Instantiate(first, Counter).GetFunction<Action>("one")();
            Assert.Equal((72, 5), (first.Fuel, first.ConsumedFuel));
            Store second = NewStore(engine);
            second.Fuel = 5;
            Assert.Equal((72, 5, 0), (first.Fuel, second.Fuel, second.ConsumedFuel));
        }

        // May well get the first one's execution.
        Assert.Equal(0, NewStore(engine).Fuel);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Host_functions_read_set_and_use_fuel(Tier tier)
    {
        Store store = NewMeteredStore(tier, 100);
        var seen = new List<long>();
        Instance instance = Instantiate(store, "(module (import \"m\" \"h\" (func $h)) (func (export \"f\") nop (call $h) nop))", linker => linker.Define("m", "h", (Caller caller) =>
        {
            seen.Add(store.Fuel);
            caller.ConsumeFuel(11);
            seen.Add(store.Fuel);
            if (seen.Count > 2) store.Fuel = 1;
        }));
        var run = instance.GetFunction<Action>("f");
        run();
        Assert.Equal([100 - 3 - 16, 70], seen);
        run();
        Assert.Equal([100 - 3 - 16, 70, 51, 40], seen);
        Assert.Equal((1, 60), (store.Fuel, store.ConsumedFuel));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_host_function_that_can_not_pay_traps_its_guest_with_a_backtrace(Tier tier)
    {
        Store store = NewMeteredStore(tier, 50);
        Instance instance = Instantiate(store, "(module $m (import \"m\" \"h\" (func $h)) (func $g (call $h)) (func (export \"f\") (call $g)))", linker =>
            linker.Define("m", "h", (Caller caller) => caller.ConsumeFuel(33)));
        var trap = Assert.Throws<TrapException>(instance.GetFunction<Action>("f"));
        Assert.Equal((TrapKind.OutOfFuel, 2), (trap.Kind, trap.Frames.Count));
        Assert.Equal(50 - 2 - 16, store.Fuel);
        store.Fuel = 17;
        Assert.Equal(2, Assert.Throws<TrapException>(instance.GetFunction<Action>("f")).Frames.Count);
        Assert.Equal(15, store.Fuel);
    }

    // Guest, host, guest and so on, down to where the fuel ends; all levels use one count, and the trap shows all their frames.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Nested_calls_share_the_count(Tier tier)
    {
        Store store = NewMeteredStore(tier, 1000);
        Action? again = null;
        int depth = 0;
        Instance instance = Instantiate(store, "(module (import \"m\" \"h\" (func $h)) (func (export \"f\") nop nop nop (call $h) nop))", linker =>
            linker.Define("m", "h", () =>
            {
                depth++;
                again!();
            }));
        again = instance.GetFunction<Action>("f");
        // 5 in the guest and 16 for the call of the host.
        var trap = Assert.Throws<TrapException>(again);
        Assert.Equal((47, 1000 - (47 * 21) - 5, 48), (depth, store.Fuel, trap.Frames.Count));
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_call_across_instances_pays_as_one_inside(Tier tier)
    {
        Store store = NewMeteredStore(tier);
        Instance callee = Instantiate(store, "(module (func (export \"g\") nop nop))");
        Instance caller = Instantiate(store, "(module (import \"m\" \"g\" (func $g)) (func (export \"f\") (call $g) (return_call $g)))", linker => linker.DefineInstance("m", callee));
        caller.GetFunction<Action>("f")();
        Assert.Equal(2 + 4, store.ConsumedFuel);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void The_largest_amounts_neither_wrap_nor_run_over(Tier tier)
    {
        Store store = NewMeteredStore(tier, long.MaxValue);
        Instance instance = Instantiate(store, Counter);
        instance.GetFunction<Action>("one")();
        Assert.Equal(long.MaxValue - 5, store.Fuel);
        Assert.Throws<TrapException>(() => store.ConsumeFuel(long.MaxValue));
        Assert.Equal((long.MaxValue - 5, 5), (store.Fuel, store.ConsumedFuel));
        store.ConsumeFuel(long.MaxValue - 5);
        Assert.Equal((0, long.MaxValue), (store.Fuel, store.ConsumedFuel));
        store.Fuel = long.MaxValue;
        instance.GetFunction<Action>("one")();
        Assert.Equal((long.MaxValue - 5, long.MaxValue), (store.Fuel, store.ConsumedFuel));
        store.Fuel = 1;
        store.ConsumeFuel(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Fuel = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.ConsumeFuel(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.ConsumeFuel(long.MinValue));
        Assert.Equal(1, store.Fuel);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Setting_is_not_consuming(Tier tier)
    {
        Store store = NewMeteredStore(tier, 10);
        store.Fuel = 3;
        store.Fuel = 500;
        Assert.Equal(0, store.ConsumedFuel);
        Instantiate(store, Counter).GetFunction<Action>("one")();
        store.Fuel = 0;
        Assert.Equal(5, store.ConsumedFuel);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void An_engine_that_does_not_meter_says_so(Tier tier)
    {
        Store store = NewStore(NewEngine(tier));
        Assert.Contains("FuelMetering", Assert.Throws<InvalidOperationException>(() => store.Fuel).Message);
        Assert.Throws<InvalidOperationException>(() => store.Fuel = 1);
        Assert.Throws<InvalidOperationException>(() => store.ConsumedFuel);
        Assert.Throws<InvalidOperationException>(() => store.ConsumeFuel(1));
        Instantiate(store, Counter).GetFunction<Action>("one")();
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_disposed_store_has_no_fuel_and_a_used_one_is_its_threads(Tier tier)
    {
        Store store = NewMeteredStore(tier);
        Exception? elsewhere = null;
        Instance instance = Instantiate(store, "(module (import \"m\" \"h\" (func $h)) (func (export \"f\") (call $h)))", linker => linker.Define("m", "h", () =>
        {
            var thread = new Thread(() => elsewhere = Record.Exception(() => store.Fuel = 1));
            thread.Start();
            thread.Join();
        }));
        instance.GetFunction<Action>("f")();
        Assert.IsType<InvalidOperationException>(elsewhere);
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.Fuel);
    }

    [Fact]
    public void Code_has_no_trace_of_fuel_when_it_is_off_and_an_op_a_block_when_it_is_on()
    {
        const string text = """
            (module (memory 1) (table 1 funcref)
              (func (param i32)
                (loop
                  (if (local.get 0) (then (memory.fill (i32.const 0) (i32.const 0) (i32.const 1))))
                  (br_if 0 (local.get 0)))
                (drop (table.grow (ref.null func) (i32.const 1)))))
            """;
        Assert.DoesNotContain(OpsOf(Lowered.FromText(text)), op => OpTable.Mnemonic(op).StartsWith("fuel", StringComparison.Ordinal));
        Op[] ops = [.. OpsOf(Lowered.FromText(text, new LoweringOptions { Fuel = true }))];
        Assert.Equal(4, ops.Count(op => op == Op.Fuel));
        Assert.Equal(1, ops.Count(op => op == Op.FuelBytes));
        Assert.Equal(1, ops.Count(op => op == Op.FuelElements));
        Assert.Equal(Op.Fuel, ops[Array.IndexOf(ops, Op.Loop) + 1]);
    }

    // Growth after growth in one block: more than an immediate can say, so it's paid in two parts.
    [Fact]
    public void A_block_may_cost_more_than_an_op_can_say()
    {
        const int growths = 2_200_000;
        byte[] body = new byte[2 + (2 * growths) + 1];
        body[0] = 0x41;
        for (int i = 2; i < body.Length - 1; i += 2) body[i] = 0x40;
        body[^1] = 0x1A;
        ModuleDefinition module = ModuleBytes.Load(ModuleBytes.Function([], [], body));
        FunctionBody lowered = new FunctionLowering(new LoweringOptions { Fuel = true }).Lower(module, 0);
        BytecodeChecker.Check(lowered);
        var costs = new List<long>();
        for (int pc = 0; pc < lowered.Code.Length; pc += OpTable.LengthAt(lowered.Code, pc))
        {
            if ((Op)(ushort)lowered.Code[pc] == Op.Fuel) costs.Add((uint)lowered.Code[pc + 1]);
        }

        Assert.Equal((2, (growths * 1025L) + 2), (costs.Count, costs.Sum()));
    }

    // More slots than fields can name: lengths are charged through moves to and fro.
    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Far_slots_pay_as_near_ones(Tier tier)
    {
        const int locals = 50_000, entries = 20_000;
        string text = $"""
            (module (memory 1) (table 1 100 funcref) (global i32 (i32.const 3))
              (func (export "f") (result i32) (local {Repeat("i64 ", locals)})
                {Repeat("global.get 0 ", entries)}
                (memory.fill (i32.const 1) (i32.const 9) (i32.const 100))
                (drop (table.grow (ref.null func) (i32.const 9)))
                {Repeat("drop ", entries)}
                (i32.load8_u (i32.const 100))))
            """;
        Store store = NewMeteredStore(tier);
        Assert.Equal(9, Instantiate(store, text).GetFunction<Func<int>>("f")());
        Assert.Equal((locals / 8) + (2 * entries) + 4 + 2 + 4 + 2 + 2, store.ConsumedFuel);
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static IEnumerable<Op> OpsOf(Lowered lowered)
    {
        ulong[] code = lowered.Bodies[0].Code;
        for (int pc = 0; pc < code.Length; pc += OpTable.LengthAt(code, pc)) yield return (Op)(ushort)code[pc];
    }
}
