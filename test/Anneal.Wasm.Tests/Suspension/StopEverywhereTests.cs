// Small guests of every kind, stopped wherever they pay: at each basic block and before each operation on a range.

using Xunit;

namespace Anneal.Wasm.Tests.Suspension;

public sealed class StopEverywhereTests : SuspensionTest
{
    private static readonly object Thing = new();
    private static readonly string Other = "another thing";

    private static readonly Dictionary<string, (string Text, object?[] Arguments)> Guests = new()
    {
        ["loops"] = ("""
            (module (func (export "run") (param i32) (result i64) (local i32 i64)
              (loop $outer
                (local.set 1 (i32.const 5))
                (loop $inner
                  (local.set 2 (i64.add (i64.mul (local.get 2) (i64.const 31)) (i64.extend_i32_u (i32.xor (local.get 0) (local.get 1)))))
                  (br_if $inner (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
                (br_if $outer (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
              (local.get 2)))
            """, [9]),
        ["loop parameters"] = ("""
            (module (func (export "run") (param i32) (result i32 i64)
              (i32.const 7)
              (i64.const 9) (local.get 0)
              (loop $l (param i64 i32) (result i64)
                (local.set 0)
                (i64.mul (i64.const 5))
                (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))
                (br_if $l (local.get 0))
                (drop))))
            """, [11]),
        ["recursion"] = ("""
            (module (func $fib (export "run") (param i32) (result i32)
              (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
                (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
            """, [8]),
        ["tail calls"] = ("""
            (module
              (type $t (func (param i32 i64) (result i64)))
              (table funcref (elem $odd $even))
              (func $even (type $t)
                (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                (return_call $odd (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 3))))
              (func $odd (type $t) (local i64 f64)
                (if (i32.eqz (local.get 0)) (then (return (i64.mul (local.get 1) (i64.const 2)))))
                (local.set 2 (call $leaf (local.get 1)))
                (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (local.get 2) (i32.const 1)))
              (func $leaf (param i64) (result i64) (i64.xor (local.get 0) (i64.const 0x55)))
              (func (export "run") (param i32) (result i64)
                (i64.add (i64.const 1000) (call $even (local.get 0) (i64.const 1)))))
            """, [21]),
        ["indirect calls"] = ("""
            (module
              (type $t (func (param i32) (result i32)))
              (table $t 4 funcref)
              (elem (i32.const 0) $a $b $c)
              (elem declare func $b)
              (func $a (param i32) (result i32) (table.set $t (i32.const 3) (table.get $t (i32.const 0))) (i32.add (local.get 0) (i32.const 1)))
              (func $b (param i32) (result i32) (table.set $t (i32.const 3) (table.get $t (i32.const 1))) (i32.mul (local.get 0) (i32.const 3)))
              (func $c (param i32) (result i32) (call_indirect $t (type $t) (local.get 0) (i32.const 3)))
              (func (export "run") (param i32) (result i32) (local i32 i32)
                (loop $l
                  (local.set 1 (call_indirect $t (type $t) (local.get 1) (i32.rem_u (local.get 2) (i32.const 3))))
                  (local.set 2 (i32.add (local.get 2) (i32.const 1)))
                  (br_if $l (i32.lt_u (local.get 2) (local.get 0))))
                (local.get 1)))
            """, [17]),
        ["memories"] = ("""
            (module
              (memory $a 1) (memory $b 1 9)
              (data $d "some bytes to copy")
              (func (export "run") (param i32) (result i64) (local i64)
                (loop $l
                  (memory.init $b $d (i32.mul (local.get 0) (i32.const 64)) (i32.const 5) (i32.const 10))
                  (memory.copy $a $b (i32.const 100) (i32.mul (local.get 0) (i32.const 64)) (i32.const 300))
                  (memory.fill $b (i32.mul (local.get 0) (i32.const 32)) (local.get 0) (i32.const 70))
                  (memory.copy $a $a (i32.const 110) (i32.const 100) (i32.const 200))
                  (local.set 1 (i64.add (i64.mul (local.get 1) (i64.const 7)) (i64.load $a (i32.const 113))))
                  (drop (memory.grow $b (i32.const 1)))
                  (i64.store $b (i32.sub (i32.mul (memory.size $b) (i32.const 65536)) (i32.const 8)) (local.get 1))
                  (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (data.drop $d)
                (i64.add (local.get 1) (i64.load $b (i32.const 131064)))))
            """, [6]),
        ["globals"] = ("""
            (module
              (global $i (mut i32) (i32.const 1)) (global $l (mut i64) (i64.const 2)) (global $f (mut f32) (f32.const 0.5)) (global $d (mut f64) (f64.const 0.25))
              (global $r (mut funcref) (ref.null func))
              (elem declare func $run)
              (func $run (export "run") (param i32) (result f64)
                (loop $l
                  (global.set $i (i32.add (global.get $i) (local.get 0)))
                  (global.set $l (i64.mul (global.get $l) (i64.const 5)))
                  (global.set $f (f32.div (global.get $f) (f32.const 3)))
                  (global.set $d (f64.add (global.get $d) (f64.convert_i64_u (global.get $l))))
                  (global.set $r (select (result funcref) (ref.func $run) (ref.null func) (i32.and (local.get 0) (i32.const 1))))
                  (if (ref.is_null (global.get $r)) (then (global.set $d (f64.mul (global.get $d) (f64.const 1.5)))))
                  (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (f64.add (global.get $d) (f64.add (f64.promote_f32 (global.get $f)) (f64.convert_i32_u (global.get $i))))))
            """, [9]),
        ["floats"] = ("""
            (module (func (export "run") (param i32) (result i64 i32) (local f64 f32 f64 f32)
              (local.set 1 (f64.reinterpret_i64 (i64.const 0x7ff4000000abcdef)))
              (local.set 2 (f32.reinterpret_i32 (i32.const 0xffa12345)))
              (loop $l
                (local.set 3 (f64.sqrt (f64.add (local.get 3) (f64.const 1.125))))
                (local.set 4 (f32.sub (f32.const -0) (f32.add (local.get 4) (f32.const 0.1))))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
              (i64.xor (i64.reinterpret_f64 (local.get 1)) (i64.reinterpret_f64 (local.get 3)))
              (i32.xor (i32.reinterpret_f32 (local.get 2)) (i32.reinterpret_f32 (local.get 4)))))
            """, [12]),
        ["tables"] = ("""
            (module
              (type $t (func (result i32)))
              (table $f 4 100 funcref) (table $g 10 funcref) (table $x 3 30 externref)
              (elem $e func $one $two $two $one)
              (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
              (func $step (param i32))
              (func (export "run") (param i32 externref externref) (result i32 externref i32) (local i32)
                (table.init $f $e (i32.const 0) (i32.const 0) (i32.const 4))
                (loop $l
                  (table.copy $g $f (i32.const 2) (i32.const 1) (i32.const 3))
                  (table.fill $g (i32.const 0) (ref.func $two) (i32.const 2))
                  (table.copy $g $g (i32.const 1) (i32.const 0) (i32.const 7))
                  (drop (table.grow $f (ref.func $one) (i32.const 2)))
                  (drop (table.grow $x (local.get 1) (i32.const 3)))
                  (table.fill $x (i32.const 1) (local.get 2) (i32.const 3))
                  (call $step (local.get 0))
                  (local.set 3 (i32.add (i32.mul (local.get 3) (i32.const 3)) (call_indirect $f (type $t) (i32.sub (table.size $f) (i32.const 1)))))
                  (local.set 3 (i32.add (i32.mul (local.get 3) (i32.const 5)) (call_indirect $g (type $t) (i32.const 4))))
                  (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (elem.drop $e)
                (local.get 3) (table.get $x (i32.const 4)) (table.size $x)))
            """, [3, Thing, Other]),
        ["references"] = ("""
            (module
              (type $u (func (param i32) (result i32)))
              (type $t (func (param i32 (ref null $u)) (result i32)))
              (table $x 2 externref)
              (elem declare func $add $twice $apply)
              (func $add (type $u) (call $nothing) (i32.add (local.get 0) (i32.const 1)))
              (func $twice (type $u) (i32.shl (local.get 0) (i32.const 1)))
              (func $nothing)
              (func $apply (type $t) (call_ref $u (local.get 0) (ref.as_non_null (local.get 1))))
              (func $same (param externref) (result externref) (call $nothing) (local.get 0))
              (func (export "run") (param i32 externref externref) (result i32 externref externref i32)
                (local (ref null $u)) (local (ref null $t)) (local i32) (local externref)
                (local.set 4 (ref.func $apply))
                (loop $l
                  (local.set 3 (select (result (ref null $u)) (ref.func $add) (ref.func $twice) (i32.and (local.get 0) (i32.const 1))))
                  (ref.as_non_null (ref.func $add))
                  (call $nothing)
                  (local.set 3)
                  (call $same (local.get 1))
                  (ref.null extern)
                  (local.get 2)
                  (call $nothing)
                  (call $same)
                  (local.set 6)
                  (table.set $x (i32.const 0) (local.get 6))
                  (drop)
                  (local.set 6)
                  (local.get 5)
                  (ref.func $twice)
                  (call $nothing)
                  (call_ref $u)
                  (local.get 3)
                  (local.get 4)
                  (call_ref $t)
                  (local.set 5)
                  (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (local.get 5) (table.get $x (i32.const 0)) (local.get 6) (ref.is_null (table.get $x (i32.const 1)))))
            """, [3, Thing, Other]),
        ["host functions"] = ("""
            (module
              (import "h" "add" (func $add (param i32) (result i32)))
              (import "h" "give" (func $give (param i32) (result externref)))
              (import "h" "keep" (global $keep (mut i64)))
              (type $u (func (param i32) (result i32)))
              (table $t funcref (elem $add $own))
              (func $own (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
              (func (export "run") (param i32) (result i32 externref i64) (local i32 funcref externref)
                (local.set 2 (table.get $t (i32.const 0)))
                (loop $l
                  (local.set 1 (call $add (local.get 1)))
                  (local.set 1 (call_indirect $t (type $u) (local.get 1) (i32.and (local.get 0) (i32.const 1))))
                  (local.set 3 (call $give (local.get 0)))
                  (global.set $keep (i64.add (global.get $keep) (i64.const 5)))
                  (table.set $t (i32.const 0) (local.get 2))
                  (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (local.get 1) (local.get 3) (global.get $keep)))
            """, [6]),
        // More slots than an instruction's fields can name: operands and arguments are copied near and far.
        ["far slots"] = ($$"""
            (module
              (memory 1) (table $x 200 externref)
              (func $same (param i64 externref) (result i64 externref) (loop) (local.get 0) (local.get 1))
              (func (export "run") (param i32 externref externref) (result i64 externref) (local {{string.Concat(Enumerable.Repeat("i64 ", 49_900))}}) (local $r externref) (local $n i64)
                (local.set $r (local.get 2))
                (i64.const 0)
                {{string.Concat(Enumerable.Repeat("(memory.size) (i64.extend_i32_u) ", 15_700))}}
                (loop $l
                  (i64.const 5)
                  (local.get $n)
                  (local.get $r)
                  (call $same)
                  (local.set $r)
                  (i64.add)
                  (local.set $n)
                  (table.fill $x (i32.const 0) (local.get 1) (local.get 0))
                  (drop (table.grow $x (local.get $r) (i32.const 1)))
                  (memory.fill (i32.const 3) (i32.const 4) (local.get 0))
                  (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (call $same (local.get $n) (table.get $x (i32.const 0)))
                (drop)
                {{string.Concat(Enumerable.Repeat("(i64.add) ", 15_701))}}
                (table.get $x (i32.const 9))))
            """, [150, Thing, Other]),
    };

