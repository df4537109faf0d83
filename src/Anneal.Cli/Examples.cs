using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Anneal.Cli;

/// <summary>Help as System.CommandLine makes it, corrected where it can't know better, followed by examples.</summary>
internal sealed class Examples(HelpAction help) : SynchronousCommandLineAction
{
    private const string Run = """
        Examples:
          anneal run hello.wasm                              run a WASI program
          anneal run --dir . cat.wasm notes.txt              let it see the current folder
          anneal run --dir ./data::/data tool.wasm --fast    what follows the file is the program's
          anneal run --invoke gcd math.wat 48 -18            call a function, print its results
          anneal run filter.o --packet in.pcap --write out.pcap  filter a capture with an eBPF program
        """;

    private const string Others = """
          anneal wast i32.wast                               run a conformance script
          anneal validate *.wasm                             check modules
          anneal verify filter.o                             verify eBPF programs, with the log
          anneal dump lib.wasm                               what a module imports, exports and holds
          anneal dump --asm --function gcd math.wat          the machine code of a function
          anneal dump --instructions filter.o                an eBPF object's programs, with source lines
        """;

    private const string ExitCodes = """
        Exit codes:
          the program's own; 134 after a trap, 124 after --timeout, 125 when --fuel is used up, 1 for a file
          that can't be read or isn't a module that can run, or a program that the verifier refuses, 2 for a wrong command line
        """;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter { NewLine = "\n" };
        parseResult.InvocationConfiguration.Output = text;
        int result = help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        // The tool is started by its launcher's name, and its options end where the file begins.
        output.Write(text.ToString()
            .Replace(RootCommand.ExecutableName, "anneal", StringComparison.Ordinal)
            .Replace("run <FILE> [<ARGS>...] [options]", "run [options] <FILE> [<ARGS>...]", StringComparison.Ordinal));
        string command = parseResult.CommandResult.Command.Name;
        bool root = parseResult.CommandResult.Command is RootCommand;
        if (root || command == "run") output.WriteLine(Run);
        if (root) output.WriteLine(Others);
        if (root || command == "run") output.WriteLine($"\n{ExitCodes}");
        return result;
    }
}
