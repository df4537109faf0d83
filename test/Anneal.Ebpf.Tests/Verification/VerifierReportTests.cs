// What comes out of a verification: facts for the lowering, messages and logs for people, options.

using Anneal.Ebpf.Verification;
using Xunit;

namespace Anneal.Ebpf.Tests.Verification;

public sealed class VerifierReportTests
{
    [Fact]
    public void Facts_say_what_each_instruction_accesses()
    {
        InstructionFacts[] facts = Verify(
            "r6 = r1; r2 = *(u32 *)(r6 + 0); r3 = *(u32 *)(r6 + 4); r4 = r2; r4 += 4; if r4 > r3 goto out;"
            + "r5 = *(u32 *)(r2 + 0); *(u32 *)(r10 - 4) = 3; r2 = r10; r2 += -4; r1 = map[array] ll; call 1; if r0 == 0 goto out; r0 = *(u64 *)(r0 + 8); exit; out: r0 = 0; exit").Instructions;
        Assert.Equal((AccessRegion.Context, true, 0), (facts[1].Region, facts[1].IsContextAccess, facts[1].ContextOffset));
        Assert.Equal((AccessRegion.Context, true, 4), (facts[2].Region, facts[2].IsContextAccess, facts[2].ContextOffset));
        Assert.Equal((AccessRegion.Packet, false, -1), (facts[6].Region, facts[6].IsContextAccess, facts[6].ContextOffset));
        Assert.Equal(AccessRegion.Stack, facts[7].Region);
        Assert.Equal((TestMaps.IndexOf("array"), 3L), (facts[12].MapIndex, facts[12].ConstantKey));
        Assert.Equal(AccessRegion.MapValue, facts[14].Region);
        Assert.All(facts.Where((_, slot) => slot != 11), f => Assert.True(f.IsReachable));
    }

    [Fact]
    public void Facts_hold_on_all_paths()
    {
        VerifiedFacts facts = Verify(
            "*(u64 *)(r10 - 16) = 1; call 7; r1 = map[array] ll; *(u32 *)(r10 - 4) = 1; if r0 > 5 goto one; r1 = map[data] ll; *(u32 *)(r10 - 4) = 0; one: r2 = r10; r2 += -4; call 1; if r0 == 0 goto out;"
            + "r6 = r10; r6 += -16; call 7; if r0 > 5 goto use; r6 = map[data]+0 ll; use: r0 = *(u64 *)(r6 + 0); exit; out: r0 = 0; exit");
        int call = 11, load = 19;
        Assert.Equal((-1, -1L), (facts.Instructions[call].MapIndex, facts.Instructions[call].ConstantKey));
        Assert.Equal(AccessRegion.Several, facts.Instructions[load].Region);
    }

    [Fact]
    public void Dead_code_is_known_and_stack_is_measured()
    {
        VerifiedFacts facts = Verify("r1 = 1; if r1 == 1 goto on; r0 = 7; on: *(u64 *)(r10 - 24) = 0; call f; exit; f: *(u8 *)(r10 - 9) = 1; r0 = 0; exit");
        Assert.False(facts.Instructions[2].IsReachable);
        Assert.True(facts.Instructions[3].IsReachable);
        Assert.Equal([24, 9], facts.StackBytes);
        Assert.Equal(8, facts.Steps);
    }

