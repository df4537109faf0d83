// Which ops may leave their result in an accumulator, and which may take a source from one. Derived from the opcode table:
// ops that stay inside their handler, and branches. What is decoded by the runtime, or can be stopped at, wants its operands in slots.

using Anneal.Bytecode;

namespace Anneal.Threaded;

/// <summary>What the accumulators can be used for, by op.</summary>
internal static class Accumulators
{
    private const byte DestinationBit = 0x80;
    private const byte FloatBit = 0x40;

    // Bits 0-3: the fields that are sources.
    private static readonly byte[] Uses = Make();

    /// <summary>Whether the op's result may stay in an accumulator.</summary>
    public static bool CanWrite(Op op) => (Uses[(int)op] & DestinationBit) != 0;

    /// <summary>Whether the accumulator for the op's result is the float one.</summary>
    public static bool IsFloat(Op op) => (Uses[(int)op] & FloatBit) != 0;

    /// <summary>The field by which the instruction reads the slot and which may come from an accumulator; -1 if there's none.</summary>
    public static unsafe int FieldThatReads(ulong* pc, int slot)
    {
        ulong word = *pc;
        int fields = Uses[(ushort)word] & 15;
        if ((fields & 1) != 0 && (ushort)(word >> 16) == slot) return 0;
        if ((fields & 2) != 0 && (ushort)(word >> 32) == slot) return 1;
        if ((fields & 4) != 0 && (ushort)(word >> 48) == slot) return 2;
        return (fields & 8) != 0 && pc[1] == (ulong)slot ? 3 : -1;
    }

    private static byte[] Make()
    {
        var uses = new byte[OpTable.Count];
        for (int i = 0; i < uses.Length; i++) uses[i] = Classify((Op)i);
        return uses;
    }

    private static byte Classify(Op op)
    {
        bool fits = StreamLayout.ShapeOf(op) is Shape.Fields or Shape.Access or Shape.Const or Shape.Select or Shape.Global or Shape.FunctionReference
            or Shape.Table or Shape.MemorySize or Shape.Branch or Shape.BranchTable or Shape.IndirectCall or Shape.ReferenceCall;
        if (!fits || ((OpTable.EffectsOf(op) & Effects.SafePoint) != 0 && StreamLayout.ShapeOf(op) == Shape.Fields)) return 0;
        int bits = 0, field = 0;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            switch (operand.Kind)
            {
                case OperandKind.Destination:
                    bits |= DestinationBit;
                    if (operand.Type is SlotType.F32 or SlotType.F64) bits |= FloatBit;
                    break;
                case OperandKind.Source: bits |= 1 << field; break;
                case OperandKind.SourceWord: bits |= 8; break;
            }

            if (operand.IsField) field++;
        }

        return (byte)bits;
    }
}
