namespace Anneal.Cli.Commands;
internal static class WastCommand
{
    public static System.CommandLine.Command Define(ProcessStreams streams) => new("wast", "Run conformance scripts");
}
