// Jumps and exit.

using Anneal.Bytecode;

namespace Anneal.Ebpf.Lowering;

internal sealed partial class FunctionLowering
{
    private void Control(int slot, Instruction i)
    {
        switch (i.JumpOperation)
        {
            case JumpOperation.Call:
                Call(slot, i);
                return;
            case JumpOperation.Exit:
                writer.Ret1(Slots.Result);
                reachable = false;
                return;
            case JumpOperation.Always:
                writer.Br(LabelOf(slot));
                reachable = false;
                return;
        }

        isBlockStart = true;
        bool wide = i.Is64Bit;
        int a = Slots.Of(i.Destination);
        BytecodeLabel target = LabelOf(slot);
        if (i.JumpOperation == JumpOperation.BitsSet)
        {
            JumpIfBitsSet(i, a, wide, target);
        }
        else if (i.UsesSourceRegister)
        {
            int b = Slots.Of(i.Source);
            Op op = JumpOps.Binary(i.JumpOperation, wide, out bool exchanged);
            writer.Branch(op, exchanged ? b : a, exchanged ? a : b, target);
        }
        else
        {
            JumpWithImmediate(i, a, wide, target);
        }
    }

    private void JumpIfBitsSet(Instruction i, int a, bool wide, BytecodeLabel target)
    {
        int common = Temporary();
        if (i.UsesSourceRegister)
        {
            writer.Instruction(AluOps.Binary(AluOperation.And, wide, signed: false), common, a, Slots.Of(i.Source));
        }
        else if (IsShort(i.Immediate))
        {
            writer.Instruction(AluOps.Immediate(AluOperation.And, wide), common, a, (ushort)(short)i.Immediate);
        }
        else
        {
            int mask = Constant(wide ? i.Immediate : (uint)i.Immediate);
            writer.Instruction(AluOps.Binary(AluOperation.And, wide, signed: false), common, a, mask);
        }

        writer.Branch(wide ? Op.BrI64NeK : Op.BrI32NeK, common, 0, target);
    }

    private void JumpWithImmediate(Instruction i, int a, bool wide, BytecodeLabel target)
    {
        JumpOperation operation = JumpOps.WithImmediate(i.JumpOperation, out bool plusOne);
        long value = i.Immediate;
        if (plusOne)
        {
            bool unsigned = i.JumpOperation is JumpOperation.Greater or JumpOperation.LessOrEqual;
            bool isLargest = unsigned ? i.Immediate == -1 : !wide && i.Immediate == int.MaxValue;
            if (isLargest)
            {
                // Nothing is greater, everything is less or equal.
                if (i.JumpOperation is JumpOperation.LessOrEqual or JumpOperation.SignedLessOrEqual)
                {
                    writer.Br(target);
                    reachable = false;
                }

                return;
            }

            value++;
        }

        Op op = JumpOps.Binary(operation, wide, out _);
        if (IsShort(value)) writer.Branch(JumpOps.Immediate(op), a, (ushort)(short)value, target);
        else writer.Branch(op, a, Constant(wide ? value : (uint)value), target);
    }

    private BytecodeLabel LabelOf(int slot) => labels[program.JumpTarget(slot) - subprogram.Start];
}
