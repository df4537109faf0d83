// Modules: each abbreviation against its long form, each name space's errors, the name section, hostile shapes.

using System.Text;
using Anneal.Wasm.Text;
using Xunit;

namespace Anneal.Wasm.Tests.Text;

public sealed class WatEncoderTests
{
    private static byte[] Encode(string text) => WatEncoder.Encode(Encoding.UTF8.GetBytes(text), "t.wat");

    // Without the name section, which says what the shorter form does not.
    private static string Sections(string text)
    {
        byte[] module = Encode(text);
        var hex = new StringBuilder();
        foreach ((byte id, byte[] content) in Split(module))
        {
            if (id != 0)
                hex.Append(id).Append(':').Append(Convert.ToHexStringLower(content)).Append(' ');
        }
        return hex.ToString().TrimEnd();
    }

    private static IEnumerable<(byte Id, byte[] Content)> Split(byte[] module)
    {
        for (int at = 8; at < module.Length;)
        {
            byte id = module[at++];
            int length = 0;
            for (int shift = 0; ; shift += 7)
            {
                length |= (module[at] & 0x7F) << shift;
                if (module[at++] < 0x80)
                    break;
            }
            yield return (id, module[at..(at + length)]);
            at += length;
        }
    }

    [Theory]
    [InlineData("(module)", "")]
    [InlineData("", "")]
    [InlineData("(func)", "1:01600000 3:0100 10:0102000b")]
    [InlineData("(func (param i32) (result i32) local.get 0)", "1:0160017f017f 3:0100 10:010400" + "20000b")]
    [InlineData("(memory 1)", "5:010001")]
    [InlineData("(memory i64 1 2)", "5:01050102")]
    [InlineData("(memory 1 2 shared)", "5:01030102")]
    [InlineData("(memory (data \"ab\" \"c\"))", "5:01010101 11:010041000b03616263")]
    [InlineData("(memory (data))", "5:01010000 11:010041000b00")]
    [InlineData("(table 1 funcref)", "4:01700001")]
    [InlineData("(table i64 1 externref)", "4:016f0401")]
    [InlineData("(table 1 (ref func) (ref.func 0))", "4:0140006470" + "0001d2000b")]
    [InlineData("(global (mut i64) (i64.const -1))", "6:017e01427f0b")]
    [InlineData("(tag (param i32))", "1:0160017f00 13:010000")]
    [InlineData("(data \"a\")", "11:01010161")]
    [InlineData("(func) (start 0)", "1:01600000 3:0100 8:00 10:0102000b")]
    [InlineData("(func data.drop 0)", "1:01600000 3:0100 12:00 10:010500fc09000b")]
    [InlineData("(func (local i32 i32) (local $x i64) (local i64 f32))", "1:01600000 3:0100 10:010803027f027e017d0b")]
    [InlineData("(type (struct (field i8 (mut i32)) (field $x (ref null 0))))", "1:015f037800" + "7f01" + "630000")]
    [InlineData("(rec (type $a (sub (array (ref null $b)))) (type $b (sub final $a (array (mut i16)))))",
        "1:014e02" + "50005e630100" + "4f01005e7701")]
    public void A_module_has_these_sections(string text, string sections) => Assert.Equal(sections, Sections(text));