    [Fact]
    public void A_refusal_names_the_instruction_the_source_line_the_register_and_its_state()
    {
        var lines = new LineTable([0, 2], [new SourceLine("filter.c", 10, 1, "int n = random();"), new SourceLine("filter.c", 11, 5, "return table[n];")]);
        EbpfProgram program = ProgramText.Assemble("filter", ProgramTypes.Xdp, "call 7; w0 &= 127; r1 = map[data]+0 ll; r1 += r0; r0 = *(u8 *)(r1 + 0); exit", lines);
        var refusal = Assert.Throws<VerifierException>(() => new Verifier().Verify(program, TestHelpers.Table));
        Assert.Equal(("filter", 5), (refusal.Program, refusal.Slot));
        Assert.Equal(
            "filter: instruction 5: r0 = *(u8 *)(r1 + 0) at filter.c:11: bytes 0 to 128 of the 64-byte value of map data through r1 (value of map data + number in [0, 127])",
            refusal.Message);
        string[] log = refusal.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("; filter.c:10: int n = random();", log[0]);
        Assert.Equal("0: call helper 7", log[1]);
        Assert.Contains("      r0 = number in [0, 127]", log);
        Assert.Contains("; filter.c:11: return table[n];", log);
        Assert.Contains(log, line => line.StartsWith("state: r0 = number in [0, 127]; r1 = value of map data", StringComparison.Ordinal));
        Assert.StartsWith("refused at 5:", log[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_of_an_accepted_program_is_written_on_demand()
    {
        EbpfProgram program = ProgramText.Assemble("test", ProgramTypes.Xdp, "call 7; if r0 > 5 goto on; r0 = 1; on: exit");
        Assert.Equal("", new Verifier().Verify(program, TestHelpers.Table).Log);
        string log = new Verifier(VerifierOptions.Default with { LogSteps = true }).Verify(program, TestHelpers.Table).Log;
        Assert.Contains("1: if r0 > 5 goto 3", log, StringComparison.Ordinal);
        Assert.Contains("-- the other way, from 3: r0 = number in [6, 18446744073709551615]", log, StringComparison.Ordinal);
        Assert.Contains("accepted: 4 slots", log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_log_keeps_its_end()
    {
        EbpfProgram program = ProgramText.Assemble("test", ProgramTypes.Xdp, "r1 = 0; loop: r1 += 1; if r1 < 1000 goto loop; r0 = *(u8 *)(r1 + 0); exit");
        var refusal = Assert.Throws<VerifierException>(() => new Verifier(VerifierOptions.Default with { LogLines = 20 }).Verify(program, TestHelpers.Table));
        Assert.InRange(refusal.Log.Split('\n').Length, 10, 30);
        Assert.Contains("refused at 3", refusal.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaks_are_allowed_by_option()
    {
        EbpfProgram program = ProgramText.Assemble("test", ProgramTypes.Xdp, "r2 = map[data]+0 ll; *(u64 *)(r2 + 0) = r10; r0 = r1; exit");
        Assert.Throws<VerifierException>(() => new Verifier().Verify(program, TestHelpers.Table));
        new Verifier(VerifierOptions.Default with { AllowPointerLeaks = true }).Verify(program, TestHelpers.Table);
    }

    [Fact]
    public void The_budget_is_an_option()
    {
        EbpfProgram program = ProgramText.Assemble("test", ProgramTypes.Xdp, "r0 = 0; loop: r0 += 1; if r0 < 1000 goto loop; exit");
        new Verifier(VerifierOptions.Default with { InstructionBudget = 2_002 }).Verify(program, TestHelpers.Table);
        var refusal = Assert.Throws<VerifierException>(() => new Verifier(VerifierOptions.Default with { InstructionBudget = 2_001 }).Verify(program, TestHelpers.Table));
        Assert.Contains("too complex: more than 2001 instructions", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verification_is_deterministic()
    {
        EbpfProgram program = ProgramText.Assemble("test", ProgramTypes.Xdp, new RandomProgram(new Random(20_004)).Make());
        string Once()
        {
            try
            {
                return new Verifier(VerifierOptions.Default with { LogSteps = true }).Verify(program, TestHelpers.Table).Log;
            }
            catch (VerifierException refusal)
            {
                return refusal.Log;
            }
        }

        Assert.Equal(Once(), Once());
    }

    [Fact]
    public void A_chain_of_very_many_subprograms_overflows_nothing()
    {
        // f0 calls f1 calls f2 ... 50,000 deep: refused for its depth, without recursion of the verifier's own.
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < 50_000; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"f{i}: call f{i + 1}\nexit\n");
        text.Append("f50000: r0 = 0; exit");
        EbpfProgram program = ProgramText.Assemble("test", ProgramTypes.Xdp, text.ToString());
        var refusal = Assert.Throws<VerifierException>(() => new Verifier().Verify(program, TestHelpers.Table));
        Assert.Contains("more than 8 calls deep", refusal.Message, StringComparison.Ordinal);
    }

    private static VerifiedFacts Verify(string text) => new Verifier().Verify(ProgramText.Assemble("test", ProgramTypes.Xdp, text), TestHelpers.Table);
}
