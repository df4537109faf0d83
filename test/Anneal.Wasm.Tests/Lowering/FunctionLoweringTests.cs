// What lowering writes for small functions: operands instead of pushes, fusion, aliases of locals, values across branches.

using Xunit;

namespace Anneal.Wasm.Tests.Lowering;

public sealed class FunctionLoweringTests
{
    [Fact]
    public void Locals_and_constants_become_operands() => Expect(
        "(func (param i32 i32) (result i32) local.get 0 local.get 1 i32.add i32.const 5 i32.mul)",
        "i32.add $2 $0 $1|i32.mul.k $2 $2 5|ret.1 $2");

    [Theory]
    [InlineData("i32.const 7 i32.sub", "i32.add.k $1 $0 -7")]
    [InlineData("i32.const -32768 i32.sub", "const $2 4294934528|i32.sub $1 $0 $2")]
    [InlineData("i32.const 32768 i32.sub", "i32.add.k $1 $0 -32768")]
    [InlineData("i32.const 32768 i32.add", "const $2 32768|i32.add $1 $0 $2")]
    [InlineData("i32.const 33 i32.shl", "i32.shl.k $1 $0 1")]
    [InlineData("i32.const 1 i32.rotr", "i32.rotl.k $1 $0 31")]
    [InlineData("i32.const 3 i32.div_s", "const $2 3|i32.div_s $1 $0 $2")]
    [InlineData("i32.const 9 i32.gt_s", "i32.ge_s.k $1 $0 10")]
    [InlineData("i32.const 9 i32.le_u", "i32.lt_u.k $1 $0 10")]
    [InlineData("i32.const -1 i32.le_u", "const $2 4294967295|i32.ge_u $1 $2 $0")]
    [InlineData("i32.const -1 i32.le_s", "i32.lt_s.k $1 $0 0")]
    [InlineData("i32.const 32767 i32.gt_s", "const $2 32767|i32.lt_s $1 $2 $0")]
    [InlineData("i32.const -1 i32.lt_u", "i32.lt_u.k $1 $0 -1")]
    public void Constants_on_the_right_become_immediates(string code, string expected) => Expect(
        $"(func (param i32) (result i32) local.get 0 {code})", expected + "|ret.1 $1");

    [Theory]
    [InlineData("add", "i32.add.k $1 $0 5")]
    [InlineData("eq", "i32.eq.k $1 $0 5")]
    [InlineData("lt_s", "i32.ge_s.k $1 $0 6")]
    [InlineData("ge_u", "i32.lt_u.k $1 $0 6")]
    [InlineData("gt_u", "i32.lt_u.k $1 $0 5")]
    [InlineData("le_s", "i32.ge_s.k $1 $0 5")]
    [InlineData("sub", "const $1 5|i32.sub $1 $1 $0")]
    [InlineData("shl", "const $1 5|i32.shl $1 $1 $0")]
    public void Constants_on_the_left_are_exchanged_where_that_is_the_same(string op, string expected) => Expect(
        $"(func (param i32) (result i32) i32.const 5 local.get 0 i32.{op})", expected + "|ret.1 $1");

    [Fact]
    public void Wide_constants_are_sign_extended_immediates() => Expect(
        "(func (param i64) (result i64) local.get 0 i64.const -2 i64.and i64.const 0x100000000 i64.or)",
        "i64.and.k $1 $0 -2|const $2 4294967296|i64.or $1 $1 $2|ret.1 $1");

    [Fact]
    public void A_set_retargets_the_producer() => Expect(
        "(func (param i32 i32) local.get 0 local.get 1 i32.xor local.set 0)",
        "i32.xor $0 $0 $1|ret");

    [Fact]
    public void A_tee_retargets_the_producer_and_leaves_an_alias() => Expect(
        "(func (param i32 i32) (result i32) local.get 0 local.get 1 i32.xor local.tee 0 local.get 0 i32.mul)",
        "i32.xor $0 $0 $1|i32.mul $2 $0 $0|ret.1 $2");

    [Fact]
    public void A_set_saves_what_stands_for_the_old_value() => Expect(
        "(func (param i32) (result i32) local.get 0 local.get 0 i32.const 1 i32.add local.set 0 local.get 0 i32.mul)",
        "i32.add.k $2 $0 1|mov $1 $0|mov $0 $2|i32.mul $1 $1 $0|ret.1 $1");

    [Fact]
    public void Locals_are_swapped_through_the_stack() => Expect(
        "(func (param i32 i32) local.get 0 local.get 1 local.set 0 local.set 1)",
        "mov $2 $0|mov $0 $1|mov $1 $2|ret");

    [Fact]
    public void Floats_move_by_fmov_and_return_by_fret() => Expect(
        "(func (param f64 f64) (result f64) local.get 0 local.get 1 local.set 0)",
        "fmov $2 $0|fmov $0 $1|fret.1 $2");

