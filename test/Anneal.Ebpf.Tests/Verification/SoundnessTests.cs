// Random programs that the verifier accepts, run concretely with exact object bounds: none may access anything outside, every register
// that matters must be in a state that the verifier saw at that instruction, and every fact given to the lowering must be true.
//
// ANNEAL_FUZZ_SEED and ANNEAL_FUZZ_PROGRAMS choose other programs and more of them.

using System.Globalization;
using Anneal.Ebpf.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Ebpf.Tests.Verification;

public sealed class SoundnessTests(ITestOutputHelper output)
{
    [Fact]
    public void Accepted_programs_stay_within_bounds_and_within_what_the_verifier_saw()
    {
        int seed = FuzzSettings.Seed(20_000), programs = FuzzSettings.Programs(3_000);
        int accepted = 0, runs = 0;
        var kinds = new KindCounts();
        for (int n = 0; n < programs; n++)
        {
            var random = new Random(seed + n);
            var made = new RandomProgram(random);
            EbpfProgram program = made.Program();
            var seen = new SeenStates(program, TestHelpers.Table);
            try
            {
                seen.Facts = new Exploration(program, TestHelpers.Table, VerifierOptions.Default with { InstructionBudget = 20_000 }, log: null, seen).Run();
            }
            catch (RefusalException)
            {
                continue;
            }

            accepted++;
            kinds.Add(made);
            for (int run = 0; run < 10; run++)
            {
                byte[] packet = new byte[random.Next(0, 80)];
                random.NextBytes(packet);
                try
                {
                    new ConcreteMachine(program, random, packet, seen).Run();
                    runs++;
                }
                catch (ConcreteMachine.Violation violation)
                {
                    Assert.Fail($"seed {seed + n}, run {run}: {violation.Message}\n{Listing(program)}");
                }
                catch (TimeoutException)
                {
                    Assert.Fail($"seed {seed + n}, run {run}: the program doesn't end\n{Listing(program)}");
                }
            }
        }

        output.WriteLine($"seeds {seed} to {seed + programs - 1}: {accepted} of {programs} programs accepted, {runs} runs");
        output.WriteLine(kinds.ToString());
        Assert.True(accepted * 20 > programs, $"only {accepted} of {programs} programs are accepted: the test says little");
        Assert.True(accepted * 20 < programs * 19, $"{accepted} of {programs} programs are accepted: the test says little");
        if (programs >= 3_000) kinds.AssertAll();
    }

    private static string Listing(EbpfProgram program)
    {
        var lines = new List<string>();
        for (int slot = 0; slot < program.Instructions.Length; slot += program.Instructions[slot].Slots)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{slot}: {InstructionText.Of(program, slot)}"));
        return string.Join('\n', lines);
    }
}
