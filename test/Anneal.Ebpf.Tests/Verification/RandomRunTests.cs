// Random programs that the verifier accepts, run for real: sandboxed, where a fault would show, and verified, without checks. Neither
// may fault, and results, packets and maps must be equal on every tier and in both modes.
//
// ANNEAL_FUZZ_SEED and ANNEAL_FUZZ_PROGRAMS choose other programs and more of them.

using Anneal.Ebpf.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Ebpf.Tests.Verification;

public sealed class RandomRunTests(ITestOutputHelper output)
{
    [Fact]
    public void Accepted_programs_never_fault_and_agree_in_both_modes_on_every_tier()
    {
        int seed = FuzzSettings.Seed(50_000), programs = FuzzSettings.Programs(1_500);
        RunMachine[] machines = RunMachine.All();
        var kinds = new KindCounts();
        try
        {
            int accepted = 0, unfinished = 0;
            for (int n = 0; n < programs; n++)
            {
                var made = new RandomProgram(new Random(seed + n));
                EbpfProgram program = made.Program();
                try
                {
                    new Exploration(program, machines[0].Helpers, VerifierOptions.Default with { InstructionBudget = RunMachine.InstructionBudget }, log: null).Run();
                }
                catch (RefusalException)
                {
                    continue;
                }

                accepted++;
                kinds.Add(made);
                var random = new Random(seed + n);
                RunInput[] inputs = [.. Enumerable.Range(0, 4).Select(_ => RunInput.Make(random, leastPacket: 1))];
                string[]? expected = null;
                foreach (RunMachine machine in machines)
                {
                    string[]? outcomes = machine.Run(program, seed + n, inputs);
                    if (machine == machines[0]) expected = outcomes;
                    if (outcomes is null || expected is null)
                    {
                        Assert.True(outcomes is null && expected is null, $"seed {seed + n}: {machine.Name} and {machines[0].Name}: one finishes, the other doesn't");
                        continue;
                    }

                    for (int run = 0; run < outcomes.Length; run++)
                        Assert.True(expected[run] == outcomes[run], $"seed {seed + n}, run {run}: {machine.Name}:\n{outcomes[run]}\n{machines[0].Name}:\n{expected[run]}");
                }

                if (expected is null) unfinished++;
            }

            output.WriteLine($"seeds {seed} to {seed + programs - 1}: {accepted} of {programs} programs accepted and run on {machines.Length} machines; {unfinished} didn't finish");
            output.WriteLine(kinds.ToString());
            Assert.True(accepted * 20 > programs);
            if (programs >= 1_500) kinds.AssertAll();
        }
        finally
        {
            foreach (RunMachine machine in machines) machine.Dispose();
        }
    }
}
