// An eBPF program's own instructions as text: what the C-like disassembler prints, which assembles to the same again, and behind a
// semicolon what it leaves out, such as names of maps and targets of jumps. Labels and source lines stand between.

using System.Globalization;
using Anneal.Ebpf;
using Anneal.Ebpf.Assembly;
using Anneal.Ebpf.Helpers;

namespace Anneal.Cli.Dumps;

/// <summary>Prints the instructions of programs.</summary>
internal static class InstructionDump
{
    /// <summary>Prints a subprogram.</summary>
    public static void Print(EbpfProgram program, int subprogram, TextWriter text)
    {
        Subprogram own = program.Subprograms[subprogram];
        ReadOnlySpan<Instruction> code = program.Instructions;
        text.WriteLine($"{own.Name}:");
        SourceLine? last = null;
        for (int slot = own.Start; slot < own.End; slot += code[slot].Slots)
        {
            SourceLine? source = program.Lines.At(slot);
            // Its columns change all the time.
            if (source is not null && (source.File, source.Line) != (last?.File, last?.Line))
                text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"; {source.File}:{source.Line}{(source.Text.Length == 0 ? "" : ": ")}{source.Text.Trim()}"));
            last = source;
            string line = CSyntaxDisassembler.Line(code, slot), note = Note(program, slot);
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{slot,6}: {(note.Length == 0 ? line : $"{line,-40} ; {note}")}"));
        }
    }

    /// <summary>One instruction, with what it refers to.</summary>
    public static string Line(EbpfProgram program, int slot)
    {
        string line = CSyntaxDisassembler.Line(program.Instructions, slot);
        string note = Note(program, slot);
        return note.Length == 0 ? line : $"{line} ; {note}";
    }

    private static string Note(EbpfProgram program, int slot)
    {
        Instruction i = program.Instructions[slot];
        if (i.IsConditionalJump || i.IsUnconditionalJump) return string.Create(CultureInfo.InvariantCulture, $"to {program.JumpTarget(slot)}");
        if (i.IsLocalCall || (i.IsWideImmediate && (PseudoSource)i.Source == PseudoSource.Function))
            return program.Subprograms[program.SubprogramAt(program.CallTarget(slot))].Name;
        if (program.Unresolved.TryGetValue(slot, out string? missing)) return missing;
        if (i.IsHelperCall) return HelperNames.Find(i.Immediate) ?? "";
        return i.IsWideImmediate && (PseudoSource)i.Source is PseudoSource.Map or PseudoSource.MapValue ? program.Maps[i.Immediate].Name : "";
    }
}
