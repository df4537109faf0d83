// The whole grammar, in System.CommandLine. Its tree holds only the command that is named, because building and walking the
// others is time at every start; help and mistakes get the whole tree.
//
// What follows the FILE of `run` is the guest's, also where it looks like an option of ours. System.CommandLine has no such
// rule, but takes everything behind "--" as arguments: so one is put before FILE.

using System.CommandLine;
using System.CommandLine.Help;
using Anneal.Cli.Commands;

namespace Anneal.Cli;

/// <summary>The command line in all its forms.</summary>
internal static class Grammar
{
    /// <summary>Parses the words and does what they say.</summary>
    /// <exception cref="UsageException">They don't fit the grammar.</exception>
    public static int Run(string[] arguments, ProcessStreams streams)
    {
        RootCommand root = Tree(arguments[0], streams);
        if (root.Subcommands.Count != 1 && !arguments[0].StartsWith('-')) throw new UsageException($"there's no command \"{arguments[0]}\"");
        Command command = root.Subcommands.Count == 1 ? root.Subcommands[0] : root;
        ParseResult result = root.Parse(
            SeparateArguments(command, arguments),
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

    // Refuses options that the command doesn't have, which System.CommandLine would take for arguments; for `run`, puts "--" before
    // the first word that is neither an option nor an option's value.
    private static IReadOnlyList<string> SeparateArguments(Command command, string[] arguments)
    {
        for (int i = command is RootCommand ? 0 : 1; i < arguments.Length; i++)
        {
            string word = arguments[i];
            if (word == "--") break;
            if (!word.StartsWith('-') || word == "-")
            {
                if (command.Name == "run") return [.. arguments[..i], "--", .. arguments[i..]];
                continue;
            }

            int equals = word.IndexOf('=');
            string name = equals < 0 ? word : word[..equals];
            if (name is "--help" or "-h" or "-?" || (name == "--version" && command is RootCommand)) continue;
            Option option = FindOption(command, name) ?? throw new UsageException($"{(command is RootCommand ? "anneal" : command.Name)} has no option \"{name}\"");
            if (equals < 0 && option.ValueType != typeof(bool)) i++;
        }

        return arguments;
    }

    private static Option? FindOption(Command command, string name)
    {
        foreach (Option option in command.Options)
        {
            if (option.Name == name) return option;
        }

        return null;
    }

    private static RootCommand Tree(string first, ProcessStreams streams)
    {
        var root = new RootCommand("Runs WebAssembly and eBPF programs: an execution engine for .NET that writes its own machine code.");
        bool all = first is not ("run" or "wast" or "validate" or "dump" or "verify" or "bpf-plugin");
        if (all || first == "run") root.Subcommands.Add(RunCommand.Define(streams));
        if (all || first == "wast") root.Subcommands.Add(WastCommand.Define(streams));
        if (all || first == "validate") root.Subcommands.Add(ValidateCommand.Define(streams));
        if (all || first == "dump") root.Subcommands.Add(DumpCommand.Define(streams));
        if (all || first == "verify") root.Subcommands.Add(VerifyCommand.Define(streams));
        if (all || first == "bpf-plugin") root.Subcommands.Add(PluginCommand.Define(streams));
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction standard }) option.Action = new Examples(standard);
        }

        return root;
    }
}
