using Anneal.Ebpf.Verification;
using Xunit;

namespace Anneal.Ebpf.Tests.Verification;

/// <summary>Runs the accepted and refused programs.</summary>
public sealed class VerifierCaseTests
{
    public static TheoryData<string> Accepted => [.. AcceptedCases.All.Select(c => c.Name)];

    public static TheoryData<string> Refused => [.. RefusedCases.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string name)
    {
        VerifierCase c = AcceptedCases.All.Single(c => c.Name == name);
        EbpfProgram program = ProgramText.Assemble(name, c.Type, c.Text);
        VerifiedFacts facts = new Verifier().Verify(program, TestHelpers.Table);
        Assert.Equal(program.Instructions.Length, facts.Instructions.Length);
        Assert.True(facts.Instructions[0].IsReachable);
        Assert.InRange(facts.Steps, 1, VerifierOptions.Default.InstructionBudget);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Refuses(string name)
    {
        VerifierCase c = RefusedCases.All.Single(c => c.Name == name);
        EbpfProgram program = ProgramText.Assemble(name, c.Type, c.Text);
        var refusal = Assert.Throws<VerifierException>(() => new Verifier().Verify(program, TestHelpers.Table));
        Assert.True(refusal.Message.Contains(c.Reason!, StringComparison.Ordinal), $"expected: {c.Reason}\nmessage: {refusal.Message}\n{refusal.Log}");
        if (c.Slot >= 0) Assert.True(c.Slot == refusal.Slot, $"expected slot {c.Slot}, is {refusal.Slot}\n{refusal.Log}");
        Assert.Contains(refusal.Message.Split(": ")[^1], refusal.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_refusal_has_its_own_reason_and_every_case_its_own_name()
    {
        VerifierCase[] all = [.. AcceptedCases.All, .. RefusedCases.All];
        Assert.Equal(all.Length, all.Select(c => c.Name).Distinct().Count());
        Assert.True(all.Length >= 150);
        Assert.All(RefusedCases.All, c => Assert.NotNull(c.Reason));
        Assert.All(AcceptedCases.All, c => Assert.Null(c.Reason));
    }
}
