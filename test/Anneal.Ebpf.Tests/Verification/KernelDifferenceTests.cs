// The same programs in the Linux kernel's verifier: what it decides otherwise must be in the list of known differences, which
// docs/ebpf-verifier.md explains.

using System.Text;
using Anneal.Ebpf.Verification;
using Xunit;

namespace Anneal.Ebpf.Tests.Verification;

public sealed class KernelDifferenceTests
{
    [KernelFact]
    public void The_kernel_decides_alike_but_for_known_differences()
    {
        using var kernel = new KernelVerifier();
        // Root may make numbers of addresses in the kernel.
        var verifier = new Verifier(VerifierOptions.Default with { AllowPointerLeaks = true });
        var unexpected = new StringBuilder();
        foreach (VerifierCase c in (VerifierCase[])[.. AcceptedCases.All, .. RefusedCases.All])
        {
            if (c.Type == ProgramTypes.Memory) continue;
            EbpfProgram program = ProgramText.Assemble(c.Name, c.Type, c.Text);
            string ours = "accepted";
            try
            {
                verifier.Verify(program, TestHelpers.Table);
            }
            catch (VerifierException refusal)
            {
                ours = refusal.Message;
            }

            bool accepted = kernel.Load(program, out string log);
            if (accepted == (ours == "accepted") || KernelDifferences.All.ContainsKey(c.Name)) continue;
            string[] lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            unexpected.AppendLine($"{c.Name}: kernel {(accepted ? "accepts" : "refuses")}: {string.Join(" | ", lines.TakeLast(4))}\n    ours: {ours}");
        }

        Assert.True(unexpected.Length == 0, unexpected.ToString());
    }
}
