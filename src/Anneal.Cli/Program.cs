// The process's entry. What happens here happens at every start, so it is little: see CommandLine.

namespace Anneal.Cli;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        using var streams = new ProcessStreams();
        return CommandLine.Run(arguments, streams);
    }
}
