// What the disassemblers share: how a program becomes lines. A line is made of one instruction, or of both halves of a 64-bit
// immediate.

using System.Globalization;
using System.Text;

namespace Anneal.Ebpf.Assembly;

/// <summary>The common part of the disassemblers.</summary>
internal static class InstructionWriter
{
    public delegate string LineWriter(Instruction instruction, Instruction second);

    /// <summary>All lines of a program.</summary>
    public static string Lines(ReadOnlySpan<Instruction> code, LineWriter write)
    {
        var text = new StringBuilder();
        for (int slot = 0; slot < code.Length; slot += code[slot].Slots) text.Append(Line(code, slot, write)).Append('\n');
        return text.ToString();
    }

    /// <summary>The line of the instruction at a slot.</summary>
    /// <exception cref="ArgumentException">It's no instruction.</exception>
    public static string Line(ReadOnlySpan<Instruction> code, int slot, LineWriter write)
    {
        Instruction i = code[slot];
        if (InstructionRules.Fault(i) is { } fault) throw new ArgumentException($"instruction {slot}: {fault}", nameof(code));
        if (i.IsWideImmediate && slot + 1 >= code.Length) throw new ArgumentException($"instruction {slot}: half a 64-bit immediate", nameof(code));
        return write(i, i.IsWideImmediate ? code[slot + 1] : default);
    }

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A distance with its sign.</summary>
    public static string Distance(int value) => value < 0 ? Text($"{value}") : Text($"+{value}");
}
