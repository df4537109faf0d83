// What each construct costs, counted by hand: an instruction a unit, marks of blocks nothing, lengths and calls of the host as
// EngineOptions.FuelMetering says. The numbers are part of what guests see, so a change here is a change for users.

using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Fuel;

public sealed class FuelCountTests : FuelTest
{
    private static readonly (string Code, long Cost)[] Bodies =
    [
        ("", 0),
        ("nop", 1),
        ("i32.const 1 drop", 2),
        // Fused in the bytecode or not, the count is the guest's.
        ("(drop (i32.add (local.get 0) (i32.const 1)))", 4),
        ("(drop (i32.add (local.get 0) (i32.const 100000)))", 4),
        ("(drop (i32.eqz (f64.lt (f64.const 1) (f64.const 2))))", 5),
        ("(local.set 0 (i32.xor (local.get 0) (local.get 0)))", 4),
        ("(local.set 0 (local.get 0))", 2),
        ("(drop (select (local.get 0) (i32.const 1) (i32.const 0)))", 5),
        // Blocks.
        ("block end block nop end", 1),
        ("block br 0 nop nop end", 1),
        ("block block br 1 end nop end nop", 2),
        ("block (br_if 0 (i32.const 0)) nop end", 3),
        ("block (br_if 0 (i32.const 1)) nop end", 2),
        ("(drop (block (result i32) (br_if 0 (i32.const 7) (i32.const 0)))) nop", 5),
        ("(drop (block (result i32) (br_if 0 (i32.const 7) (i32.const 1)) drop i32.const 4)) nop", 5),
        ("(drop (block (result i32) (local.get 0) (br_if 0 (i32.const 1)) drop i32.const 4)) nop", 5),
        // One way of an if, and the if itself with its condition.
        ("(if (i32.const 1) (then nop nop nop) (else nop))", 5),
        ("(if (i32.const 0) (then nop nop nop) (else nop))", 3),
        ("(if (i32.lt_s (local.get 0) (i32.const 1)) (then nop))", 5),
        ("(if (i32.const 0) (then nop nop)) nop", 3),
        ("(if (i32.const 1) (then return) (else nop)) nop nop", 3),
        ("(drop (if (result i32) (i32.const 1) (then (i32.const 5)) (else (i32.const 6))))", 4),
        // The header is paid in each round: 10 × (4 + br_if's 1).
        ("(local.set 0 (i32.const 10)) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))", 2 + (10 * 5)),
        ("(local.set 0 (i32.const 3)) (loop (loop nop) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))", 2 + (3 * 6)),
        ("(local.set 0 (i32.const 3)) (loop $a (block $b (loop $c (br_if $b (i32.eqz (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (br $c))))", 2 + (3 * 6) + 2),
        ("(local.set 0 (i32.const 2)) (loop (if (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (then (br 1)))) nop", 2 + (2 * 5) + 1 + 1),
        // Branch tables, with values that move on the way or not.
        ("(block (block (block (br_table 0 1 2 (i32.const 1))) nop) nop nop) nop", 2 + 2 + 1),
        ("(block (block (block (br_table 0 1 2 (i32.const 0))) nop) nop nop) nop", 2 + 1 + 2 + 1),
        ("(drop (block (result i32) (drop (block (result i32) (br_table 0 1 (i32.const 9) (i32.const 0)))) (i32.const 3))) nop", 3 + 2 + 1 + 1),
        // What can't be reached is free.
        ("return nop nop (loop (br 0))", 1),
        ("(block (br 0) (drop (i32.div_s (i32.const 1) (i32.const 0)))) nop", 2),
        // Calls: the instruction, its arguments, and what the callee does.
        ("(call $empty)", 1),
        ("(drop (call $three (i32.const 1)))", 3 + 3),
        ("(drop (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))", 4 + 3),
        ("(drop (call_ref $t (i32.const 1) (ref.func $three)))", 4 + 3),
        ("(drop (call $tail (i32.const 9)))", 3 + 2 + 3),
        ("(drop (call $tail_indirect (i32.const 9)))", 3 + 3 + 3),
        ("(drop (call $tail_ref (i32.const 9)))", 3 + 3 + 3),
        ("(drop (call $recurse (i32.const 3)))", 3 + (3 * 7) + 5),
        // Locals beyond the parameters, zeroed eight a unit.
        ("(call $locals7)", 1),
        ("(call $locals8)", 1 + 1),
        ("(call $locals7_and_one_of_lowering)", 1 + 3),
        ("(call $locals23)", 1 + 2 + 1),
        // Host functions, also as tail calls and through the table.
        ("(call $host)", 1 + 16),
        ("(call_indirect (i32.const 1))", 2 + 16),
        ("(call $host_tail)", 1 + 1 + 16),
        // Globals, tables, references.
        ("(global.set 0 (i32.add (global.get 0) (i32.const 1)))", 4),
        ("(global.set 1 (f64.add (global.get 1) (f64.const 1)))", 4),
        ("(table.set (i32.const 2) (table.get (i32.const 0)))", 4),
        ("(drop (table.size)) (drop (memory.size))", 4),
        ("(drop (ref.is_null (ref.null func)))", 3),
        ("(drop (ref.as_non_null (ref.func $empty)))", 3),
        ("(block (br_on_null 0 (ref.func $empty)) drop nop nop)", 2 + 3),
        ("(block (br_on_null 0 (ref.null func)) drop nop nop)", 2),
        ("(drop (block (result (ref func)) (br_on_non_null 0 (ref.null func)) (ref.func $empty)))", 2 + 1 + 1),
        ("(drop (block (result (ref func)) (br_on_non_null 0 (ref.func $empty)) (ref.func $empty)))", 2 + 1),
        // Memory.
        ("(drop (i32.load (i32.const 0))) (i32.store (i32.const 0) (i32.const 1))", 6),
        ("(drop (memory.grow (i32.const 1)))", 3 + 1024),
        ("(drop (memory.grow (i32.const 65536)))", 3 + 1024),
        ("(memory.fill (i32.const 0) (i32.const 1) (i32.const 0))", 4),
        ("(memory.fill (i32.const 0) (i32.const 1) (i32.const 1))", 4 + 1),
        ("(memory.fill (i32.const 0) (i32.const 1) (i32.const 64))", 4 + 1),
        ("(memory.fill (i32.const 0) (i32.const 1) (i32.const 65))", 4 + 2),
        ("(memory.fill (i32.const 0) (i32.const 1) (i32.const 1024))", 4 + 16),
        ("(memory.fill (i32.const 0) (i32.const 1) (i32.const 1025))", 4 + 17),
        // More than a chunk of 1 MiB is charged once.
        ("(memory.fill (i32.const 0) (i32.const 1) (i32.const 3000000))", 4 + 46875),
        ("(memory.copy (i32.const 1) (i32.const 0) (i32.const 2999999))", 4 + 46875),
        ("(memory.copy (i32.const 0) (i32.const 8) (i32.const 2999999))", 4 + 46875),
        ("(memory.copy (i32.const 0) (i32.const 8) (i32.const 640))", 4 + 10),
        ("(local.set 0 (i32.const 129)) (memory.copy (i32.const 0) (i32.const 8) (local.get 0)) (drop (local.get 0))", 2 + 4 + 3 + 2),
        ("(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 65)) (data.drop 0)", 4 + 2 + 1),
        // Tables by eight elements.
        ("(table.fill 1 (i32.const 0) (ref.null func) (i32.const 9))", 4 + 2),
        ("(table.copy 1 1 (i32.const 0) (i32.const 1) (i32.const 8))", 4 + 1),
        ("(table.init 1 1 (i32.const 0) (i32.const 0) (i32.const 3)) (elem.drop 1)", 4 + 1 + 1),
        ("(drop (table.grow 1 (ref.null func) (i32.const 17)))", 4 + 3),
        ("(local.set 0 (i32.const 1)) (drop (table.grow 1 (ref.func $empty) (local.get 0))) (drop (local.get 0))", 2 + 4 + 1 + 2),
        ("(drop (table.grow 1 (ref.null func) (i32.const -1)))", 4 + 536870912),
    ];

