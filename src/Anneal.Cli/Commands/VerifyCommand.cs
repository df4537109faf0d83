using System.Collections.Immutable;
using System.CommandLine;
using Anneal.Ebpf;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal verify</c>: verifies the programs of eBPF objects and prints the log.</summary>
internal static class VerifyCommand
{
    public static Command Define(ProcessStreams streams)
    {
        Option<string> program = new("--program") { HelpName = "NAME", Description = "Only this program" };
        Option<string> type = new("--type") { HelpName = "TYPE", Description = EbpfObjectFile.TypeHelp };
        Option<string> types = new("--types") { HelpName = "FILE", Description = EbpfObjectFile.TypesHelp };
        Option<bool> quiet = new("--quiet") { Description = "No log of what is accepted" };
        Argument<string[]> files = new("FILE") { Description = "eBPF objects", Arity = ArgumentArity.OneOrMore };
        var command = new Command("verify", "Verify eBPF programs, with the log") { program, type, types, quiet, files };
        command.SetAction(result => Run(result.GetValue(files)!, result.GetValue(program), result.GetValue(type), result.GetValue(types), result.GetValue(quiet), streams));
        return command;
    }

    private static int Run(string[] files, string? program, string? type, string? types, bool quiet, ProcessStreams streams)
    {
        // Nothing runs, so no machine code is needed.
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Verifier = VerifierOptions.Default with { LogSteps = !quiet } });
        int code = ExitCode.Success;
        foreach (string path in files)
        {
            try
            {
                if (!Verify(runtime, path, program, type, types, typeMatters: files.Length == 1, streams)) code = ExitCode.Failure;
            }
            catch (CommandFailedException exception)
            {
                streams.Error.WriteLine(exception.Message);
                code = ExitCode.Failure;
            }
        }

        return code;
    }

    private static bool Verify(EbpfRuntime runtime, string path, string? name, string? type, string? types, bool typeMatters, ProcessStreams streams)
    {
        ObjectFile file = EbpfObjectFile.Read(path, type, types, typeMatters);
        bool accepted = true;
        try
        {
            ImmutableArray<EbpfMap> maps = [.. file.Maps.Select(runtime.CreateMap)];
            foreach (EbpfProgram program in EbpfObjectFile.Select(file, path, name))
            {
                try
                {
                    LoadedProgram loaded = runtime.Load(program, maps);
                    streams.Output.WriteLine($"{path}: {program.Name} ({program.Type.Name}): accepted");
                    streams.Output.Write(loaded.VerifierLog);
                }
                catch (VerifierException refused)
                {
                    streams.Output.WriteLine($"{path}: {program.Name} ({program.Type.Name}): refused: {refused.Message}");
                    streams.Output.Write(refused.Log);
                    accepted = false;
                }
            }
        }
        catch (Exception exception) when (EbpfObjectFile.Explain(exception, path) is { } message)
        {
            throw new CommandFailedException(message);
        }

        return accepted;
    }
}