    [Theory]
    [InlineData("(func (export \"a\") (export \"b\"))", "(func) (export \"a\" (func 0)) (export \"b\" (func 0))")]
    [InlineData("(func (import \"m\" \"n\") (param i32))", "(import \"m\" \"n\" (func (param i32)))")]
    [InlineData("(memory (export \"a\") (import \"m\" \"n\") 1)", "(import \"m\" \"n\" (memory 1)) (export \"a\" (memory 0))")]
    [InlineData("(table (import \"m\" \"n\") 1 2 funcref)", "(import \"m\" \"n\" (table 1 2 funcref))")]
    [InlineData("(global (import \"m\" \"n\") (mut i32))", "(import \"m\" \"n\" (global (mut i32)))")]
    [InlineData("(tag (import \"m\" \"n\"))", "(import \"m\" \"n\" (tag))")]
    [InlineData("(func $f) (table funcref (elem $f 0))", "(func $f) (table 2 2 funcref) (elem (i32.const 0) func $f 0)")]
    [InlineData("(table i64 funcref (elem (ref.null func)))",
        "(table i64 1 1 funcref) (elem (offset i64.const 0) funcref (item ref.null func))")]
    [InlineData("(type $t (func)) (func $f) (table (ref null $t) (elem $f))",
        "(type $t (func)) (func $f) (table 1 1 (ref null $t)) (elem (i32.const 0) (ref null $t) (ref.func $f))")]
    [InlineData("(elem (i32.const 0) 1 2)", "(elem (table 0) (offset (i32.const 0)) func 1 2)")]
    [InlineData("(data (i32.const 0) \"a\")", "(data (memory 0) (offset i32.const 0) \"\\61\")")]
    [InlineData("(memory 0) (memory i64 (data \"a\"))", "(memory 0) (memory i64 1 1) (data (memory 1) (i64.const 0) \"a\")")]
    [InlineData("(func (param i32) (result i64) unreachable)",
        "(type (func (param i32) (result i64))) (func (type 0) unreachable)")]
    [InlineData("(type $t (func (param i32))) (func (type $t))", "(type (func (param i32))) (func (param $x i32))")]
    [InlineData("(func (block (result i32) (i32.const 1)) drop)", "(func block (result i32) i32.const 1 end drop)")]
    [InlineData("(func (if (i32.const 1) (then nop) (else unreachable)))", "(func i32.const 1 if nop else unreachable end)")]
    [InlineData("(func (i32.store offset=4 (i32.const 1) (i32.add (i32.const 2) (i32.const 3))))",
        "(func i32.const 1 i32.const 2 i32.const 3 i32.add i32.store offset=4 align=4)")]
    [InlineData("(func (block $a (loop $b (br_table $a $b 0 (i32.const 1)))))",
        "(func block loop i32.const 1 br_table 1 0 0 end end)")]
    [InlineData("(func block $a block $a br $a end br $a end)", "(func block block br 0 end br 0 end)")]
    [InlineData("(func (try_table $l (catch_all 0) (br $l)))", "(func try_table (catch_all 0) br 0 end)")]
    [InlineData("(memory 0) (memory 0) (data $d \"\") (func memory.init 1 $d memory.init $d)",
        "(memory 0) (memory 0) (data \"\") (func memory.init 1 0 memory.init 0 0)")]
    [InlineData("(memory 0) (memory $m 0) (func v128.load8_lane $m offset=1 2 v128.load8_lane 3 v128.load8_lane 1 4)",
        "(memory 0) (memory 0) (func v128.load8_lane 1 offset=1 align=1 2 v128.load8_lane 0 3 v128.load8_lane 1 align=1 4)")]
    [InlineData("(type $s (struct (field i32) (field $x i32))) (func struct.get $s $x)",
        "(type (struct (field i32 i32))) (func struct.get 0 1)")]
    [InlineData("(func call_indirect)", "(func call_indirect 0 (type 0))")]
    [InlineData("(global anyref (ref.null any))", "(global (ref null any) (ref.null any))")]
    [InlineData("(global nullref (ref.null none))", "(global (ref null none) (ref.null none))")]
    public void An_abbreviation_means_its_long_form(string brief, string full) => Assert.Equal(Sections(full), Sections(brief));

