using System.CommandLine;
using Anneal.Cli.Dumps;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal dump</c>: shows a module or an eBPF object, its bytecode or its machine code.</summary>
internal static class DumpCommand
{
    public static Command Define(ProcessStreams streams)
    {
        Option<bool> bytecode = new("--bytecode") { Description = "Show the engine's bytecode" };
        Option<bool> assembly = new("--asm") { Description = "Show the baseline tier's machine code" };
        Option<bool> instructions = new("--instructions") { Description = "eBPF: show the object's own instructions, with source lines" };
        Option<string> function = new("--function")
        {
            HelpName = "FUNCTION",
            Description = "Only this one: an index or a name; eBPF: a program, PROGRAM/SUBPROGRAM by name or number, or a subprogram's name; alone, shows its bytecode",
        };
        Option<bool> sandbox = new("--sandbox") { Description = "eBPF: bytecode or machine code as it runs unverified, with all accesses checked" };
        Option<string> type = new("--type") { HelpName = "TYPE", Description = EbpfObjectFile.TypeHelp };
        Option<string> types = new("--types") { HelpName = "FILE", Description = EbpfObjectFile.TypesHelp };
        Argument<string> file = new("FILE") { Description = "A module (.wasm or .wat) or an eBPF object" };
        var command = new Command("dump", "Show what a module or an eBPF object holds, or its code") { bytecode, assembly, instructions, function, sandbox, type, types, file };
        command.SetAction(result =>
        {
            var options = new DumpOptions
            {
                File = result.GetValue(file)!,
                Bytecode = result.GetValue(bytecode),
                Assembly = result.GetValue(assembly),
                Instructions = result.GetValue(instructions),
                Sandbox = result.GetValue(sandbox),
                Function = result.GetValue(function),
                Type = result.GetValue(type),
                Types = result.GetValue(types),
            };
            if (options.Bytecode && options.Assembly) throw new UsageException("--bytecode and --asm exclude each other");
            if (options.Instructions && (options.Bytecode || options.Assembly)) throw new UsageException("--instructions excludes --bytecode and --asm");
            if (EbpfObjectFile.IsOne(options.File)) ObjectDump.Print(options, streams);
            else ModuleDump.Print(options, streams);
            return ExitCode.Success;
        });
        return command;
    }
}
