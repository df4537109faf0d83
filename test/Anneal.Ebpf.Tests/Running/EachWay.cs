// Runs a small program on each tier, verified and sandboxed.

using System.Collections.Immutable;
using Anneal.Ebpf.Assembly;

namespace Anneal.Ebpf.Tests.Running;

internal static class EachWay
{
    private static readonly Tier[] Tiers = [Tier.Portable, Tier.Threaded, Tier.Baseline];

    /// <summary>Loads the program each way and calls the check with it, and with the lines that it prints.</summary>
    public static void Run(ProgramType type, string text, ImmutableArray<MapDefinition> maps, Action<LoadedProgram, List<string>> check, params SafetyMode[] modes)
    {
        foreach (Tier tier in Tiers)
        {
            foreach (SafetyMode mode in modes.Length != 0 ? modes : [SafetyMode.Verified, SafetyMode.Sandboxed])
            {
                var lines = new List<string>();
                using var engine = new Engine(new EngineOptions { Tier = tier });
                using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode, Print = lines.Add, Processors = 4 });
                check(runtime.Load(new EbpfProgram("p", type, PlainAssembler.Assemble(text), maps)), lines);
            }
        }
    }

    /// <summary>A frozen data section.</summary>
    public static MapDefinition Constants(ReadOnlySpan<byte> bytes) => new()
    {
        Name = ".rodata", Type = MapType.Array, KeySize = 4, ValueSize = bytes.Length, MaxEntries = 1,
        Flags = MapFlags.ProgramReadOnly, IsFrozen = true, InitialValue = bytes.ToArray(),
    };
}
