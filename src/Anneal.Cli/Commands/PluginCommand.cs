using System.CommandLine;
using Anneal.Cli.Packets;
using Anneal.Ebpf;

namespace Anneal.Cli.Commands;

/// <summary>
/// <c>anneal bpf-plugin</c>: the plugin protocol of the public conformance runner (bpf_conformance). The input memory is the first
/// argument, in hexadecimal digits; the program comes on standard input, its instructions in hexadecimal digits too; r0 goes to
/// standard output. The vectors' programs are for plain memory, so they run sandboxed.
/// </summary>
internal static class PluginCommand
{
    // The helper that some vectors call.
    private const int Unwind = 5;

    // Digits, with space between all bytes, of the longest program.
    private const int MaxInput = EbpfProgram.MaxSlots * Instruction.Bytes * 3;

    public static Command Define(ProcessStreams streams)
    {
        Option<string> tier = new("--tier") { HelpName = "TIER", Description = $"How to run it: {Tiers.Names}. Default: auto" };
        Option<string> program = new("--program") { HelpName = "HEX", Description = "The program's instructions, in place of standard input" };
        Argument<string> memory = new("MEMORY") { Description = "The input memory in hexadecimal digits", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("bpf-plugin", "Run one eBPF program as the conformance runner wants it: digits in, r0 out") { tier, program, memory };
        command.SetAction(result => Run(result.GetValue(memory) ?? "", result.GetValue(program), Tiers.Parse(result.GetValue(tier)), streams));
        return command;
    }

    private static int Run(string memory, string? program, Tier tier, ProcessStreams streams)
    {
        if (!Hexadecimal.TryParse(memory, out byte[] input)) throw new UsageException("the memory isn't in hexadecimal digits");
        if (!Hexadecimal.TryParse(program ?? ReadInput(), out byte[] code)) throw new UsageException("the program isn't in hexadecimal digits");
        using Engine engine = Tiers.CreateEngine(tier, streams);
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, Helpers = [UnwindHelper()] });
        try
        {
            ulong result = runtime.Load(EbpfProgram.FromBytes("program", ProgramTypes.Memory, code)).Run(input);
            streams.Output.WriteLine($"{result:x}");
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is InvalidEbpfProgramException or TrapException or EbpfFaultException)
        {
            streams.Error.WriteLine(exception.Message);
            return exception is InvalidEbpfProgramException ? ExitCode.Failure : ExitCode.Trapped;
        }
    }

    private static HostHelper UnwindHelper() => new(
        new HelperPrototype { Id = Unwind, Name = "unwind", Arguments = [ArgumentType.Anything], Returns = ReturnType.Scalar },
        call => call[0]);

    private static string ReadInput()
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        var text = new System.Text.StringBuilder();
        char[] part = new char[4096];
        for (int count = input.Read(part); count > 0; count = input.Read(part))
        {
            if (text.Length + count > MaxInput) throw new CommandFailedException($"the program on standard input is longer than {EbpfProgram.MaxSlots} instructions");
            text.Append(part, 0, count);
        }

        return text.ToString();
    }
}
