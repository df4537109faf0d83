// Random programs in the Linux kernel: those that both verifiers accept run there too, and must give the same result, packet, maps and
// records as here, on every tier. Where the verifiers disagree, the reason must be one of KernelDisagreements, which
// docs/ebpf-verifier.md explains; and what the kernel refuses for memory safety is run on the machine with exact bounds first.
//
// ANNEAL_FUZZ_SEED and ANNEAL_FUZZ_PROGRAMS choose other programs and more of them; ANNEAL_FUZZ_SHOW=1 prints what only the kernel refuses,
// made short.
//
// Linux 6.18's verifier has a bug that ends the calling thread in the middle of its work: where it remembers a sign bit's two values as
// two paths, with more than 8,192 paths pending, it follows a null pointer. So programs whose walk may be that long aren't shown to it.

using System.Text;
using Anneal.Ebpf.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Ebpf.Tests.Verification;

public sealed class KernelRunTests(ITestOutputHelper output)
{
    private const int Runs = 3, LeastPacket = 14, MostReported = 40;

    // What the kernel may be asked: each pending path is a conditional jump on the way here.
    private const int MostJumps = 4_000;

    [KernelFact]
    public void Random_programs_do_the_same_in_the_kernel()
    {
        int seed = FuzzSettings.Seed(90_000), programs = FuzzSettings.Programs(400);
        using var kernel = new KernelVerifier { Quiet = true };
        RunMachine[] machines = RunMachine.All();
        var verifier = new Verifier(VerifierOptions.Default with { InstructionBudget = RunMachine.InstructionBudget });
        var reasons = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var kinds = new KindCounts();
        var faults = new StringBuilder();
        int faultCount = 0, accepted = 0, both = 0, compared = 0;
        void Fault(int n, string what, string program)
        {
            if (faultCount++ < MostReported) faults.AppendLine($"seed {n}: {what}\n{program}");
        }

        try
        {
            for (int n = seed; n < seed + programs; n++)
            {
                var made = new RandomProgram(new Random(n), reproducible: true);
                string text = made.Make();
                EbpfProgram program = ProgramText.Assemble("random", made.Type, text);
                string? ours = WhyRefused(verifier, machines[0].Helpers, program, out bool isForKernel);
                if (ours is null) accepted++;
                if (!isForKernel) continue;

                kernel.Renew();
                var random = new Random(n);
                RunInput[] inputs = [.. Enumerable.Range(0, Runs).Select(_ => RunInput.Make(random, LeastPacket))];
                string[]? expected = null;
                if (ours is null)
                {
                    // Here first: what takes long isn't for the kernel.
                    expected = machines[0].Run(program, n, inputs);
                    if (expected is null) continue;
                }

                string log;
                string[]? kernels = null;
                bool loads = ours is null ? (kernels = kernel.Run(program, inputs, out log)) is not null : kernel.Load(program, out log);
                if (loads != ours is null)
                {
                    string reason = loads ? KernelDisagreements.WhyOnlyWeRefuse(ours!) : KernelDisagreements.WhyOnlyTheKernelRefuses(log);
                    reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
                    bool unexplained = reason.StartsWith(KernelDisagreements.Unexplained, StringComparison.Ordinal);
                    bool shows = !loads && FuzzSettings.ShowsDisagreements && !reason.Contains("complex", StringComparison.Ordinal);
                    if (unexplained || shows) text = ProgramShrinker.Shrink(made.Type, text, shorter => Disagreement(verifier, machines[0].Helpers, kernel, shorter, out _) == reason);
                    if (shows) output.WriteLine($"seed {n}: {reason}\n{text}\n");
                    if (unexplained)
                    {
                        _ = kernel.Load(ProgramText.Assemble("random", made.Type, text), out log);
                        Fault(n, $"{reason}\n{Tail(log)}", text);
                    }

                    if (!loads && StaysWithinBounds(program, random) is { } violation) Fault(n, $"accepted here, refused by the kernel, and: {violation}", Listing(program));
                    continue;
                }

                if (!loads) continue;
                both++;
                kinds.Add(made);
                foreach (RunMachine machine in machines)
                {
                    string[]? outcomes = machine == machines[0] ? expected : machine.Run(program, n, inputs);
                    for (int run = 0; run < Runs; run++)
                    {
                        string here = KernelsView(outcomes?[run] ?? "out of fuel");
                        if (here != kernels![run])
                        {
                            Fault(n, $"run {run}, {machine.Name}:\n{here}\nkernel:\n{kernels[run]}", Listing(program));
                            break;
                        }

                        compared++;
                    }
                }
            }

            output.WriteLine($"seeds {seed} to {seed + programs - 1}: {accepted} of {programs} programs accepted here, {both} there too; {compared} runs compared");
            foreach ((string reason, int count) in reasons) output.WriteLine($"{count,6} {reason}");
            output.WriteLine(kinds.ToString());
            Assert.True(faultCount == 0, $"{faultCount} faults\n{faults}");
            Assert.True(both * 20 > programs, $"only {both} programs were compared");
            if (programs >= 4_000) kinds.AssertAll();
        }
        finally
        {
            foreach (RunMachine machine in machines) machine.Dispose();
        }
    }

