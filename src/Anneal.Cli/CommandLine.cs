// From words to a command. The tree of System.CommandLine holds only the command that is named, because building and walking
// the others is time at every start; help and mistakes get the whole tree.
//
// What follows the FILE of `run` is the guest's, also where it looks like an option of ours. System.CommandLine has no such
// rule, but takes everything behind "--" as arguments: so one is put before FILE.

using System.CommandLine;
using System.CommandLine.Help;
using Anneal.Cli.Commands;

namespace Anneal.Cli;

/// <summary>Parses the command line and runs the command.</summary>
internal static class CommandLine
{
    /// <summary>Runs the tool.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(string[] arguments, ProcessStreams streams)
    {
        try
        {
            if (arguments.Length == 0) throw new UsageException("what shall it do?");
            return Parsed(arguments, streams);
        }
        catch (UsageException exception)
        {
            streams.Error.WriteLine($"anneal: {exception.Message}");
            streams.Error.WriteLine("Try \"anneal --help\".");
            return ExitCode.Usage;
        }
        catch (CommandFailedException exception)
        {
            streams.Error.WriteLine(exception.Message);
            return ExitCode.Failure;
        }
#pragma warning disable CA1031 // The last resort of the process: whatever it is, it is reported as a bug.
        catch (Exception exception)
        {
            streams.Error.WriteLine($"anneal: internal error: {exception}");
            return ExitCode.Internal;
        }
#pragma warning restore CA1031
    }

    private static int Parsed(string[] arguments, ProcessStreams streams)
    {
        RootCommand root = Tree(arguments[0], streams);
        ParseResult result = root.Parse(
            arguments[0] == "run" ? RunCommand.SeparateGuestArguments(arguments) : arguments,
            new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (result.Errors.Count != 0 && result.Action is not Examples) throw new UsageException(result.Errors[0].Message);
        return result.Invoke(new InvocationConfiguration
        {
            Output = streams.Output,
            Error = streams.Error,
            EnableDefaultExceptionHandler = false,
            // Signals end the process as they would end any other.
            ProcessTerminationTimeout = null,
        });
    }

    private static RootCommand Tree(string first, ProcessStreams streams)
    {
        var root = new RootCommand("Runs WebAssembly programs: an execution engine for .NET that writes its own machine code.");
        bool all = first is not ("run" or "wast" or "validate" or "dump");
        if (all || first == "run") root.Subcommands.Add(RunCommand.Define(streams));
        if (all || first == "wast") root.Subcommands.Add(WastCommand.Define(streams));
        if (all || first == "validate") root.Subcommands.Add(ValidateCommand.Define(streams));
        if (all || first == "dump") root.Subcommands.Add(DumpCommand.Define(streams));
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction standard }) option.Action = new Examples(standard);
        }

        return root;
    }
}
