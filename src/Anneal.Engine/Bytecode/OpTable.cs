// Read access to the derived tables. All of them are constant data in the assembly's image: nothing is built at start-up.

namespace Anneal.Bytecode;

/// <summary>What is known of each op, derived from the opcode table.</summary>
internal static partial class OpTable
{
    private const int MaxOperands = 6;

    /// <summary>The effects of an op.</summary>
    public static Effects EffectsOf(Op op) => (Effects)EffectBits[(int)op];

    /// <summary>The length of an instruction in words, not counting the targets that follow <c>br_table</c>.</summary>
    public static int WordsOf(Op op) => WordCounts[(int)op];

    /// <summary>The bytes that a load or store accesses; 0 for all other ops.</summary>
    public static int WidthOf(Op op) => Widths[(int)op];

    /// <summary>The op that states the meaning of this one: itself unless it's a variant.</summary>
    public static Op VariantOf(Op op) => (Op)Variants[(int)op];

    /// <summary>Whether the number names an op at all.</summary>
    public static bool IsDefined(Op op) => (uint)op < Count;

    /// <summary>The length in words of the instruction at <paramref name="pc"/>, branch table included.</summary>
    public static int LengthAt(ReadOnlySpan<ulong> code, int pc)
    {
        var op = (Op)(ushort)code[pc];
        return op == Op.BrTable ? WordsOf(op) + (ushort)(code[pc] >> 32) + 1 : WordsOf(op);
    }

    /// <summary>The operands of an op in order; <see cref="OperandInfo.Kind"/> is None past the last.</summary>
    public static OperandInfo OperandAt(Op op, int index) =>
        index < MaxOperands ? new OperandInfo(OperandBits[((int)op * MaxOperands) + index]) : default;
}
