// Writing instructions, and the far slots: a function may have more slots than an instruction's 16-bit fields can name.
// In such a function, lowering numbers slots as if there were no limit. The last sixteen slots that a field can name are
// kept as scratch, all slots from there on move up by as many, and an instruction that names a far slot works on scratch
// instead, with mov.far before and after it. Functions without far slots pay one test an instruction.
//
// A call puts its window where its arguments are, over all slots above. If that base is far, the arguments are copied
// to a place above all other slots, which the instruction names by FunctionBody.FarArgumentBase.

using Anneal.Bytecode;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    private const int ScratchCount = 16;
    private const int FirstScratch = ushort.MaxValue + 1 - ScratchCount;

    private bool isFar;

    // The last instruction that wrote a value to the first field's slot, if it's the one that ends here.
    private int producer;
    private int producerEnd;

    // A compare of floats that the instruction behind it negates; -1 if there's none.
    private int floatCompare;

    private static int Raw(int immediate) => (ushort)immediate;

    private int Physical(int slot) => isFar && slot >= FirstScratch ? slot + ScratchCount : slot;

    private bool IsJustProduced(in StackEntry entry) =>
        producerEnd == writer.Pc && entry.Kind == EntryKind.Temporary && (ushort)(writer.WordAt(producer) >> 16) == entry.Slot;

    private void Bind(BytecodeLabel label)
    {
        writer.Bind(label);
        producerEnd = -1;
    }

    private BytecodeLabel NewLabel(int liveSlots) => writer.NewLabel(Physical(liveSlots));

    // An op with a destination in its first field.
    private void EmitValue(Op op, int d, int second, int third)
    {
        if (isFar)
        {
            int destination = BringNear(op, ref d, ref second, ref third);
            NoteLayout();
            writer.Instruction(op, d, second, third);
            SendFar(destination, d);
            return;
        }

        NoteLayout();
        producer = writer.Instruction(op, d, second, third);
        producerEnd = writer.Pc;
    }

    private void EmitValue(Op op, int d, int second, int third, ulong word)
    {
        if (isFar)
        {
            int destination = BringNear(op, ref d, ref second, ref third);
            NoteLayout();
            writer.Instruction(op, d, second, third);
            writer.Append(word);
            SendFar(destination, d);
            return;
        }

        NoteLayout();
        producer = writer.Instruction(op, d, second, third);
        writer.Append(word);
        producerEnd = writer.Pc;
    }

    // An op without destination.
    private void Emit(Op op, int first = 0, int second = 0, int third = 0)
    {
        if (isFar) BringNear(op, ref first, ref second, ref third);
        NoteLayout();
        writer.Instruction(op, first, second, third);
    }

    private void Emit(Op op, int first, int second, int third, ulong word)
    {
        Emit(op, first, second, third);
        writer.Append(word);
    }

    private void EmitBranch(Op op, int first, int second, BytecodeLabel target)
    {
        int unused = 0;
        if (isFar) BringNear(op, ref first, ref second, ref unused);
        writer.Branch(op, first, second, target);
    }

    private void EmitConstant(int slot, ulong value) => EmitValue(Op.Const, slot, 0, 0, value);

    private void EmitMove(int to, int from, bool isFloat)
    {
        if (isFar && (to >= FirstScratch || from >= FirstScratch)) writer.MovFar(Physical(to), Physical(from));
        else writer.Instruction(isFloat ? Op.Fmov : Op.Mov, to, from, 0);
    }

    // select has four slots, one in a word.
    private void EmitSelect(Op op, int d, int a, int b, int condition)
    {
        if (isFar && condition >= FirstScratch)
        {
            writer.MovFar(FirstScratch + 3, Physical(condition));
            condition = FirstScratch + 3;
        }

        EmitValue(op, d, a, b, (ulong)condition);
    }

    // Copies far sources to scratch; the far destination, for SendFar, or -1.
    private int BringNear(Op op, ref int first, ref int second, ref int third)
    {
        int destination = -1;
        first = BringNear(op, 0, first, ref destination);
        second = BringNear(op, 1, second, ref destination);
        third = BringNear(op, 2, third, ref destination);
        return destination;
    }

    private int BringNear(Op op, int field, int value, ref int destination)
    {
        if (value < FirstScratch) return value;
        switch (OpTable.OperandAt(op, field).Kind)
        {
            case OperandKind.Source:
                writer.MovFar(FirstScratch + field, Physical(value));
                return FirstScratch + field;
            case OperandKind.Destination:
                destination = value;
                return FirstScratch + field;
            default:
                return value;
        }
    }

    private void SendFar(int destination, int scratch)
    {
        if (destination >= 0) writer.MovFar(Physical(destination), scratch);
    }
}
