// A program as loaded from an object, a byte stream or assembler text: well formed (ProgramChecker has seen it) but not yet
// verified. Immutable. The verifier, the lowering and the disassembler work on it.
//
// Well formed means, for all who read one: every opcode exists and its unused fields are zero, register numbers are 0..10,
// r10 is never written by an instruction that names it as a destination, jumps and local calls go to the first slot of an
// instruction, jumps stay inside their subprogram, each subprogram ends with an instruction that doesn't fall through, map
// indices exist. A 64-bit immediate's second slot is all zero but for its immediate.

using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Anneal.Ebpf;

/// <summary>A well-formed program, not yet verified.</summary>
public sealed class EbpfProgram
{
    /// <summary>The most slots that a program may have.</summary>
    public const int MaxSlots = 1_000_000;

    /// <summary>The helper number of calls that stand where a CO-RE relocation has no value.</summary>
    public const int UnresolvedCall = 0xBAD2310;

    private readonly Instruction[] instructions;
    private readonly bool[] heads;

    /// <summary>Makes a program from its parts and checks it.</summary>
    /// <param name="name">The program's name.</param>
    /// <param name="type">What kind of program it is.</param>
    /// <param name="instructions">Its slots: 64-bit immediates take two.</param>
    /// <param name="maps">The maps that instructions refer to by index.</param>
    /// <param name="section">The section it came from, or empty.</param>
    /// <param name="lines">The source lines, where known.</param>
    /// <param name="functionNames">Names of functions by their first slot, where known.</param>
    /// <param name="license">The license that the object declares, or empty.</param>
    /// <exception cref="InvalidEbpfProgramException">The program isn't well formed.</exception>
    public EbpfProgram(
        string name,
        ProgramType type,
        ReadOnlySpan<Instruction> instructions,
        ImmutableArray<MapDefinition> maps = default,
        string section = "",
        LineTable? lines = null,
        IReadOnlyDictionary<int, string>? functionNames = null,
        string license = "")
    {
        Name = name;
        Type = type;
        Section = section;
        License = license;
        Maps = maps.IsDefault ? [] : maps;
        Lines = lines ?? LineTable.Empty;
        this.instructions = instructions.ToArray();
        Subprograms = ProgramChecker.Check(name, this.instructions, Maps.Length, functionNames, out heads);
    }

    /// <summary>The program's name.</summary>
    public string Name { get; }

    /// <summary>What kind of program it is.</summary>
    public ProgramType Type { get; }

    /// <summary>The section it came from, or empty.</summary>
    public string Section { get; }

    /// <summary>The license that the object declares, or empty.</summary>
    public string License { get; }

    /// <summary>The slots.</summary>
    public ReadOnlySpan<Instruction> Instructions => instructions;

    /// <summary>The definitions of the maps that <see cref="PseudoSource.Map"/> and <see cref="PseudoSource.MapValue"/> refer to.</summary>
    public ImmutableArray<MapDefinition> Maps { get; }

    /// <summary>The functions by first slot; they cover all slots, and the first is the entry.</summary>
    public ImmutableArray<Subprogram> Subprograms { get; }

    /// <summary>Source lines of the instructions.</summary>
    public LineTable Lines { get; }

    /// <summary>Instructions that can't be run, by slot, and what is missing: calls of <see cref="UnresolvedCall"/>.</summary>
    public IReadOnlyDictionary<int, string> Unresolved { get; internal init; } = ImmutableDictionary<int, string>.Empty;

    /// <summary>Whether an instruction starts at this slot (it isn't the second half of a 64-bit immediate).</summary>
    public bool IsHead(int slot) => heads[slot];

    /// <summary>The 64-bit immediate whose first half is at <paramref name="slot"/>.</summary>
    public ulong WideImmediate(int slot) =>
        (uint)instructions[slot].Immediate | ((ulong)(uint)instructions[slot + 1].Immediate << 32);

    /// <summary>The slot that the jump at <paramref name="slot"/> goes to.</summary>
    public int JumpTarget(int slot) => slot + 1 + instructions[slot].JumpDistance;

    /// <summary>The first slot of the subprogram that the local call, or 64-bit function immediate, at <paramref name="slot"/> names.</summary>
    public int CallTarget(int slot) => slot + 1 + instructions[slot].Immediate;

    /// <summary>The index of the subprogram that holds a slot.</summary>
    public int SubprogramAt(int slot)
    {
        int low = 0, high = Subprograms.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (Subprograms[middle].Start <= slot) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    /// <summary>A program from its bytes, eight a slot.</summary>
    /// <exception cref="InvalidEbpfProgramException">The program isn't well formed.</exception>
    public static EbpfProgram FromBytes(string name, ProgramType type, ReadOnlySpan<byte> code)
    {
        if (code.Length % Instruction.Bytes != 0)
            throw new InvalidEbpfProgramException(name, -1, $"{code.Length} bytes aren't a whole number of instructions");
        return new EbpfProgram(name, type, MemoryMarshal.Cast<byte, Instruction>(code));
    }
}
