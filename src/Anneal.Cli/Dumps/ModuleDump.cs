using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Wasm;

namespace Anneal.Cli.Dumps;

/// <summary>What <c>anneal dump</c> does with a WebAssembly module.</summary>
internal static class ModuleDump
{
    public static void Print(DumpOptions options, ProcessStreams streams)
    {
        string file = options.File;
        if (options.HasEbpfOptions) throw new UsageException($"{file} is no eBPF object: --instructions, --sandbox and --type are for those");
        using var engine = new Engine(new EngineOptions { Tier = options.Assembly ? Tier.Baseline : Tier.Portable });
        using Module module = ModuleFile.Read(engine, file);
        if (!options.Bytecode && !options.Assembly && options.Function is null)
        {
            ModuleSummary.Print(module, streams.Output);
            return;
        }

        var names = new FunctionNames(module);
        (int first, int count) = options.Function is { } function
            ? (Find(module, names, file, function), 1)
            : (module.Definition.ImportedFunctionCount, module.Definition.Codes.Length);
        EmittedTier? tier = options.Assembly ? CodeDump.TierOf(engine, file) : null;
        var unit = new ModuleUnit(module, names, tier is null or { HardwareTraps: true } ? AddressingMode.Guarded : AddressingMode.Checked);
        CodeDump.Print(unit, Enumerable.Range(first, count), tier, streams.Output);
    }

    private static int Find(Module module, FunctionNames names, string file, string text)
    {
        int index = names.Find(text);
        if (index < 0) throw new UsageException($"{file} has no function \"{text}\"");
        if (index < module.Definition.ImportedFunctionCount) throw new UsageException($"{names[index]} of {file} is imported: it has no code here");
        return index;
    }
}
