using System.Globalization;
using Anneal.Bytecode;
using Anneal.Ebpf;
using Anneal.Ebpf.Lowering;
using Anneal.Ebpf.Verification;
using Anneal.Runtime;

namespace Anneal.Cli.Dumps;

/// <summary>The code of an eBPF program, verified or sandboxed. Nothing that it needs to run is made: no maps, no instance.</summary>
internal sealed class ProgramUnit : DumpedUnit
{
    private const string PlaceLine = "at 0x";
    private readonly EbpfProgram program;
    private readonly ProgramCode code;
    private readonly StandInMaps maps;

    /// <summary>Lowers a program.</summary>
    /// <exception cref="VerifierException">It was to be verified and is refused.</exception>
    /// <exception cref="InvalidEbpfProgramException">It calls what isn't there.</exception>
    public ProgramUnit(EbpfProgram program, HelperTable helpers, bool sandboxed)
    {
        this.program = program;
        VerifiedFacts? facts = sandboxed ? null : new Verifier().Verify(program, helpers);
        maps = new StandInMaps(program, sandboxed);
        code = new ProgramCode(program, CallBindings.Find(program, helpers, facts), facts, maps, chargesFuel: false);
    }

    public override CodeUnit Code => code;

    /// <summary>The function number of a subprogram.</summary>
    public int FunctionOf(int subprogram) => code.FunctionOf(subprogram);

    public override string NameOf(int function)
    {
        int subprogram = function - code.Calls.Count;
        if (subprogram >= 0) return SubprogramNames.Of(program, subprogram);
        if (function >= code.Calls.Imports.Count) return "helper of a register's number";
        CallBinding call = code.Calls.Imports[function];
        string map = call.Map < 0 ? "" : $" of map {program.Maps[call.Map].Name}";
        return string.Create(CultureInfo.InvariantCulture, $"helper {call.Helper.Id} ({call.Helper.Name}){map}");
    }

    public override string HeadingOf(int function)
    {
        Subprogram own = program.Subprograms[function - code.Calls.Count];
        return string.Create(CultureInfo.InvariantCulture, $"{NameOf(function)}: f{function}, slots {own.Start} to {own.End - 1}");
    }

    public override string Place(int guestOffset) => string.Create(CultureInfo.InvariantCulture, $"instruction {guestOffset}");

    /// <summary>Prints what the numbers in the code stand for.</summary>
    public void PrintLegend(TextWriter text)
    {
        maps.PrintLegend(text);
        for (int i = 0; i < code.Calls.Count; i++) text.WriteLine($"; f{i} stands for {NameOf(i)}");
    }

    // The places of the text form are offsets of any guest's: what an instruction looks like there is put behind them.
    public override void PrintBytecode(int function, TextWriter text)
    {
        foreach (string line in BytecodeText.Print(code.BodyOf(function)).TrimEnd('\n').Split('\n'))
        {
            bool isPlace = int.TryParse(line.StartsWith(PlaceLine, StringComparison.Ordinal) ? line.AsSpan(PlaceLine.Length) : [], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int slot);
            text.WriteLine(isPlace && (uint)slot < (uint)program.Instructions.Length ? $"{line,-12} ; {Place(slot)}: {InstructionDump.Line(program, slot)}" : line);
        }
    }
}
