// Functions with more slots than a field can name compute what they compute with fewer locals.

using System.Text;
using Anneal.Bytecode;
using Anneal.Wasm.Lowering;
using Xunit;

namespace Anneal.Wasm.Tests.Lowering;

public sealed class FarSlotTests
{
    private const int Depth = 16_000;

    private const string Fields = """
        (type $pair (func (param i32 i32) (result i32 i32)))
        (type $one (func (param i32) (result i32)))
        (memory 1) (table 2 funcref) (elem (i32.const 0) $mix $twice)
        (global $g (mut i64) (i64.const 5))
        (func $mix (type $pair) local.get 0 local.get 1 i32.sub local.get 0 local.get 1 i32.mul)
        (func $twice (param i32) (result i32) local.get 0 i32.const 2 i32.mul)
        (func $none (result i32) i32.const 77)
        """;

    // Code, and how many entries more it leaves than it finds.
    public static TheoryData<string, int> Codes() => new()
    {
        { "i32.add", -1 },
        { "call $mix", 0 },
        { "call $mix i32.const 0 call_indirect (type $pair)", 0 },
        { "call $none i32.add", 0 },
        { "i32.const 1 call_indirect (type $one)", 0 },
        { "local.tee 1 local.get 1 i32.div_u i32.const 3 i32.mul", 0 },
        { "i32.lt_s (if (param i32) (result i32) (then i32.const 9 i32.add) (else i32.const 5 i32.xor))", -2 },
        { "(block (param i32 i32 i32) (result i32) i32.gt_u br_if 0 i32.const 8 i32.mul)", -2 },
        { "(block (param i32) (result i32) local.get 0 i32.const 4 i32.lt_u br_if 0 (block (param i32) (result i32) local.get 0 br_table 0 1 0))", 0 },
        { "(loop (param i32) (result i32) i32.const 1 i32.add local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0)", 0 },
        { "i32.const 3 select", -1 },
        { "i32.const 8 i32.store offset=3", -1 },
        { "i32.const 4 i32.rem_u i32.load offset=2", 0 },
        { "drop drop i32.const 63 i32.and i32.const 7 i32.const 9 memory.fill i32.const 0 i32.load i32.const 64 i32.load", -1 },
        { "i64.extend_i32_u global.get $g i64.add global.set $g global.get $g i32.wrap_i64", 0 },
        { "f64.convert_i32_s f64.const 1.5 f64.mul local.set $last local.get $last local.get $last f64.add i32.trunc_sat_f64_s", 0 },
        { "table.size i32.add ref.func $mix i32.const 1 table.grow i32.add", 0 },
        { "ref.null func ref.is_null i32.add", 0 },
        { "i32.const 3 i32.and memory.grow", 0 },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void Far_slots_change_no_result(string code, int effect)
    {
        ulong near = Run(code, effect, locals: 4, out int nearSlots);
        ulong far = Run(code, effect, locals: 49_990, out int farSlots);
        Assert.True(nearSlots < 65_000 && farSlots > 65_536, $"{nearSlots} and {farSlots} slots");
        Assert.Equal(near, far);
    }

    [Theory]
    [InlineData("call $mix i32.add return")]
    [InlineData("call $twice return")]
    [InlineData("return_call $twice")]
    [InlineData("i32.const 1 return_call_indirect (type $one)")]
    public void Far_calls_and_returns_leave_the_function(string code)
    {
        ulong near = Run(code, 0, locals: 4, out _);
        Assert.Equal(near, Run(code, 0, locals: 49_990, out _));
    }

    [Fact]
    public void A_retained_reference_may_be_far()
    {
        const string Code = "drop (block (result funcref) i32.const 0 table.get 0 br_on_non_null 0 unreachable) ref.is_null";
        Assert.Equal(Run(Code, 0, locals: 4, out _), Run(Code, 0, locals: 49_990, out _));
    }

    // The code runs on top of a deep operand stack, all of which goes into the result afterwards.
    private static ulong Run(string code, int effect, int locals, out int slots)
    {
        var text = new StringBuilder("(module ").Append(Fields).Append("(func (export \"run\") (param i32 i32) (result i32) (local");
        for (int i = 0; i < locals; i++) text.Append(" i32");
        text.Append(") (local $last f64) (local $height i32)\n");
        for (int i = 0; i < Depth; i++) text.Append(i % 3 == 0 ? "local.get 0" : "local.get 1").Append(" i32.const ").Append((i * 7919) % 30_000).Append(" i32.add\n");
        text.Append(code).Append('\n');
        int left = Depth + effect;
        for (int i = 1; i < left; i++) text.Append("i32.const 31 i32.mul i32.add\n");
        text.Append("))");
        Lowered lowered = Lowered.FromText(text.ToString(), new LoweringOptions { Addressing = AddressingMode.Checked });
        slots = lowered.Bodies[^1].SlotCount;
        using var instance = new LoweredInstance(lowered.Module, new LoweringOptions { Addressing = AddressingMode.Checked });
        return Assert.Single(instance.Invoke("run", 12, 34567));
    }
}
