// Machine code as text: the code that the baseline tier puts into the code space, read back through Iced. Calls are shown by
// the name of what they lead to; a line that can trap, or that a call returns to, says so with its place in the bytecode and in
// the guest's code. Knows no guest: what it needs of one is a DumpedUnit.
//
// Literals and jump tables stand behind the code. Where they begin isn't recorded; it is the lowest address that an
// instruction before it refers to.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Templates;
using Iced.Intel;

namespace Anneal.Cli.Dumps;

/// <summary>Compiles functions of one unit and prints their machine code.</summary>
internal sealed unsafe class AssemblyDump
{
    private readonly DumpedUnit dumped;
    private readonly UnitCode unit;
    private readonly NasmFormatter formatter;
    private readonly CodeSymbols symbols;

    public AssemblyDump(DumpedUnit dumped, EmittedTier tier)
    {
        this.dumped = dumped;
        unit = tier.CodeOf(dumped.Code);
        symbols = new CodeSymbols(tier.Machine.Stubs);
        InstanceCounts counts = dumped.Code.Layout.Counts;
        for (int i = counts.ImportedFunctions; i < counts.Functions; i++) symbols.Add(unit.EntryOf(i), dumped.NameOf(i));
        formatter = new NasmFormatter(symbols);
        formatter.Options.HexPrefix = "0x";
        formatter.Options.HexSuffix = null;
        formatter.Options.ShowBranchSize = false;
        formatter.Options.BranchLeadingZeros = false;
        formatter.Options.UppercaseHex = false;
        formatter.Options.FirstOperandCharIndex = 8;
        formatter.Options.SpaceAfterOperandSeparator = true;
    }

    /// <summary>Compiles one of the unit's own functions and prints it.</summary>
    /// <exception cref="CommandFailedException">It's more code than there may be.</exception>
    public void Print(int function, TextWriter text)
    {
        CompiledFunction compiled = unit.TryCompile(dumped.Code, function)
            ?? throw new CommandFailedException($"{dumped.NameOf(function)} would be more machine code than there can be");
        SourceMap sources = dumped.Code.BodyOf(function).Sources;
        var bytes = new ReadOnlySpan<byte>((void*)compiled.Start, compiled.Length).ToArray();
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes));
        symbols.Start = (ulong)compiled.Start;
        ulong end = (ulong)compiled.Length;
        ulong literals = end;
        var line = new StringOutput();
        text.WriteLine($"; {compiled.Length} bytes");
        while (decoder.IP < literals)
        {
            decoder.Decode(out Instruction instruction);
            if (instruction.IsIPRelativeMemoryOperand && instruction.IPRelativeMemoryAddress is var address && address > decoder.IP && address < literals)
                literals = address;
            formatter.Format(instruction, line);
            string note = Note(compiled, sources, instruction);
            text.WriteLine(note.Length == 0 ? $"{instruction.IP,6:x}  {line.ToStringAndReset()}" : $"{instruction.IP,6:x}  {line.ToStringAndReset(),-48} ; {note}");
        }

        for (ulong at = literals; at < end; at += 8)
        {
            int offset = (int)at;
            ReadOnlySpan<byte> rest = bytes.AsSpan(offset, Math.Min(8, bytes.Length - offset));
            text.WriteLine(rest.Length == 8 ? $"{offset,6:x}  dq      0x{BitConverter.ToUInt64(rest):x16}" : $"{offset,6:x}  db      {Convert.ToHexStringLower(rest)}");
        }
    }

    private string Note(CompiledFunction compiled, SourceMap sources, in Instruction instruction)
    {
        string note = "";
        if (compiled.TryFindSite(compiled.Start + (nint)instruction.IP, out ushort kind, out int pc) && kind is not ((ushort)SiteKind.Call or (ushort)SiteKind.Entry)) note = $"may trap ({Kind(kind)}), {Place(sources, pc)}";
        else if (instruction.FlowControl is FlowControl.Call or FlowControl.IndirectCall && compiled.TryFindSite(compiled.Start + (nint)instruction.NextIP, out _, out pc)) note = Place(sources, pc);
        return note;
    }

    private string Place(SourceMap sources, int pc) => $"pc {pc}, {dumped.Place(sources.GuestOffset(pc))}";

    private static string Kind(ushort site) => site >= (ushort)SiteKind.Divide32 ? "division" : ((TrapKind)site).ToString();
}
