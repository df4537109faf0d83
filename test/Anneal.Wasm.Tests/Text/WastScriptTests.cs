// Scripts: each command's form, lazily encoded modules, expected values.

using System.Text;
using Anneal.Wasm.Text;
using Xunit;

namespace Anneal.Wasm.Tests.Text;

public sealed class WastScriptTests
{
    private static WastScript Parse(string text) => WastScript.Parse(Encoding.UTF8.GetBytes(text), "t.wast");

    private static T One<T>(string text) where T : WastCommand => Assert.IsType<T>(Assert.Single(Parse(text).Commands));

    [Fact]
    public void Modules_come_in_three_spellings()
    {
        byte[] empty = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
        string[] spellings =
            ["(module)", "(module binary \"\\00asm\" \"\\01\\00\\00\\00\")", "(module quote \"(mod\" \"ule)\")"];
        foreach (string text in spellings)
            Assert.Equal(empty, One<WastModuleCommand>(text).Module.Encode());
        WastModuleCommand definition = One<WastModuleCommand>("(module definition $m (func))");
        Assert.True(definition.DefinitionOnly);
        Assert.Equal("m", definition.Module.Name);
        Assert.Equal(new WastInstanceCommand(1, "i", "m"), One<WastInstanceCommand>("(module instance $i $m)"));
        Assert.Equal(new WastInstanceCommand(1, null, "m"), One<WastInstanceCommand>("(module instance $m)"));
    }