    public static TheoryData<string, Tier, Hop, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, Tier, Hop, int>();
            foreach (string guest in Guests.Keys)
            {
                if (guest == "far slots")
                {
                    cases.Add(guest, Tier.Threaded, Hop.Stay, 4_000);
                    cases.Add(guest, Tier.Baseline, Hop.NewEngine, 4_000);
                    continue;
                }

                foreach (Tier tier in new[] { Tier.Portable, Tier.Threaded, Tier.Baseline })
                {
                    foreach (Hop hop in Enum.GetValues<Hop>()) cases.Add(guest, tier, hop, 13);
                }


                cases.Add(guest, Tier.Threaded, Hop.Stay, 1);
                cases.Add(guest, Tier.Threaded, Hop.NewEngine, 3);
                cases.Add(guest, Tier.Auto, Hop.Stay, 5);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_guest_that_is_given_its_fuel_in_parts_gives_the_same_answer_for_the_same_fuel(string guest, Tier tier, Hop hop, int part)
    {
        (string text, object?[] arguments) = Guests[guest];
        (object? result, long fuel) = RunWhole(Tier.Portable, text, "run", arguments, LinkHost);
        (object? again, long spent, int stops) = RunInParts(tier, hop, text, "run", arguments, part, LinkHost);
        Assert.Equal((Shown(result), fuel), (Shown(again), spent));
        Assert.True(stops >= 3, $"{stops} stops");
        if (result is object?[] many)
        {
            // Host objects are the same ones, not others like them.
            for (int i = 0; i < many.Length; i++)
            {
                if (many[i] is string || many[i]?.GetType() == typeof(object)) Assert.Same(many[i], ((object?[])again!)[i]);
            }
        }
    }

    private static Instance LinkHost(Store store, Module module)
    {
        using var linker = new Linker(store.Engine);
        linker.Define("h", "add", (int value) => value + 11);
        linker.Define("h", "give", (int value) => (object)((value & 1) == 0 ? Thing : Other));
        linker.Define("h", "keep", new Global(store, new GlobalType(ValueType.I64, IsMutable: true), 0L));
        return linker.Instantiate(store, module);
    }
}
