// Temporaries in registers. A temporary is read at most once after it's written, mostly a few instructions later in the same
// block; then it needs no slot, if all handlers in between leave a register alone. There are a few such registers, the
// accumulators, each a general and a float one of the same number; which is used depends on who reads. Handlers touch only those
// that their key names.
//
// This says which ops may write or read accumulators, derived from the opcode table, and keeps track of who holds what while a
// body is predecoded. What the runtime decodes, or where a frame can be stopped, wants its operands in slots: nothing is kept across.

using Anneal.Bytecode;

namespace Anneal.Threaded;

/// <summary>The assignment of temporaries to accumulators within a block.</summary>
internal sealed unsafe class Accumulators
{
    /// <summary>How many there are of each kind. A key has two bits for the number.</summary>
    public const int Count = 3;

    private const int Nobody = -1;
    private const byte DestinationBit = 0x80;

    // Bits 0-3: the fields that are sources. Bit 7: a destination.
    private static readonly byte[] Uses = Make(floats: false);

    // Bits 0-3: the sources that are floats.
    private static readonly byte[] Floats = Make(floats: true);

    private readonly int[] holder = new int[Count + 1];
    private readonly int[] writer = new int[Count + 1];

    /// <summary>Whether a field of an op is read as a float.</summary>
    public static bool IsFloat(Op op, int field) => (Floats[(int)op] & (1 << field)) != 0;

    /// <summary>Whether what is in accumulators may stay there across the op.</summary>
    public static bool Survive(Op op) => Uses[(int)op] != 0 && (OpTable.EffectsOf(op) & (Effects.EndsBlock | Effects.Calls | Effects.SafePoint)) == 0;

    /// <summary>Forgets all: control may come from elsewhere.</summary>
    public void Clear() => holder.AsSpan().Fill(Nobody);

    /// <summary>Takes the sources of an instruction from where their writers can leave them.</summary>
    /// <param name="pc">The instruction.</param>
    /// <param name="key">Its key so far.</param>
    /// <param name="keys">The keys of the instructions before it: those of writers are changed.</param>
    public HandlerKey Read(ulong* pc, HandlerKey key, HandlerKey[] keys)
    {
        ulong word = *pc;
        int fields = Uses[(ushort)word] & 15;
        for (int number = 1; number <= Count && fields != 0; number++)
        {
            int slot = holder[number];
            if (slot < 0) continue;
            int field = FieldThatReads(pc, fields, slot);
            if (field < 0) continue;
            key = key.Reading(field, number);
            ref HandlerKey source = ref keys[writer[number]];
            source = source.Writing(number, (Floats[(ushort)word] & (1 << field)) != 0);
            holder[number] = Nobody;
            fields &= ~(1 << field);
        }

        return key;
    }

    /// <summary>Notes that an instruction writes a temporary, which may turn out to be wanted in an accumulator.</summary>
    public void Write(Op op, int slot, int index, int temporaryBase)
    {
        if (slot < temporaryBase || (Uses[(int)op] & DestinationBit) == 0) return;
        // A free one, else the one whose temporary has waited longest.
        int chosen = 1;
        for (int number = 1; number <= Count; number++)
        {
            if (holder[number] == slot) holder[number] = Nobody;
            if (holder[number] < 0)
            {
                chosen = number;
                break;
            }

            if (writer[number] < writer[chosen]) chosen = number;
        }

        for (int number = chosen + 1; number <= Count; number++)
        {
            if (holder[number] == slot) holder[number] = Nobody;
        }

        holder[chosen] = slot;
        writer[chosen] = index;
    }

    private static int FieldThatReads(ulong* pc, int fields, int slot)
    {
        ulong word = *pc;
        if ((fields & 1) != 0 && (ushort)(word >> 16) == slot) return 0;
        if ((fields & 2) != 0 && (ushort)(word >> 32) == slot) return 1;
        if ((fields & 4) != 0 && (ushort)(word >> 48) == slot) return 2;
        return (fields & 8) != 0 && pc[1] == (ulong)slot ? 3 : -1;
    }

    private static byte[] Make(bool floats)
    {
        var uses = new byte[OpTable.Count];
        for (int i = 0; i < uses.Length; i++) uses[i] = Classify((Op)i, floats);
        return uses;
    }

    private static byte Classify(Op op, bool floats)
    {
        Shape shape = StreamLayout.ShapeOf(op);
        bool fits = shape is Shape.Fields or Shape.Access or Shape.Const or Shape.Select or Shape.Global or Shape.FunctionReference
            or Shape.Table or Shape.MemorySize or Shape.Branch or Shape.BranchTable or Shape.IndirectCall or Shape.ReferenceCall;
        if (!fits || (shape == Shape.Fields && (OpTable.EffectsOf(op) & Effects.SafePoint) != 0)) return 0;
        int bits = 0, field = 0;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            bool counts = !floats || operand.Type is SlotType.F32 or SlotType.F64;
            if (operand.Kind == OperandKind.Destination && !floats) bits |= DestinationBit;
            if (operand.Kind == OperandKind.Source && counts) bits |= 1 << field;
            if (operand.Kind == OperandKind.SourceWord && counts) bits |= 8;
            if (operand.IsField) field++;
        }

        return (byte)bits;
    }
}
