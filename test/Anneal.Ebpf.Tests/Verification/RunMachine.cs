// A tier and a mode that runs random programs, with helpers whose numbers depend on nothing but the seed.

namespace Anneal.Ebpf.Tests.Verification;

internal sealed class RunMachine : IDisposable
{
    /// <summary>The most instructions that the verifier looks at, so that long fuzzing doesn't wait for long loops.</summary>
    public const int InstructionBudget = 20_000;

    private readonly Engine engine;
    private readonly EbpfRuntime runtime;
    private Random random = new(0);

    public RunMachine(Tier tier, SafetyMode mode)
    {
        Name = $"{tier}, {mode}";
        // Automatic: up at once, so that short programs move between the tiers too.
        engine = new Engine(tier == Tier.Auto ? new EngineOptions { Tier = tier, TierUpHeat = 3, SynchronousTierUp = true } : new EngineOptions { Tier = tier });
        HostHelper Numbers(int id, string name, Func<ulong> number) =>
            new(new HelperPrototype { Id = id, Name = name, Arguments = [], Returns = ReturnType.Scalar }, _ => number());
        runtime = new EbpfRuntime(
            engine,
            new EbpfOptions
            {
                Mode = mode,
                InstructionLimit = 20_000_000,
                Processors = 1,
                Verifier = VerifierOptions.Default with { InstructionBudget = InstructionBudget },
                // All that differs from run to run; damaged programs call any of them.
                Helpers =
                [
                    Numbers(5, "ktime_get_ns", () => RandomNumbers.Any(random)), Numbers(7, "get_prandom_u32", () => (uint)RandomNumbers.Any(random)),
                    Numbers(118, "jiffies64", () => RandomNumbers.Any(random)), Numbers(125, "ktime_get_boot_ns", () => RandomNumbers.Any(random)),
                    Numbers(160, "ktime_get_coarse_ns", () => RandomNumbers.Any(random)), Numbers(208, "ktime_get_tai_ns", () => RandomNumbers.Any(random)),
                ],
            });
    }

    public string Name { get; }

    public HelperTable Helpers => runtime.Helpers;

    /// <summary>One for each tier and mode.</summary>
    public static RunMachine[] All() =>
    [
        .. new[] { Tier.Portable, Tier.Threaded, Tier.Baseline, Tier.Auto }.SelectMany(tier => new[] { new RunMachine(tier, SafetyMode.Sandboxed), new RunMachine(tier, SafetyMode.Verified) }),
    ];

    /// <summary>Runs a program once for each input; null if it runs out of fuel or a ring buffer is full, where others may differ.</summary>
    public string[]? Run(EbpfProgram program, int seed, RunInput[] inputs)
    {
        LoadedProgram loaded = runtime.Load(program);
        ((ProgramArray)loaded.Maps[TestMaps.IndexOf("progs")])[1] = runtime.Load(RunInput.TailTarget(program.Type), loaded.Maps);
        var ring = (RingBuffer)loaded.Maps[TestMaps.IndexOf("ring")];
        random = new Random(seed + 1);
        var outcomes = new string[inputs.Length];
        for (int run = 0; run < inputs.Length; run++)
        {
            foreach ((string name, List<(byte[] Key, byte[] Value)> entries) in inputs[run].Entries)
            {
                EbpfMap map = loaded.Maps[TestMaps.IndexOf(name)];
                if (map.Type is not (MapType.Array or MapType.PerCpuArray))
                {
                    foreach (byte[] key in map.Keys().ToArray()) map.Delete(key);
                }

                foreach ((byte[] key, byte[] value) in entries)
                {
                    if (!map.Update(key, value)) throw new InvalidOperationException($"{Name}, seed {seed}, run {run}: {name} takes no entry");
                }
            }

            byte[] packet = (byte[])inputs[run].Packet.Clone();
            ulong result;
            try
            {
                result = loaded.Run(packet);
            }
            catch (TrapException trap) when (trap.Kind == TrapKind.OutOfFuel)
            {
                // Callback loops of millions of rounds.
                return null;
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"{Name}, seed {seed}, run {run}", fault);
            }

            var records = new List<byte[]>();
            ring.Consume(record => records.Add(record.ToArray()));
            if (ring.Dropped > 0 || ring.Positions.Produced > (ulong)ring.MaxEntries / 2) return null;
            outcomes[run] = RunInput.Outcome(result, packet, RunInput.Maps.Select(name => (name, Entries(loaded.Maps[TestMaps.IndexOf(name)]))), records);
        }

        foreach (EbpfMap map in loaded.Maps) map.Dispose();
        return outcomes;
    }

    public void Dispose()
    {
        runtime.Dispose();
        engine.Dispose();
    }

    private static List<(byte[] Key, byte[] Value)> Entries(EbpfMap map)
    {
        var entries = new List<(byte[], byte[])>();
        foreach (byte[] key in map.Keys())
        {
            byte[] value = new byte[map.HostValueSize];
            if (map.TryLookup(key, value)) entries.Add((key, value[..map.ValueSize]));
        }

        return entries;
    }
}
