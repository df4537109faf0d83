// Arithmetic. A 32-bit operation reads the low halves of its operands and zero-extends its result, as the bytecode's do.

using Anneal.Bytecode;

namespace Anneal.Ebpf.Lowering;

internal sealed partial class FunctionLowering
{
    private void Arithmetic(Instruction i)
    {
        int d = Slots.Of(i.Destination);
        bool wide = i.Is64Bit;
        switch (i.AluOperation)
        {
            case AluOperation.Mov:
                Move(i, d, wide);
                break;
            case AluOperation.Neg:
                if (wide) writer.I64Sub(d, Constant(0), d);
                else writer.I32Sub(d, Constant(0), d);
                break;
            case AluOperation.End:
                ByteSwap(i, d);
                break;
            default:
                if (i.UsesSourceRegister) writer.Instruction(AluOps.Binary(i.AluOperation, wide, i.Offset == 1), d, d, Slots.Of(i.Source));
                else WithImmediate(i, d, wide);
                break;
        }
    }

    private void Move(Instruction i, int d, bool wide)
    {
        if (!i.UsesSourceRegister)
        {
            writer.Const(d, wide ? (ulong)(long)i.Immediate : (uint)i.Immediate);
            return;
        }

        int a = Slots.Of(i.Source);
        _ = (i.Offset, wide) switch
        {
            (8, true) => writer.I64Extend8S(d, a),
            (16, true) => writer.I64Extend16S(d, a),
            (32, true) => writer.I64Extend32S(d, a),
            (8, false) => writer.I32Extend8S(d, a),
            (16, false) => writer.I32Extend16S(d, a),
            (_, true) => writer.Mov(d, a),
            (_, false) => writer.I32WrapI64(d, a),
        };
    }

    private void WithImmediate(Instruction i, int d, bool wide)
    {
        AluOperation operation = i.AluOperation;
        long value = i.Immediate;
        if (operation == AluOperation.Sub && IsShort(-value))
        {
            operation = AluOperation.Add;
            value = -value;
        }

        Op op = AluOps.Immediate(operation, wide);
        if (op != Op.Nop && IsShort(value))
        {
            writer.Instruction(op, d, d, (ushort)(short)value);
            return;
        }

        // As the 32-bit op reads it: a slot's upper half is zero.
        int constant = Constant(wide ? value : (uint)value);
        writer.Instruction(AluOps.Binary(operation, wide, i.Offset == 1), d, d, constant);
    }

    // Class Alu: to little or big endian; class Alu64: unconditional. Other widths than 64 zero-extend.
    private void ByteSwap(Instruction i, int d)
    {
        bool swaps = i.Is64Bit || i.UsesSourceRegister == BitConverter.IsLittleEndian;
        switch (i.Immediate)
        {
            case 64:
                if (swaps) writer.I64Bswap(d, d);
                break;
            case 32:
                if (swaps) writer.I32Bswap(d, d);
                else writer.I32WrapI64(d, d);
                break;
            default:
                if (swaps)
                {
                    int swapped = Temporary();
                    writer.I32Bswap(swapped, d);
                    writer.I32ShrUK(d, swapped, 16);
                }
                else
                {
                    int mask = Constant(ushort.MaxValue);
                    writer.I32And(d, d, mask);
                }

                break;
        }
    }

    private void WideImmediate(int slot, Instruction i)
    {
        int d = Slots.Of(i.Destination);
        switch ((PseudoSource)i.Source)
        {
            case PseudoSource.Map:
                writer.Const(d, unit.Maps.HandleOf(i.Immediate));
                break;
            case PseudoSource.MapValue:
                writer.Const(d, unit.Maps.ValuesOf(i.Immediate) + (uint)program.Instructions[slot + 1].Immediate);
                break;
            case PseudoSource.Function:
                FunctionAddress(d, program.SubprogramAt(program.CallTarget(slot)));
                break;
            default:
                writer.Const(d, program.WideImmediate(slot));
                break;
        }
    }
}
