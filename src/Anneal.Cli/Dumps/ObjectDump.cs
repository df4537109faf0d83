using Anneal.Ebpf;
using Anneal.Runtime;

namespace Anneal.Cli.Dumps;

/// <summary>What <c>anneal dump</c> does with an eBPF object. Only code is made, no maps: what is shown isn't run.</summary>
internal static class ObjectDump
{
    public static void Print(DumpOptions options, ProcessStreams streams)
    {
        bool code = options.Bytecode || options.Assembly || (options.Function is not null && !options.Instructions);
        if (options.Sandbox && !code) throw new UsageException("--sandbox goes with --bytecode or --asm");
        ObjectFile file = EbpfObjectFile.Read(options.File, options.Type, options.Types);
        if (!code && !options.Instructions)
        {
            ObjectSummary.Print(file, options.File, streams.Output);
            return;
        }

        List<(EbpfProgram Program, List<int> Subprograms)> selected = SubprogramNames.Select(file, options.File, options.Function);
        if (code) PrintCode(options, selected, streams);
        else PrintInstructions(selected, streams.Output);
    }

    private static void PrintInstructions(List<(EbpfProgram Program, List<int> Subprograms)> selected, TextWriter text)
    {
        bool first = true;
        foreach ((EbpfProgram program, List<int> subprograms) in selected)
        {
            if (!first) text.WriteLine();
            first = false;
            text.WriteLine($"; {Describe(program)}");
            foreach (int subprogram in subprograms) InstructionDump.Print(program, subprogram, text);
        }
    }

    private static void PrintCode(DumpOptions options, List<(EbpfProgram Program, List<int> Subprograms)> selected, ProcessStreams streams)
    {
        using var engine = new Engine(new EngineOptions { Tier = options.Assembly ? Tier.Baseline : Tier.Portable });
        using var runtime = new EbpfRuntime(engine);
        EmittedTier? tier = options.Assembly ? CodeDump.TierOf(engine, options.File) : null;
        bool first = true;
        foreach ((EbpfProgram program, List<int> subprograms) in selected)
        {
            ProgramUnit unit;
            try
            {
                unit = new ProgramUnit(program, runtime.Helpers, options.Sandbox);
            }
            catch (Exception exception) when (EbpfObjectFile.Explain(exception, options.File) is { } message)
            {
                throw new CommandFailedException(message);
            }

            if (!first) streams.Output.WriteLine();
            first = false;
            streams.Output.WriteLine($"; {Describe(program)}, {(options.Sandbox ? "sandboxed" : "verified")}");
            unit.PrintLegend(streams.Output);
            CodeDump.Print(unit, subprograms.Select(unit.FunctionOf), tier, streams.Output);
            GC.KeepAlive(unit);
        }
    }

    private static string Describe(EbpfProgram program) => $"program {program.Name} ({program.Type.Name}), section {program.Section}";
}
