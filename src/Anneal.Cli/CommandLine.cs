// From words to a command: a plain `run` by RunWords, everything else by the Grammar. Whatever goes wrong ends here, as a message
// and an exit code.

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
            return arguments[0] == "run" && RunWords.TryRead(arguments) is { } words
                ? GuestProgram.Run(words, streams)
                : Grammar.Run(arguments, streams);
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
}