    [Theory]
    [InlineData("(func $f) (func $f)", "duplicate func")]
    [InlineData("(func (param $x i32) (local $x i32))", "duplicate local")]
    [InlineData("(func) (import \"\" \"\" (func))", "import after function")]
    [InlineData("(memory 1) (func (import \"\" \"\"))", "import after memory")]
    [InlineData("(func call $f)", "unknown func $f")]
    [InlineData("(func br $l)", "unknown label $l")]
    [InlineData("(func block $a end $b)", "mismatching label")]
    [InlineData("(func block)", "unexpected token")]
    [InlineData("(func end)", "unexpected token")]
    [InlineData("(func else)", "unexpected token")]
    [InlineData("(func (if (then) (then)))", "unexpected token")]
    [InlineData("(func (if (i32.const 1)))", "unexpected token")]
    [InlineData("(func (nop nop))", "unexpected token")]
    [InlineData("(func i32.plus)", "unknown operator")]
    [InlineData("(func (result i32) (param i32))", "unexpected token")]
    [InlineData("(func nop (param i32))", "unexpected token")]
    [InlineData("(type $t (func)) (func (type $t) (param i32))", "inline function type")]
    [InlineData("(func (type 3) (param i32))", "unknown type")]
    [InlineData("(func (type $t))", "unknown type")]
    [InlineData("(func i32.load align=3)", "alignment must be a power of two")]
    [InlineData("(func i32.load align=0)", "alignment must be a power of two")]
    [InlineData("(func i32.const 4294967296)", "constant out of range")]
    [InlineData("(func) (start 0) (start 0)", "multiple start sections")]
    [InlineData("(func (export \"\\ff\"))", "malformed UTF-8 encoding")]
    [InlineData("(type (struct (field $x i32) (field $x i32)))", "duplicate field")]
    [InlineData("(memory 1 (pagesize 3))", "invalid custom page size")]
    [InlineData("(module) (module)", "unexpected token")]
    [InlineData("(module", "unexpected token end of input")]
    [InlineData("(func (block (param $x i32)))", "unexpected token")]
    public void A_malformed_module_is_refused(string text, string reason)
    {
        WatException error = Assert.Throws<WatException>(() => Encode(text));
        Assert.StartsWith(reason, error.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(func (type 7))")]
    [InlineData("(func call 9)")]
    [InlineData("(func i32.add)")]
    [InlineData("(func i32.load align=64)")]
    [InlineData("(memory 0xffff_ffff_ffff)")]
    [InlineData("(func br 4)")]
    public void What_is_only_invalid_is_encoded(string text) => Assert.NotEmpty(Encode(text));

    [Fact]
    public void Identifiers_become_the_name_section()
    {
        byte[] name = Assert.Single(Split(Encode("(module $m (func $f (param $p i32) (local $l i32)))")), s => s.Id == 0).Content;
        Assert.Equal(
            "\u0004name" + "\0\u0002\u0001m" + "\u0001\u0004\u0001\0\u0001f" + "\u0002\u0009\u0001\0\u0002\0\u0001p\u0001\u0001l",
            Encoding.UTF8.GetString(name));
    }

    [Fact]
    public void A_name_annotation_wins_over_the_identifier()
    {
        byte[] name = Assert.Single(Split(Encode("(module (func $f (@name \"two words\")))")), s => s.Id == 0).Content;
        Assert.Contains("two words", Encoding.UTF8.GetString(name));
    }

    [Fact]
    public void A_custom_annotation_becomes_a_section_at_its_place()
    {
        byte[] module = Encode("(module (@custom \"x\" (before func) \"a\" \"\\00\") (func) (@custom \"y\"))");
        Assert.Equal([1, 0, 3, 10, 0], Split(module).Select(s => (int)s.Id));
        Assert.Equal([1, (byte)'x', (byte)'a', 0], Split(module).First(s => s.Id == 0).Content);
        Assert.Throws<WatException>(() => Encode("(module (@custom) (func))"));
    }

    [Fact]
    public void Deep_nesting_is_no_matter()
    {
        const int depth = 50_000;
        var folded = new StringBuilder("(func ");
        var plain = new StringBuilder("(func ");
        for (int i = 0; i < depth; i++)
        {
            folded.Append("(block ");
            plain.Append("block ");
        }
        folded.Append(')', depth).Append(')');
        plain.Insert(plain.Length, "end ", depth).Append(')');
        Assert.True(Encode(plain.ToString()).AsSpan().SequenceEqual(Encode(folded.ToString())));

        string operands = new StringBuilder("(func ").Insert(6, "(i32.eqz ", depth).Append(')', depth).Append(')').ToString();
        Assert.True(Encode(operands).Length > depth);
        string ifs = new StringBuilder("(func ").Insert(6, "(if (i32.const 0) (then ", depth)
            .Append(')', 2 * depth).Append(')').ToString();
        Assert.True(Encode(ifs).Length > 4 * depth);
        Assert.Throws<WatException>(() => Encode(new string('(', depth)));
        Assert.Throws<WatException>(() => Encode(new StringBuilder().Insert(0, "(@a ", depth).ToString()));
        Assert.Throws<WatException>(() => Encode(new StringBuilder().Insert(0, "(;", depth).ToString()));
    }

    [Fact]
    public void Many_annotations_cost_what_they_are_long()
    {
        // Each is cut on its own; were that to cost the length of the whole text, this would take minutes.
        const int count = 50_000;
        string custom = new StringBuilder().Insert(0, "(@custom \"a\")", count).ToString();
        Assert.Equal(8 + count * 4, Encode(custom).Length);
        string names = new StringBuilder().Insert(0, "(tag (@name \"a\"))", count).ToString();
        Assert.True(Encode(names).Length > count * 4);
    }

    [Fact]
    public void Broken_text_is_refused_and_never_crashes()
    {
        byte[] sample = Encoding.UTF8.GetBytes("""
            (module $m (@custom "c" (after func) "x") (type $s (sub (struct (field $f (mut i32)))))
              (rec (type $t (func (param i32) (result (ref null $s)))))
              (import "m" "f" (func $i (type $t))) (memory $mem (data "a\u{41}")) (table $tab funcref (elem $i))
              (global $g (export "g") (mut i64) (i64.const 0x1_0)) (tag $e (param f32))
              (elem $el (table $tab) (i32.const 0) func $i) (data $d (offset (i32.const 1)) "b" "\00")
              (func $f (@name "n") (param $x i32) (result i32) (local $y f64) (block $l (result i32)
                (if (local.get $x) (then (br $l (i32.const 1))) (else nop)) ;; c
                (try_table (catch $e $l) (throw $e (f32.const nan:0x1)))
                (v128.store8_lane offset=1 3 (i32.const 0) (v128.const i32x4 1 2 3 4)) memory.init $mem $d
                (br_table 0 $l (i32.const 0) (struct.get $s $f (ref.null $s))))) (; d ;))
            """);
        Assert.NotEmpty(WatEncoder.Encode(sample));
        for (int length = 1; length < sample.Length - 1; length++)
            Assert.Throws<WatException>(() => WatEncoder.Encode(sample.AsSpan(0, length)));
        var random = new Random(4);
        ReadOnlySpan<byte> alphabet = "()$\"\\;@ 0x_-.,anei3=\n\u00ff"u8;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] broken = (byte[])sample.Clone();
            for (int n = random.Next(1, 4); n > 0; n--)
                broken[random.Next(broken.Length)] = alphabet[random.Next(alphabet.Length)];
            Exception? error = Record.Exception(() => WatEncoder.Encode(broken));
            Assert.True(error is null or WatException, error?.ToString());
        }
    }

    [Fact]
    public void Every_instruction_is_found_by_its_mnemonic()
    {
        var seen = new HashSet<(byte, uint)>();
        foreach (byte[] mnemonic in InstructionTable.All())
        {
            Assert.True(InstructionTable.TryFind(mnemonic, out InstructionRow row));
            Assert.True(seen.Add((row.Prefix, row.Opcode)), Encoding.UTF8.GetString(mnemonic));
        }
        Assert.Equal(567, seen.Count);
        Assert.False(InstructionTable.TryFind("i32.ad"u8, out _));
        Assert.False(InstructionTable.TryFind(""u8, out _));
    }
}
