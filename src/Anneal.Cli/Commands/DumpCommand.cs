namespace Anneal.Cli.Commands;
internal static class DumpCommand
{
    public static System.CommandLine.Command Define(ProcessStreams streams) => new("dump", "Show what a module holds");
}
