using System.CommandLine;
using Anneal.Wasm.Text;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal wast</c>: runs conformance scripts and counts their assertions.</summary>
internal static class WastCommand
{
    public static Command Define(ProcessStreams streams)
    {
        Option<string> tier = new("--tier") { HelpName = "TIER", Description = $"How to run them: {Tiers.Names}. Default: auto" };
        Argument<string[]> files = new("FILE") { Description = "Scripts: .wast", Arity = ArgumentArity.OneOrMore };
        var command = new Command("wast", "Run WebAssembly conformance scripts; the last line counts their assertions") { tier, files };
        command.SetAction(result => Run(result.GetValue(files)!, Tiers.Parse(result.GetValue(tier)), streams));
        return command;
    }

    private static int Run(string[] files, Tier tier, ProcessStreams streams)
    {
        var total = new WastSummary();
        bool unreadable = false;
        using Engine engine = Tiers.CreateEngine(tier, streams);
        foreach (string file in files)
        {
            try
            {
                total.Add(new WastRunner(engine).Run(WastScript.Parse(File.ReadAllBytes(file), file), streams.Error));
            }
            catch (Exception exception) when (ModuleFile.Explain(exception, file) is { } message)
            {
                streams.Error.WriteLine(message);
                unreadable = true;
            }
        }

        foreach ((string feature, int count) in total.SkippedByFeature) streams.Output.WriteLine($"skipped for {feature}: {count}");
        streams.Output.WriteLine(total.ToString());
        return total.Failed == 0 && !unreadable ? ExitCode.Success : ExitCode.Failure;
    }
}
