// Random programs that the verifier accepts, run for real: sandboxed, where a fault would show, and verified, without checks. Neither
// may fault, and results, packets and maps must be equal on every tier and in both modes.
//
// ANNEAL_FUZZ_SEED and ANNEAL_FUZZ_PROGRAMS choose other programs and more of them.

using System.Globalization;
using Anneal.Ebpf.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Ebpf.Tests.Verification;

public sealed class RandomRunTests(ITestOutputHelper output)
{
    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    [Fact]
    public void Accepted_programs_never_fault_and_agree_in_both_modes_on_every_tier()
    {
        int seed = Setting("ANNEAL_FUZZ_SEED", 50_000), programs = Setting("ANNEAL_FUZZ_PROGRAMS", 800);
        Machine[] machines =
        [
            new(Tier.Portable, SafetyMode.Sandboxed), new(Tier.Portable, SafetyMode.Verified),
            new(Tier.Threaded, SafetyMode.Sandboxed), new(Tier.Threaded, SafetyMode.Verified),
            new(Tier.Baseline, SafetyMode.Sandboxed), new(Tier.Baseline, SafetyMode.Verified),
        ];
        try
        {
            int accepted = 0;
            for (int n = 0; n < programs; n++)
            {
                EbpfProgram program = ProgramText.Assemble("random", ProgramTypes.Xdp, new RandomProgram(new Random(seed + n)).Make());
                try
                {
                    new Exploration(program, machines[0].Helpers, VerifierOptions.Default with { InstructionBudget = 20_000 }, log: null).Run();
                }
                catch (RefusalException)
                {
                    continue;
                }

                accepted++;
                string? expected = null;
                foreach (Machine machine in machines)
                {
                    string result = machine.Run(program, seed + n);
                    expected ??= result;
                    Assert.True(expected == result, $"seed {seed + n}: {machine.Name}:\n{result}\n{machines[0].Name}:\n{expected}");
                }
            }

            output.WriteLine($"seeds {seed} to {seed + programs - 1}: {accepted} of {programs} programs accepted and run on {machines.Length} machines");
            Assert.True(accepted * 20 > programs);
        }
        finally
        {
            foreach (Machine machine in machines) machine.Dispose();
        }
    }

    // A tier and a mode, with helpers whose numbers depend on nothing but the seed.
    private sealed class Machine : IDisposable
    {
        private readonly Engine engine;
        private readonly EbpfRuntime runtime;
        private Random random = new(0);

        public Machine(Tier tier, SafetyMode mode)
        {
            Name = $"{tier}, {mode}";
            engine = new Engine(new EngineOptions { Tier = tier });
            HostHelper Numbers(int id, string name, Func<ulong> number) =>
                new(new HelperPrototype { Id = id, Name = name, Arguments = [], Returns = ReturnType.Scalar }, _ => number());
            runtime = new EbpfRuntime(
                engine,
                new EbpfOptions
                {
                    Mode = mode,
                    InstructionLimit = 20_000_000,
                    Helpers = [Numbers(5, "ktime_get_ns", () => RandomNumbers.Any(random)), Numbers(7, "get_prandom_u32", () => (uint)RandomNumbers.Any(random))],
                },
                new Verifier(VerifierOptions.Default with { InstructionBudget = 20_000 }));
        }

        public string Name { get; }

        public HelperTable Helpers => runtime.Helpers;

        public string Run(EbpfProgram program, int seed)
        {
            LoadedProgram loaded = runtime.Load(program);
            var inputs = new Random(seed);
            random = new Random(seed + 1);
            var text = new System.Text.StringBuilder();
            EbpfMap data = loaded.Maps[TestMaps.IndexOf("data")], array = loaded.Maps[TestMaps.IndexOf("array")];
            byte[] value = new byte[64], element = new byte[16];
            for (int run = 0; run < 4; run++)
            {
                for (int at = 0; at < value.Length; at += 8) BitConverter.TryWriteBytes(value.AsSpan(at), RandomNumbers.Any(inputs));
                data.Update(BitConverter.GetBytes(0), value);
                byte[] packet = new byte[inputs.Next(1, 80)];
                inputs.NextBytes(packet);
                try
                {
                    text.Append(CultureInfo.InvariantCulture, $"{loaded.Run(packet):x} ");
                }
                catch (TrapException trap) when (trap.Kind == TrapKind.OutOfFuel)
                {
                    // Callback loops of millions of rounds.
                    return "out of fuel";
                }
                catch (Exception fault)
                {
                    throw new InvalidOperationException($"{Name}, seed {seed}, run {run}", fault);
                }

                text.Append(Convert.ToHexString(packet)).Append(' ');
                data.TryLookup(BitConverter.GetBytes(0), value);
                text.Append(Convert.ToHexString(value)).Append(' ');
                for (int key = 0; key < array.MaxEntries; key++)
                {
                    array.TryLookup(BitConverter.GetBytes(key), element);
                    text.Append(Convert.ToHexString(element)).Append('\n');
                }
            }

            foreach (EbpfMap map in loaded.Maps) map.Dispose();
            return text.ToString();
        }

        public void Dispose()
        {
            runtime.Dispose();
            engine.Dispose();
        }
    }
}