    [Fact]
    public void A_block_settles_aliases_but_not_constants() => Expect(
        "(func (param i32) (result i32) local.get 0 i32.const 3 (block i32.const 9 local.set 0) i32.mul)",
        "mov $1 $0|const $0 9|i32.mul.k $1 $1 3|ret.1 $1");

    [Theory]
    [InlineData("i32.lt_s", "br.i32.lt_s $0 $1")]
    [InlineData("i32.gt_u", "br.i32.lt_u $1 $0")]
    [InlineData("i32.lt_s i32.eqz", "br.i32.ge_s $0 $1")]
    [InlineData("i32.eq i32.eqz i32.eqz", "br.i32.eq $0 $1")]
    [InlineData("i32.add", "i32.add $2 $0 $1|br.i32.ne.k $2 0")]
    [InlineData("i32.add i32.eqz", "i32.add $2 $0 $1|br.i32.eq.k $2 0")]
    public void A_compare_becomes_part_of_the_branch(string code, string expected) => Expect(
        $"(func (param i32 i32) (block local.get 0 local.get 1 {code} br_if 0 i32.const 1 local.set 0))",
        $"{expected} ->{expected.Count(c => c == '|') + 2}|const $0 1|ret");

    [Theory]
    [InlineData("f64.lt", "br.f64.lt $0 $1")]
    [InlineData("f64.gt", "br.f64.lt $1 $0")]
    [InlineData("f64.lt i32.eqz", "br.f64.not_lt $0 $1")]
    [InlineData("f64.ge i32.eqz", "br.f64.not_le $1 $0")]
    [InlineData("f64.eq i32.eqz", "br.f64.ne $0 $1")]
    [InlineData("f64.le i32.eqz i32.eqz", "f64.le $2 $0 $1|br.i32.ne.k $2 0")]
    public void A_compare_of_floats_becomes_part_of_the_branch(string code, string expected) => Expect(
        $"(func (param f64 f64) (block local.get 0 local.get 1 {code} br_if 0 f64.const 0 local.set 0))",
        $"{expected} ->{expected.Count(c => c == '|') + 2}|const $0 0|ret");

    [Fact]
    public void An_if_branches_on_the_negation() => Expect(
        "(func (param f64 f64) (result i32) local.get 0 local.get 1 f64.lt (if (result i32) (then i32.const 1) (else i32.const 2)))",
        "br.f64.not_lt $0 $1 ->3|const $2 1|br ->4|const $2 2|ret.1 $2");

    [Fact]
    public void An_if_without_else_joins_its_parameters() => Expect(
        "(func (param i32) (result i32) i32.const 7 local.get 0 (if (param i32) (result i32) (then i32.const 1 i32.add)))",
        "const $1 7|br.i32.eq.k $0 0 ->3|i32.add.k $1 $1 1|ret.1 $1");

    [Fact]
    public void A_null_test_is_a_compare() => Expect(
        "(func (param externref) (result i32) local.get 0 ref.is_null (if (result i32) (then i32.const 1) (else i32.const 2)))",
        "br.i64.ne.k $0 0 ->3|const $1 1|br ->4|const $1 2|ret.1 $1");

    [Fact]
    public void A_compare_whose_value_is_kept_stays() => Expect(
        "(func (param i32 i32) (block local.get 0 local.get 1 i32.lt_s local.tee 0 br_if 0))",
        "i32.lt_s $0 $0 $1|br.i32.ne.k $0 0 ->2|ret");

    [Fact]
    public void Values_in_place_need_no_moves_at_a_conditional_branch() => Expect(
        "(func (param i32) (result i32) (block (result i32) local.get 0 i32.const 1 i32.add local.get 0 br_if 0 i32.const 2 i32.add))",
        "i32.add.k $1 $0 1|br.i32.ne.k $0 0 ->3|i32.add.k $1 $1 2|ret.1 $1");

    [Fact]
    public void Values_out_of_place_move_on_the_taken_path_only() => Expect(
        "(func (param i32) (result i32) (block (result i32) local.get 0 local.get 0 br_if 0 drop i32.const 2))",
        "br.i32.eq.k $0 0 ->3|mov $1 $0|br ->4|const $1 2|ret.1 $1");

    [Fact]
    public void A_conditional_branch_to_the_function_returns() => Expect(
        "(func (param i32) (result i32) local.get 0 local.get 0 i32.const 5 i32.eq br_if 0 drop i32.const 2)",
        "br.i32.ne.k $0 5 ->2|ret.1 $0|const $1 2|ret.1 $1");

    [Fact]
    public void A_conditional_branch_to_the_function_without_results_shares_its_return() => Expect(
        "(func (param i32) local.get 0 br_if 0 i32.const 2 local.set 0)",
        "br.i32.ne.k $0 0 ->2|const $0 2|ret");

