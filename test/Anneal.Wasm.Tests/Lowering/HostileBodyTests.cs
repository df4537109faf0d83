// Valid functions of shapes that no compiler writes.

using Anneal.Wasm.Lowering;
using Xunit;

namespace Anneal.Wasm.Tests.Lowering;

public sealed class HostileBodyTests
{
    [Fact]
    public void Nesting_costs_no_native_stack()
    {
        const int Levels = 200_000;
        Lowered lowered = Lowered.FromText(
            "(module (func (param i32) " + Repeat("block ", Levels) + $"local.get 0 br_if {Levels - 1} " + Repeat("end ", Levels) + "))");
        Assert.Equal("br.i32.ne.k $0 0 ->1\nret\n", BytecodeListing.Of(lowered.Bodies[0]));
    }

    [Fact]
    public void Aliases_far_down_the_stack_are_found_without_searching_it_again_and_again()
    {
        // Each set would look through all entries above its alias if the search were not bounded.
        const int Count = 20_000;
        string gets = string.Concat(Enumerable.Range(1, Count).Select(i => $"local.get {i} "));
        string fill = Repeat("local.get 0 ", 4 * Count);
        string sets = string.Concat(Enumerable.Range(1, Count).Select(i => $"i32.const 1 local.set {i} "));
        Lowered lowered = Lowered.FromText($"(module (func (local i32{Repeat(" i32", Count)}) {gets}{fill}{sets}{Repeat("drop ", 5 * Count)}))");
        string[] lines = BytecodeListing.Of(lowered.Bodies[0]).Split('\n');
        Assert.Equal(5 * Count, lines.Count(line => line.StartsWith("mov", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(140_000)]
    public void Branch_tables_longer_than_an_op_can_be_are_split(int targets)
    {
        // Target i is the inner block for even i, the outer one for odd i; the default returns 7.
        string labels = string.Concat(Enumerable.Range(0, targets).Select(i => i % 2 == 0 ? "0 " : "1 "));
        string text = $"""
            (module (func (export "run") (param i32) (result i32)
              (block (block (block local.get 0 br_table {labels} 2) (return (i32.const 100))) (return (i32.const 101))) i32.const 7))
            """;
        using var instance = new LoweredInstance(Lowered.FromText(text).Module, LoweringOptions.Default);
        foreach (int index in new[] { 0, 1, 65_534, 65_535, 65_536, targets - 2, targets - 1, targets, targets + 1, -1 })
        {
            ulong expected = (uint)index >= (uint)targets ? 7u : index % 2 == 0 ? 100u : 101u;
            Assert.Equal(expected, Assert.Single(instance.Invoke("run", (uint)index)));
        }
    }

    [Fact]
    public void A_frame_beyond_any_stack_is_refused()
    {
        string results = Repeat(" i64", 1000);
        string text = $"(module (func $many (result{results}) unreachable) (func {Repeat("call $many ", 2200)} unreachable))";
        Assert.Contains("slots", Assert.Throws<WasmException>(() => Lowered.FromText(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lowering_serves_one_function_after_another()
    {
        Lowered lowered = Lowered.FromText("""
            (module (func (param i32) (result i32) (block (result i32) local.get 0 local.get 0 br_if 0))
                    (func (param f64 f64) (result f64) (loop local.get 0 local.get 1 f64.lt br_if 0) local.get 0))
            """);
        var lowering = new FunctionLowering(LoweringOptions.Default);
        for (int i = 0; i < 4; i++) Assert.Equal(lowered.Bodies[i % 2].Code, lowering.Lower(lowered.Module, i % 2).Code);
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
