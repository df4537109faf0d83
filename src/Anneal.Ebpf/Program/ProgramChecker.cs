// What makes a program well formed (EbpfProgram says the rules). Both ways to run rely on it: it's the only check that a
// sandboxed program gets. Linear in the program's size.

using System.Collections.Immutable;
using System.Globalization;

namespace Anneal.Ebpf;

/// <summary>Checks a program's form and finds its subprograms.</summary>
internal static class ProgramChecker
{
    private const int FramePointer = 10;

    /// <summary>Checks all slots; gives back the subprograms and which slots start an instruction.</summary>
    public static ImmutableArray<Subprogram> Check(
        string name, Instruction[] code, int maps, IReadOnlyDictionary<int, string>? functionNames, out bool[] heads)
    {
        if (code.Length == 0) throw new InvalidEbpfProgramException(name, -1, "no instructions");
        if (code.Length > EbpfProgram.MaxSlots) throw new InvalidEbpfProgramException(name, -1, $"{code.Length} instructions are more than {EbpfProgram.MaxSlots}");
        heads = new bool[code.Length];
        var starts = new bool[code.Length];
        starts[0] = true;
        for (int slot = 0; slot < code.Length; slot++)
        {
            heads[slot] = true;
            if (InstructionRules.Fault(code[slot]) is { } fault) throw new InvalidEbpfProgramException(name, slot, fault);
            if (!code[slot].IsWideImmediate) continue;
            CheckWide(name, code, slot, maps);
            slot++;
        }

        for (int slot = 0; slot < code.Length; slot++)
        {
            if (!heads[slot]) continue;
            Instruction i = code[slot];
            bool function = i.IsWideImmediate && i.Source == (int)PseudoSource.Function;
            if (!i.IsLocalCall && !function) continue;
            long target = (long)slot + 1 + i.Immediate;
            if ((ulong)target >= (ulong)code.Length || !heads[target]) throw new InvalidEbpfProgramException(name, slot, $"call of slot {target}, where no instruction starts");
            starts[target] = true;
        }

        ImmutableArray<Subprogram> subprograms = Divide(starts, functionNames);
        foreach (Subprogram subprogram in subprograms) CheckFlow(name, code, heads, subprogram);
        return subprograms;
    }

    private static void CheckWide(string name, Instruction[] code, int slot, int maps)
    {
        if (slot + 1 >= code.Length) throw new InvalidEbpfProgramException(name, slot, "64-bit immediate cut off after its first half");
        Instruction second = code[slot + 1];
        if ((second.Bits & 0xFFFF_FFFF) != 0) throw new InvalidEbpfProgramException(name, slot + 1, "second half of a 64-bit immediate has more than an immediate");
        Instruction first = code[slot];
        switch ((PseudoSource)first.Source)
        {
            case PseudoSource.None:
                break;
            case PseudoSource.Map or PseudoSource.MapValue:
                if ((uint)first.Immediate >= (uint)maps) throw new InvalidEbpfProgramException(name, slot, $"map {first.Immediate} of {maps}");
                if ((PseudoSource)first.Source == PseudoSource.Map && second.Immediate != 0) throw new InvalidEbpfProgramException(name, slot, "map reference with an offset");
                break;
            case PseudoSource.Function:
                if (second.Immediate != 0) throw new InvalidEbpfProgramException(name, slot, "function reference with an offset");
                break;
            default:
                throw new InvalidEbpfProgramException(name, slot, $"64-bit immediate of kind {first.Source}, which there isn't");
        }
    }

    private static ImmutableArray<Subprogram> Divide(bool[] starts, IReadOnlyDictionary<int, string>? names)
    {
        var result = ImmutableArray.CreateBuilder<Subprogram>();
        for (int start = 0, end; start < starts.Length; start = end)
        {
            for (end = start + 1; end < starts.Length && !starts[end];) end++;
            result.Add(Make(start, end));
        }

        return result.ToImmutable();

        Subprogram Make(int start, int end) => new(
            names is not null && names.TryGetValue(start, out string? known) ? known : start == 0 ? "entry" : string.Create(CultureInfo.InvariantCulture, $"sub_{start}"), start, end);
    }

    private static void CheckFlow(string name, Instruction[] code, bool[] heads, Subprogram subprogram)
    {
        int last = subprogram.Start;
        for (int slot = subprogram.Start; slot < subprogram.End; slot++)
        {
            if (!heads[slot]) continue;
            last = slot;
            Instruction i = code[slot];
            if (!i.IsConditionalJump && !i.IsUnconditionalJump) continue;
            long target = (long)slot + 1 + i.JumpDistance;
            if (target < subprogram.Start || target >= subprogram.End)
                throw new InvalidEbpfProgramException(name, slot, $"jump to slot {target}, outside of the function's {subprogram.Start}..{subprogram.End - 1}");
            if (!heads[target]) throw new InvalidEbpfProgramException(name, slot, $"jump into the middle of a 64-bit immediate at slot {target - 1}");
        }

        if (!code[last].IsExit && !code[last].IsUnconditionalJump)
            throw new InvalidEbpfProgramException(name, last, "control falls out of the function's end");
    }

    /// <summary>Whether an instruction that has a destination register may have this one.</summary>
    public static bool IsWritable(int register) => register < FramePointer;
}