    // Why one verifier accepts and the other doesn't; null if they agree, or the kernel can't be asked.
    private static string? Disagreement(Verifier verifier, HelperTable helpers, KernelVerifier kernel, EbpfProgram program, out string log)
    {
        log = "";
        string? ours = WhyRefused(verifier, helpers, program, out bool isForKernel);
        if (!isForKernel) return null;
        bool loads = kernel.Load(program, out log);
        return loads == ours is null ? null : loads ? KernelDisagreements.WhyOnlyWeRefuse(ours!) : KernelDisagreements.WhyOnlyTheKernelRefuses(log);
    }

    // Why our verifier refuses, or null; and whether no path through the program can be so long that the kernel mustn't be asked.
    private static string? WhyRefused(Verifier verifier, HelperTable helpers, EbpfProgram program, out bool isForKernel)
    {
        try
        {
            isForKernel = verifier.Verify(program, helpers).Steps <= MostJumps;
            return null;
        }
        catch (VerifierException refusal)
        {
            isForKernel = !MayLoop(program, helpers) && program.Instructions.Length <= MostJumps;
            return refusal.Message;
        }
    }

    private static bool MayLoop(EbpfProgram program, HelperTable helpers)
    {
        for (int slot = 0; slot < program.Instructions.Length; slot += program.Instructions[slot].Slots)
        {
            Instruction i = program.Instructions[slot];
            if ((i.IsConditionalJump || i.IsUnconditionalJump) && program.JumpTarget(slot) <= slot) return true;
            if (i.IsHelperCall && helpers.TryFind(i.Immediate, program.Type, out HelperPrototype? helper) && helper.Callback != CallbackKind.None) return true;
        }

        return false;
    }

    // The kernel says the low half of the result.
    private static string KernelsView(string outcome)
    {
        if (!outcome.StartsWith("result ", StringComparison.Ordinal)) return outcome;
        int end = outcome.IndexOf('\n', StringComparison.Ordinal);
        ulong result = ulong.Parse(outcome.AsSpan(7, end - 7), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
        return $"result {(uint)result:x}{outcome[end..]}";
    }

    private static string? StaysWithinBounds(EbpfProgram program, Random random)
    {
        for (int run = 0; run < 20; run++)
        {
            byte[] packet = new byte[random.Next(0, 80)];
            random.NextBytes(packet);
            try
            {
                new ConcreteMachine(program, random, packet, observer: null).Run();
            }
            catch (ConcreteMachine.Violation violation)
            {
                return violation.Message;
            }
        }

        return null;
    }

    private static string Tail(string log) => string.Join('\n', log.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(12));

    private static string Listing(EbpfProgram program)
    {
        var lines = new StringBuilder();
        for (int slot = 0; slot < program.Instructions.Length; slot += program.Instructions[slot].Slots) lines.Append(slot).Append(": ").AppendLine(InstructionText.Of(program, slot));
        return lines.ToString();
    }
}