    public static TheoryData<Tier, int> All()
    {
        var data = new TheoryData<Tier, int>();
        foreach (Tier tier in TestTiers.All)
        {
            for (int i = 0; i < Bodies.Length; i++) data.Add(tier, i);
        }

        return data;
    }

    [Theory, MemberData(nameof(All))]
    public void A_body_costs(Tier tier, int number)
    {
        (string code, long cost) = Bodies[number];
        Store store = NewMeteredStore(tier, long.MaxValue);
        Instance instance = Instantiate(store, Around(code), linker => linker.Define("m", "host", () => { }));
        long before = store.ConsumedFuel;
        instance.GetFunction<Action>("f")();
        Assert.Equal((code, cost), (code, store.ConsumedFuel - before));
        Assert.Equal(long.MaxValue - store.ConsumedFuel, store.Fuel);
    }

    // With exactly the cost a body runs to its end; with one unit less it stops, and at the same place everywhere.
    [Theory, MemberData(nameof(All))]
    public void A_body_runs_with_its_cost_and_no_less(Tier tier, int number)
    {
        (string code, long cost) = Bodies[number];
        if (cost == 0) return;
        Store store = NewMeteredStore(tier, 0);
        Instance instance = Instantiate(store, Around(code), linker => linker.Define("m", "host", () => { }));
        var function = instance.GetFunction<Action>("f");
        store.Fuel = cost - 1;
        Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(function).Kind);
        Assert.InRange(store.Fuel, 0, cost - 1);
        instance = Instantiate(store, Around(code), linker => linker.Define("m", "host", () => { }));
        store.Fuel = cost;
        instance.GetFunction<Action>("f")();
        Assert.Equal(0, store.Fuel);
    }

    private static string Around(string code) => $"""
        (module
          (type $t (func (param i32) (result i32)))
          (import "m" "host" (func $host))
          (memory 64 70)
          (table 4 10 funcref)
          (table 20 60 funcref)
          (global (mut i32) (i32.const 0))
          (global (mut f64) (f64.const 0))
          (data "{new string('x', 70)}")
          (elem (table 0) (i32.const 0) func $three $host)
          (elem func $empty $empty $empty)
          (elem declare func $empty $three)
          (func $empty)
          (func $three (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func $tail (param i32) (result i32) (return_call $three (local.get 0)))
          (func $tail_indirect (param i32) (result i32) (return_call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
          (func $tail_ref (param i32) (result i32) (return_call_ref $t (local.get 0) (ref.func $three)))
          (func $host_tail (return_call $host))
          (func $recurse (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
            (call $recurse (i32.sub (local.get 0) (i32.const 1))))
          (func $locals7 (local i32 i32 i32 i64 i64 f32 f64))
          (func $locals7_and_one_of_lowering (local i32 i32 i32 i64 i64 f32 f64) (drop (ref.as_non_null (ref.func $empty))))
          (func $locals8 (local i32 i32 i32 i64 i64 f32 f64 funcref))
          (func $locals23 (local i32 i32 i32 i64 i64 f32 f64 funcref i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) nop)
          (func (export "f") (local i32) {code}))
        """;
}
