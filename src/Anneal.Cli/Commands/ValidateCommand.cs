using System.CommandLine;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal validate</c>: decodes and validates; silent where all is well.</summary>
internal static class ValidateCommand
{
    public static Command Define(ProcessStreams streams)
    {
        Argument<string[]> files = new("FILE") { Description = "Modules: .wasm or .wat", Arity = ArgumentArity.OneOrMore };
        var command = new Command("validate", "Check that files are valid modules") { files };
        command.SetAction(result => Run(result.GetValue(files)!, streams));
        return command;
    }

    private static int Run(string[] files, ProcessStreams streams)
    {
        // Nothing runs, so no machine code is needed.
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        int code = ExitCode.Success;
        foreach (string file in files)
        {
            try
            {
                if (EbpfObjectFile.IsOne(file)) throw new CommandFailedException($"{file}: an eBPF object; anneal verify checks those");
                ModuleFile.Read(engine, file).Dispose();
            }
            catch (CommandFailedException exception)
            {
                streams.Error.WriteLine(exception.Message);
                code = ExitCode.Failure;
            }
        }

        return code;
    }
}
