using System.CommandLine;
using Anneal.Cli.Packets;
using Anneal.Ebpf;

namespace Anneal.Cli.Commands;

/// <summary>
/// <c>anneal bpf-plugin</c>: the plugin protocol of the public conformance runner (bpf_conformance). The input memory is the first
/// argument, in hexadecimal digits; the program comes on standard input, its instructions in hexadecimal digits too, or an object
/// that holds it; r0 goes to standard output. The vectors' programs are for plain memory, so they run sandboxed.
/// </summary>
internal static class PluginCommand
{
    // The helper that some vectors call.
    private const int Unwind = 5;

    // Two digits and, from the runner, two spaces for each byte of the longest program; an object may have as much besides.
    private const int MaxInput = EbpfProgram.MaxSlots * Instruction.Bytes * 4 * 2;

    private static ReadOnlySpan<byte> ElfMagic => "\u007FELF"u8;

    public static Command Define(ProcessStreams streams)
    {
        Option<string> tier = new("--tier") { HelpName = "TIER", Description = $"How to run it: {Tiers.Names}. Default: auto" };
        Option<string> program = new("--program") { HelpName = "HEX", Description = "The program, in place of standard input" };
        Option<bool> elf = new("--elf") { Description = "The program is an ELF object: of its programs the first one that isn't only called" };
        Option<bool> debug = new("--debug") { Description = "Say on standard error what is run" };
        Argument<string[]> memory = new("MEMORY") { Description = "The input memory in hexadecimal digits", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("bpf-plugin", "Run one eBPF program as the conformance runner wants it: digits in, r0 out") { tier, program, elf, debug, memory };
        command.SetAction(result =>
        {
            // The runner may pass its options as one word, which is empty where it has none.
            string[] words = [.. (result.GetValue(memory) ?? []).Where(word => word.Length != 0)];
            if (words.Length > 1) throw new UsageException($"one input memory, not \"{words[0]}\" and \"{words[1]}\": digits with spaces between are one word in quotes");
            if (!Hexadecimal.TryParse(words.Length == 0 ? "" : words[0], out byte[] input)) throw new UsageException("the memory isn't in hexadecimal digits");
            byte[] code = ReadProgram(result.GetValue(program), result.GetValue(elf), streams);
            return Run(input, code, result.GetValue(elf), Tiers.Parse(result.GetValue(tier)), result.GetValue(debug), streams);
        });
        return command;
    }

    private static int Run(byte[] memory, byte[] code, bool isObject, Tier tier, bool debug, ProcessStreams streams)
    {
        using Engine engine = Tiers.CreateEngine(tier, streams);
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, Helpers = [UnwindHelper()] });
        try
        {
            LoadedProgram program = isObject ? LoadObject(runtime, code) : runtime.Load(EbpfProgram.FromBytes("program", ProgramTypes.Memory, code));
            if (debug) streams.Error.WriteLine($"{program.Name} ({program.Type.Name}): {program.Program.Instructions.Length} slots, {memory.Length} bytes of memory, tier {engine.Tier.ToString().ToLowerInvariant()}");
            ulong result = program.Run(memory);
            streams.Output.WriteLine($"{result:x}");
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is InvalidEbpfProgramException or ObjectFormatException or InvalidMapException)
        {
            streams.Error.WriteLine(exception.Message);
            return ExitCode.Failure;
        }
        catch (Exception exception) when (exception is TrapException or EbpfFaultException)
        {
            streams.Error.WriteLine(exception.Message);
            return ExitCode.Trapped;
        }
    }

    private static LoadedProgram LoadObject(EbpfRuntime runtime, byte[] bytes)
    {
        ObjectFile file = ObjectFile.Parse(bytes, ProgramTypes.Memory);
        if (file.Programs.IsEmpty) throw new ObjectFormatException("symbols", -1, "the object has no program");
        EbpfProgram first = file.Programs[0];
        bool calls = file.InitialValues.Any(value => value.Program.Length != 0);
        EbpfObject loaded = EbpfObject.Load(runtime, file, wanted: calls ? null : program => program == first);
        return loaded.Programs[0];
    }

    private static HostHelper UnwindHelper() => new(
        new HelperPrototype { Id = Unwind, Name = "unwind", Arguments = [ArgumentType.Anything], Returns = ReturnType.Scalar },
        call => call[0]);

    private static byte[] ReadProgram(string? digits, bool isObject, ProcessStreams streams)
    {
        byte[] bytes;
        if (digits is null)
        {
            byte[] input = ReadInput(streams.Input);
            // The protocol's text has objects as they are; its runner sends digits.
            if (isObject && input.AsSpan().StartsWith(ElfMagic)) return input;
            digits = System.Text.Encoding.Latin1.GetString(input);
        }

        if (!Hexadecimal.TryParse(digits, out bytes)) throw new UsageException("the program isn't in hexadecimal digits");
        return bytes.Length == 0 ? throw new UsageException("there's no program: it comes on standard input, or with --program") : bytes;
    }

    private static byte[] ReadInput(Stream input)
    {
        var bytes = new MemoryStream();
        byte[] part = new byte[4096];
        for (int count = input.Read(part); count > 0; count = input.Read(part))
        {
            if (bytes.Length + count > MaxInput) throw new CommandFailedException($"the program on standard input is longer than {EbpfProgram.MaxSlots} instructions could be");
            bytes.Write(part, 0, count);
        }

        return bytes.ToArray();
    }
}