    [Fact]
    public void Loop_parameters_are_in_their_slots_at_the_header() => Expect(
        "(func (param i32) (result i32) local.get 0 (loop (param i32) (result i32) i32.const -1 i32.add local.tee 0 local.get 0 br_if 0))",
        "mov $1 $0|loop 0,2|i32.add.k $0 $1 -1|br.i32.eq.k $0 0 ->6|mov $1 $0|br ->1|ret.1 $0");

    [Fact]
    public void A_branch_table_without_values_goes_straight_to_its_targets() => Expect(
        "(func (param i32) (block (block (block local.get 0 br_table 0 1 2) i32.const 1 local.set 0) i32.const 2 local.set 0))",
        "br_table $0 2 ->1 ->2 ->3|const $0 1|const $0 2|ret");

    [Fact]
    public void A_branch_table_with_values_goes_through_stubs() => Expect(
        "(func (param i32) (result i32) (block (result i32) i32.const 3 (block (result i32) i32.const 4 local.get 0 br_table 0 1 0 2) i32.add))",
        "br_table $0 3 ->1 ->3 ->1 ->5|const $2 4|br ->7|const $1 4|br ->8|const $2 4|ret.1 $2|i32.add.k $1 $2 3|ret.1 $1");

    [Fact]
    public void Unreachable_code_is_passed_over() => Expect(
        "(func (result i32) (block (result i32) i32.const 1 br 0 (block (loop br 0) i32.const 1 (if (then) (else))) i32.add) i32.const 2 i32.add)",
        "const $0 1|br ->2|i32.add.k $0 $0 2|ret.1 $0");

    [Fact]
    public void Code_behind_an_endless_loop_is_unreachable() => Expect(
        "(func (result i32) (loop br 0) i32.const 2)",
        "loop 0,0|br ->0");

    [Fact]
    public void Several_results_that_overlap_their_locals_go_out_in_a_safe_order() => Expect(
        "(func (param i32 i32 i32) (result i32 i32 i32) local.get 2 local.get 0 local.get 1)",
        "mov $4 $0|mov $5 $1|mov $0 $2|mov $1 $4|mov $2 $5|ret");

    [Fact]
    public void Arguments_go_to_adjacent_slots_and_results_stay_there() => Expect(
        "(func (param i32 i64) (result i64) local.get 1) (func (param i32 i64) (result i64) i64.const 4 i32.const 1 local.get 1 call 0 i64.add)",
        "const $3 1|mov $4 $1|call 3 f0(2)|i64.add.k $2 $3 4|ret.1 $2");

    [Fact]
    public void An_indirect_call_may_take_its_index_from_a_local() => Expect(
        "(table 1 funcref) (func (param i32) (result i32) local.get 0 local.get 0 call_indirect (param i32) (result i32))",
        "mov $1 $0|call.indirect $0 1 0 f0(1)|ret.1 $1");

    [Fact]
    public void Imports_are_called_by_their_own_op() => Expect(
        "(import \"m\" \"f\" (func)) (func call 0 return_call 0)",
        "call.import 0 f0(0)|tail.import 0 f0(0)");

    [Fact]
    public void Bulk_operands_are_private_temporaries() => Expect(
        "(memory 1) (func (param i32) local.get 0 local.get 0 i32.const 8 memory.fill)",
        "mov $1 $0|mov $2 $0|const $3 8|memory.fill $1 $2 $3 0|ret");

    [Fact]
    public void Accesses_carry_their_offset() => Expect(
        "(memory 1) (func (param i32) (result i32) local.get 0 local.get 0 i64.load offset=4294967295 i64.store offset=8 local.get 0 i32.load8_u)",
        "i64.load $2 $0 m0 +4294967295|i64.store $0 $2 m0 +8|i32.load8_u $1 $0 m0 +0|ret.1 $1");

    [Fact]
    public void A_reference_that_is_tested_and_kept_is_retained_in_a_local() => Expect(
        "(type $t (func)) (table 1 funcref) (func (param i32) (result funcref) (block i32.const 0 table.get 0 br_on_null 0 return) ref.null func)",
        "const $2 0|table.get $1 $2 0|br.i64.eq.k $1 0 ->4|ret.1 $1|const $2 0|ret.1 $2");

    [Fact]
    public void Select_knows_floats() => Expect(
        "(func (param f32 f32 i32) (result f32) local.get 0 local.get 1 local.get 2 select)",
        "fselect $3 $0 $1 $2|fret.1 $3");

    [Fact]
    public void Globals_know_floats() => Expect(
        "(global (mut f64) (f64.const 0)) (global (mut i32) (i32.const 0)) (func global.get 0 global.set 0 global.get 1 global.set 1)",
        "fglobal.get $0 0|fglobal.set $0 0|global.get $0 1|global.set $0 1|ret");

    private static void Expect(string fields, string expected) =>
        Assert.Equal(expected.Replace('|', '\n'), Lowered.Listing(fields).TrimEnd('\n'));
}
