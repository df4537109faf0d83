// The script runner itself: that it can fail, and what it skips.

using System.Text;
using Anneal.Wasm.Text;
using Xunit;

namespace Anneal.Wasm.Tests.Conformance;

public sealed class WastRunnerTests
{
    private const string Numbers = """
        (module $m
          (func (export "one") (result i32) (i32.const 1))
          (func (export "nan") (result f32) (f32.const nan:0x200000))
          (func (export "null") (result externref) (ref.null extern))
          (func (export "same") (param externref) (result externref) (local.get 0))
          (func (export "trap") (unreachable))
          (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
          (global (export "g") i64 (i64.const 5)))
        """;

    [Theory]
    [InlineData("""(assert_return (invoke "one") (i32.const 1))""")]
    [InlineData("""(assert_return (invoke $m "one") (either (i32.const 7) (i32.const 1)))""")]
    [InlineData("""(assert_return (invoke "null") (ref.null extern))""")]
    [InlineData("""(assert_return (invoke "same" (ref.extern 3)) (ref.extern 3))""")]
    [InlineData("""(assert_return (get "g") (i64.const 5))""")]
    [InlineData("""(assert_trap (invoke "trap") "unreachable")""")]
    [InlineData("""(assert_trap (invoke "div" (i32.const 1) (i32.const 0)) "integer divide by zero")""")]
    [InlineData("""(assert_invalid (module (func (result i32))) "type mismatch")""")]
    [InlineData("""(assert_malformed (module quote "(func") "unexpected end")""")]
    [InlineData("""(assert_malformed (module binary "\00asm") "unexpected end")""")]
    [InlineData("""(assert_unlinkable (module (import "no" "where" (func))) "unknown import")""")]
    [InlineData("""(assert_trap (module (memory 1) (data (i32.const 65536) "a")) "out of bounds memory access")""")]
    public void A_true_assertion_passes(string assertion) => AssertCounts(1, 0, 0, Numbers + assertion);

    [Theory]
    [InlineData("""(assert_return (invoke "one") (i32.const 2))""")]
    [InlineData("""(assert_return (invoke "one") (i64.const 1))""")]
    [InlineData("""(assert_return (invoke "one"))""")]
    [InlineData("""(assert_return (invoke "none") (i32.const 2))""")]
    [InlineData("""(assert_return (invoke $n "one") (i32.const 1))""")]
    [InlineData("""(assert_return (invoke "nan") (f32.const nan:canonical))""")]
    [InlineData("""(assert_return (invoke "nan") (f32.const nan:arithmetic))""")]
    [InlineData("""(assert_return (invoke "null") (ref.extern))""")]
    [InlineData("""(assert_return (invoke "same" (ref.extern 3)) (ref.extern 4))""")]
    [InlineData("""(assert_return (invoke "trap"))""")]
    [InlineData("""(assert_trap (invoke "one") "unreachable")""")]
    [InlineData("""(assert_trap (invoke "trap") "integer overflow")""")]
    [InlineData("""(assert_exhaustion (invoke "trap") "call stack exhausted")""")]
    [InlineData("""(assert_invalid (module (func)) "type mismatch")""")]
    [InlineData("""(assert_malformed (module quote "(func)") "unexpected end")""")]
    [InlineData("""(assert_malformed (module quote "(func (result i32))") "type mismatch")""")]
    [InlineData("""(assert_unlinkable (module) "unknown import")""")]
    [InlineData("""(invoke "trap")""")]
    [InlineData("""(module (import "no" "where" (func)))""")]
    public void A_wrong_one_fails(string assertion) => AssertCounts(0, 1, 0, Numbers + assertion);

    [Fact]
    public void What_depends_on_an_unsupported_module_is_skipped() => AssertCounts(1, 0, 5, """
        (module $s (func (export "f") (result v128) (v128.const i64x2 1 2)))
        (register "s")
        (assert_return (invoke "f") (v128.const i64x2 1 2))
        (assert_return (invoke $s "f") (v128.const i64x2 3 4))
        (assert_unlinkable (module (import "s" "f" (func (param i32)))) "incompatible import type")
        (assert_invalid (module (func (result v128) (i8x16.splat (i64.const 0)))) "type mismatch")
        (module (import "s" "f" (func)) (func (export "g")))
        (assert_return (invoke "g"))
        (module (func (export "g")))
        (assert_return (invoke "g"))
        """, "simd");

    [Fact]
    public void A_definition_can_be_instantiated_twice() => AssertCounts(2, 0, 0, """
        (module definition $d (global (export "g") (mut i32) (i32.const 1)) (func (export "set") (global.set 0 (i32.const 2))))
        (module instance $a $d)
        (module instance $b $d)
        (invoke $a "set")
        (assert_return (get $a "g") (i32.const 2))
        (assert_return (get $b "g") (i32.const 1))
        """);

    [Fact]
    public void Failures_say_where()
    {
        using var failures = new StringWriter();
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        WastScript script = WastScript.Parse("(module)\n\n(assert_return (invoke \"f\"))"u8, "a.wast");
        WastSummary summary = new WastRunner(engine).Run(script, failures);
        Assert.Equal(1, summary.Failed);
        Assert.StartsWith("a.wast:3: ", failures.ToString(), StringComparison.Ordinal);
    }

    private static void AssertCounts(int passed, int failed, int skipped, string text, string? feature = null)
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var failures = new StringWriter();
        WastSummary summary = new WastRunner(engine).Run(WastScript.Parse(Encoding.UTF8.GetBytes(text), null), failures);
        Assert.True(
            (summary.Passed, summary.Failed, summary.Skipped) == (passed, failed, skipped),
            $"{summary}\n{failures}");
        if (feature is not null)
            Assert.Equal([KeyValuePair.Create(feature, skipped)], summary.SkippedByFeature);
    }
}