    [Fact]
    public void A_malformed_module_does_not_end_the_script()
    {
        WastScript script = Parse("(module (func nonsense))\n(module)\n\n(assert_malformed (module quote \"(\") \"m\")");
        Assert.Equal([1, 2, 4], script.Commands.Select(command => command.Line));
        Assert.Throws<WatException>(((WastModuleCommand)script.Commands[0]).Module.Encode);
        WatException error = Assert.Throws<WatException>(((WastAssertMalformed)script.Commands[2]).Module.Encode);
        Assert.StartsWith("t.wast:4: quoted module:1:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bare_fields_are_one_module()
    {
        WastModule module = One<WastModuleCommand>("(func) (memory 0) (func (export \"f\"))").Module;
        Assert.Equal(WatEncoder.Encode("(module (func) (memory 0) (func (export \"f\")))"u8), module.Encode());
    }

    [Fact]
    public void Actions_have_typed_arguments()
    {
        var invoke = Assert.IsType<WastInvoke>(One<WastActionCommand>(
            "(invoke $m \"f\" (i32.const -1) (i64.const 2) (f32.const 1) (f64.const nan:0x1) "
            + "(v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16) "
            + "(ref.null func) (ref.extern 3) (ref.host 4))").Action);
        Assert.Equal(("m", "f"), (invoke.Instance, invoke.Export));
        Assert.Equal(
        [
            new WastValue(WastValueKind.I32, 0xFFFF_FFFF, 0, null), new WastValue(WastValueKind.I64, 2, 0, null),
            new WastValue(WastValueKind.F32, 0x3F80_0000, 0, null),
            new WastValue(WastValueKind.F64, 0x7FF0_0000_0000_0001, 0, null),
            new WastValue(WastValueKind.V128, 0x0807_0605_0403_0201, 0x100F_0E0D_0C0B_0A09, null),
            new WastValue(WastValueKind.RefNull, 0, 0, "func"), new WastValue(WastValueKind.RefExtern, 3, 0, null),
            new WastValue(WastValueKind.RefHost, 4, 0, null),
        ], invoke.Arguments);
        Assert.Equal(new WastGet(null, "g"), One<WastActionCommand>("(get \"g\")").Action);
    }

    [Fact]
    public void Assertions_carry_what_they_expect()
    {
        Assert.Equal(new WastRegisterCommand(1, "n", "m"), One<WastRegisterCommand>("(register \"n\" $m)"));
        Assert.Equal("x", One<WastAssertTrap>("(assert_trap (get \"f\") \"x\")").Message);
        Assert.NotNull(One<WastAssertTrap>("(assert_trap (module) \"x\")").Module);
        Assert.Equal("x", One<WastAssertExhaustion>("(assert_exhaustion (invoke \"f\") \"x\")").Message);
        Assert.Equal("f", One<WastAssertException>("(assert_exception (invoke \"f\"))").Action.Export);
        Assert.Equal("x", One<WastAssertInvalid>("(assert_invalid (module) \"x\")").Message);
        Assert.Equal("x", One<WastAssertUnlinkable>("(assert_unlinkable (module) \"x\")").Message);
    }

    [Theory]
    [InlineData("(i32.const 1)", 1UL, true)]
    [InlineData("(i32.const 1)", 2UL, false)]
    [InlineData("(f32.const nan:canonical)", 0x7FC0_0000UL, true)]
    [InlineData("(f32.const nan:canonical)", 0xFFC0_0000UL, true)]
    [InlineData("(f32.const nan:canonical)", 0x7FC0_0001UL, false)]
    [InlineData("(f32.const nan:arithmetic)", 0x7FC0_0001UL, true)]
    [InlineData("(f32.const nan:arithmetic)", 0x7F80_0001UL, false)]
    [InlineData("(f64.const nan:canonical)", 0x7FF8_0000_0000_0000UL, true)]
    [InlineData("(f64.const nan:arithmetic)", 0x7FF0_0000_0000_0001UL, false)]
    [InlineData("(f64.const -0)", 0UL, false)]
    [InlineData("(either (i32.const 1) (i32.const 2))", 2UL, true)]
    [InlineData("(either (i32.const 1) (i32.const 2))", 3UL, false)]
    [InlineData("(v128.const f32x4 1 nan:canonical 0 0)", 0x7FC0_0000_3F80_0000UL, true)]
    [InlineData("(v128.const f32x4 1 nan:canonical 0 0)", 0x7FC0_0001_3F80_0000UL, false)]
    [InlineData("(v128.const i16x8 -1 2 3 4 0 0 0 0)", 0x0004_0003_0002_FFFFUL, true)]
    [InlineData("(ref.null)", 0UL, false)]
    public void An_expected_number_matches_by_its_bits(string expected, ulong bits, bool matches)
    {
        WastAssertReturn command = One<WastAssertReturn>($"(assert_return (invoke \"f\") {expected})");
        Assert.Equal(matches, Assert.Single(command.Results).MatchesBits(bits, 0));
    }

    [Theory]
    [InlineData("(ref.null)", WastValueKind.RefNull, null, null)]
    [InlineData("(ref.null extern)", WastValueKind.RefNull, null, "extern")]
    [InlineData("(ref.extern 7)", WastValueKind.RefExtern, 7UL, null)]
    [InlineData("(ref.extern)", WastValueKind.RefExtern, null, null)]
    [InlineData("(ref.host 7)", WastValueKind.RefHost, 7UL, null)]
    [InlineData("(ref.func)", WastValueKind.RefFunc, null, null)]
    [InlineData("(ref.i31)", WastValueKind.RefI31, null, null)]
    [InlineData("(ref.struct)", WastValueKind.RefStruct, null, null)]
    [InlineData("(ref.array)", WastValueKind.RefArray, null, null)]
    [InlineData("(ref.eq)", WastValueKind.RefEq, null, null)]
    [InlineData("(ref.any)", WastValueKind.RefAny, null, null)]
    public void An_expected_reference_has_a_kind(string expected, object kind, ulong? number, string? heapType)
    {
        WastAssertReturn command = One<WastAssertReturn>($"(assert_return (get \"f\") {expected})");
        Assert.Equal(new WastExpectedReference((WastValueKind)kind, number, heapType), Assert.Single(command.Results));
    }

    [Theory]
    [InlineData("(thread $T (shared (module $M)) (module))", "thread")]
    [InlineData("(assert_return (wait $T))", "assert_return")]
    [InlineData("(assert_return (invoke \"f\") (ref.cont))", "assert_return")]
    [InlineData("(assert_return (invoke \"f\" (ref.thing 1)))", "assert_return")]
    [InlineData("(assert_unlinkable (component) \"x\")", "assert_unlinkable")]
    [InlineData("(input \"file\")", "input")]
    public void What_is_not_known_is_said_to_be_unsupported(string text, string name)
    {
        WastScript script = Parse(text + "\n(module)");
        Assert.Equal(new WastUnsupported(1, name), script.Commands[0]);
        Assert.IsType<WastModuleCommand>(script.Commands[1]);
    }

    [Theory]
    [InlineData("(module")]
    [InlineData("module")]
    [InlineData("(\"x\")")]
    [InlineData("(register 1)")]
    [InlineData("(assert_return (invoke \"f\") (i32.const 1.5))")]
    public void What_is_no_script_is_refused(string text) => Assert.Throws<WatException>(() => Parse(text));
}
