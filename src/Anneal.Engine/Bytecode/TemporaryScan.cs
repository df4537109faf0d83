namespace Anneal.Bytecode;

/// <summary>The checker's rule that a temporary is read once after a write, block by block; see <see cref="BytecodeChecker"/>.</summary>
/// <param name="body">A body whose operands have been checked.</param>
/// <param name="liveAt">By pc: the live slots that branches to it declare; -1 if none goes there.</param>
internal sealed class TemporaryScan(FunctionBody body, int[] liveAt)
{
    private readonly ulong[] code = body.Code;

    // By temporary: the block in which it was last read or written, so that a new block needs no clearing. A temporary is dead
    // if it was read in this block, or is at or above deadFrom and hasn't been written in it. The fall-through side of a
    // conditional branch belongs to the block before it.
    private readonly int[] readIn = new int[body.SlotCount - body.TemporaryBase];
    private readonly int[] writtenIn = new int[body.SlotCount - body.TemporaryBase];
    private int block;
    private int deadFrom;
    private int pc;

    /// <summary>Scans all blocks.</summary>
    public void Run()
    {
        bool fallsIn = false;
        StartBlock(body.TemporaryBase);
        for (pc = 0; pc < code.Length; pc += OpTable.LengthAt(code, pc))
        {
            var op = (Op)(ushort)code[pc];
            if (pc != 0 && (!fallsIn || liveAt[pc] >= 0)) StartBlock(fallsIn || liveAt[pc] < 0 ? int.MaxValue : liveAt[pc]);
            if (op == Op.Loop) StartBlock((int)Math.Min(code[pc + 1] >> 32, int.MaxValue));
            Instruction(op);
            fallsIn = !BytecodeTargets.NeverFallsThrough(op);
        }
    }

    private void StartBlock(int live)
    {
        block++;
        deadFrom = live == ushort.MaxValue ? int.MaxValue : live;
    }

    private void Instruction(Op op)
    {
        ulong word = code[pc];
        int field = 0, extra = pc, destination = -1;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            ulong bits = operand.IsField ? (ushort)(word >> (16 * ++field)) : code[++extra];
            switch (operand.Kind)
            {
                case OperandKind.Destination: destination = (int)bits; break;
                case OperandKind.Source or OperandKind.SourceWord: Read((int)bits); break;
                case OperandKind.Far:
                    Read((int)(bits >> 32));
                    destination = (int)(uint)bits;
                    break;
                case OperandKind.Call: Call(op, word, new CallOperand(bits)); break;
            }
        }

        if (op == Op.Ret)
        {
            for (int slot = 0; slot < body.ResultSlots; slot++) Read(slot);
        }

        if (destination >= 0) Write(destination);
    }

    // The results' number isn't in the instruction: all slots from the base on may hold one afterwards.
    private void Call(Op op, ulong word, CallOperand call)
    {
        bool direct = op is Op.Call or Op.Tail or Op.CallImport or Op.TailImport;
        int first = body.ArgumentBase((ushort)(word >> (direct ? 16 : 32)));
        for (int i = 0; i < call.ArgumentSlots; i++) Read(first + i);
        for (int slot = first; slot < body.SlotCount; slot++) Write(slot);
    }

    private void Read(int slot)
    {
        int temporary = slot - body.TemporaryBase;
        if (temporary < 0) return;
        bool dead = readIn[temporary] == block || (slot >= deadFrom && writtenIn[temporary] != block);
        if (dead) throw new InvalidBytecodeException(pc, $"temporary {slot} is read when it's dead");
        readIn[temporary] = block;
    }

    private void Write(int slot)
    {
        int temporary = slot - body.TemporaryBase;
        if (temporary < 0) return;
        writtenIn[temporary] = block;
        readIn[temporary] = 0;
    }
}
