using System.CommandLine;

namespace Anneal.Cli.Commands;

/// <summary>The grammar of <c>anneal run</c>; <see cref="GuestProgram"/> does it.</summary>
internal static class RunCommand
{
    public static Command Define(ProcessStreams streams)
    {
        Option<string> tier = new("--tier") { HelpName = "TIER", Description = $"How to run it: {Tiers.Names}. Default: auto" };
        Option<string> invoke = new("--invoke") { HelpName = "FUNCTION", Description = "Call this export with ARGS and print its results, a line each" };
        Option<string[]> directories = new("--dir") { HelpName = "HOST[::GUEST]", Description = "A folder that the program may use, and its name there", Arity = ArgumentArity.OneOrMore };
        Option<string[]> environment = new("--env") { HelpName = "NAME[=VALUE]", Description = "An environment variable; without a value, the one of this process", Arity = ArgumentArity.OneOrMore };
        Option<string> unknownImports = new("--unknown-imports") { HelpName = "trap", Description = "Let function imports that nothing defines trap when they are called" };
        Option<string> maxMemory = new("--max-memory") { HelpName = "BYTES", Description = "The most memory it may have; K, M, G stand for KiB, MiB, GiB" };
        Option<string> timeout = new("--timeout") { HelpName = "SECONDS", Description = "Stop it after that long; ms, s, m, h may follow the number" };
        Option<string> fuel = new("--fuel") { HelpName = "UNITS", Description = "Stop it when that much fuel is used up; about a unit an instruction, the same on each run" };
        Option<bool> stats = new("--stats") { Description = "Say on standard error, at the end, what the tiers have done" };
        Option<string> program = new("--program") { HelpName = "NAME", Description = "eBPF: only this program of the object" };
        Option<string> type = new("--type") { HelpName = "TYPE", Description = EbpfObjectFile.TypeHelp };
        Option<string> types = new("--types") { HelpName = "FILE", Description = EbpfObjectFile.TypesHelp };
        Option<string[]> packets = new("--packet") { HelpName = "FILE|HEX", Description = "eBPF: packets, as a pcap or pcapng file or one in hexadecimal digits; without this option, one empty packet", Arity = ArgumentArity.OneOrMore };
        Option<string> repeat = new("--repeat") { HelpName = "N", Description = "eBPF: run over all packets N times, and say how long a run takes" };
        Option<string[]> maps = new("--map") { HelpName = "NAME[=KEY:VALUE,...]", Description = "eBPF: put entries into a map before the first run; without any, print the map after the last", Arity = ArgumentArity.OneOrMore };
        Option<string> output = new("--write") { HelpName = "FILE", Description = "eBPF: write the packets that aren't dropped, as the program left them, to this pcap file" };
        Option<bool> sandbox = new("--sandbox") { Description = "eBPF: run it unverified, with all accesses checked" };
        Argument<string> file = new("FILE") { Description = "The program: .wasm, .wat or an eBPF object" };
        Argument<string[]> arguments = new("ARGS") { Description = "Its arguments; everything after FILE is the program's", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("run", "Run a program")
        {
            tier, invoke, directories, environment, unknownImports, maxMemory, timeout, fuel, stats,
            program, type, types, packets, repeat, maps, output, sandbox, file, arguments,
        };
        command.SetAction(result =>
        {
            var words = new RunWords
            {
                File = result.GetValue(file)!,
                Arguments = result.GetValue(arguments) ?? [],
                Tier = result.GetValue(tier),
                Invoke = result.GetValue(invoke),
                UnknownImports = result.GetValue(unknownImports),
                MaxMemory = result.GetValue(maxMemory),
                Timeout = result.GetValue(timeout),
                Fuel = result.GetValue(fuel),
                Statistics = result.GetValue(stats),
                Program = result.GetValue(program),
                Type = result.GetValue(type),
                Types = result.GetValue(types),
                Repeat = result.GetValue(repeat),
                Output = result.GetValue(output),
                Sandbox = result.GetValue(sandbox),
            };
            words.Directories.AddRange(result.GetValue(directories) ?? []);
            words.Environment.AddRange(result.GetValue(environment) ?? []);
            words.Packets.AddRange(result.GetValue(packets) ?? []);
            words.Maps.AddRange(result.GetValue(maps) ?? []);
            return GuestProgram.Run(words, streams);
        });
        return command;
    }
}
