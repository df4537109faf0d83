using System.CommandLine;
using Anneal.Bytecode;
using Anneal.Cli.Dumps;
using Anneal.Wasm;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal dump</c>: shows a module, its bytecode or its machine code.</summary>
internal static class DumpCommand
{
    public static Command Define(ProcessStreams streams)
    {
        Option<bool> bytecode = new("--bytecode") { Description = "Show the engine's bytecode" };
        Option<bool> assembly = new("--asm") { Description = "Show the baseline tier's machine code" };
        Option<string> function = new("--function") { HelpName = "FUNCTION", Description = "Only this one: an index or a name; alone, shows its bytecode" };
        Argument<string> file = new("FILE") { Description = "A module: .wasm or .wat" };
        var command = new Command("dump", "Show what a module holds, or its code") { bytecode, assembly, function, file };
        command.SetAction(result =>
        {
            if (result.GetValue(bytecode) && result.GetValue(assembly)) throw new UsageException("--bytecode and --asm exclude each other");
            Run(result.GetValue(file)!, result.GetValue(bytecode), result.GetValue(assembly), result.GetValue(function), streams);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Run(string file, bool bytecode, bool assembly, string? function, ProcessStreams streams)
    {
        using var engine = new Engine(new EngineOptions { Tier = assembly ? Tier.Baseline : Tier.Portable });
        using Module module = ModuleFile.Read(engine, file);
        if (!bytecode && !assembly && function is null)
        {
            ModuleSummary.Print(module, streams.Output);
            return;
        }

        var names = new FunctionNames(module);
        (int first, int count) = function is null ? (module.Definition.ImportedFunctionCount, module.Definition.Codes.Length) : (Find(module, names, file, function), 1);
        AssemblyDump? disassembler = assembly ? AssemblyDump.Create(module, names, file) : null;
        for (int i = first; i < first + count; i++)
        {
            if (i != first) streams.Output.WriteLine();
            streams.Output.WriteLine($"; {names[i]} {module.Definition.Functions[i]}");
            if (disassembler is not null) disassembler.Print(i, streams.Output);
            else BytecodeText.Print(module.CodeFor(AddressingMode.Guarded).BodyOf(i), streams.Output);
        }
    }

    private static int Find(Module module, FunctionNames names, string file, string text)
    {
        int index = names.Find(text);
        if (index < 0) throw new UsageException($"{file} has no function \"{text}\"");
        if (index < module.Definition.ImportedFunctionCount) throw new UsageException($"{names[index]} of {file} is imported: it has no code here");
        return index;
    }
}
