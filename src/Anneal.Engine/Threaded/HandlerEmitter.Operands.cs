// Operands of a handler: values come from slots through fields of the stream, from the accumulator, or from the stream itself.

using System.Numerics;
using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Templates;

namespace Anneal.Threaded;

internal sealed unsafe partial class HandlerEmitter
{
    public Gpr Use(Source source)
    {
        if (IsAccumulator(source) && !key.ReadsFloat) return Accumulator;
        Gpr register = Take();
        LoadSlot(register, source);
        return register;
    }

    public RegMem UseAny(Source source)
    {
        if (source.IsConstant || IsAccumulator(source)) return Use(source);
        return Slot(source.Index, Take());
    }

    public Xmm UseX(Source source)
    {
        if (IsAccumulator(source) && key.ReadsFloat) return AccumulatorX;
        Xmm register = TakeX();
        LoadX(register, source);
        return register;
    }

    public XmmMem UseAnyX(Source source)
    {
        if (IsAccumulator(source)) return UseX(source);
        return Slot(source.Index, Take());
    }

    public void Load(Gpr register, Source source)
    {
        LoadSlot(register, source);
        used |= 1u << (int)register;
    }

    /// <summary>Puts an operand's value into a register: from its slot, the accumulator or the stream.</summary>
    public void LoadSlot(Gpr register, Source source)
    {
        if (source.IsConstant)
        {
            if (op is Op.Const or Op.Fuel) LoadConstant(register);
            else Asm.Movsx(Q, Size.Word, register, Field((int)source.Value));
        }
        else if (!IsAccumulator(source))
        {
            Asm.Mov(Q, register, Slot(source.Index, register));
        }
        else if (key.ReadsFloat)
        {
            Asm.Movq(register, AccumulatorX);
        }
        else
        {
            Asm.Mov(Q, register, Accumulator);
        }
    }

    public void Reserve(Gpr register)
    {
        if ((used & (1u << (int)register)) != 0) throw new InvalidOperationException("a template reserves a register that it has been given as an operand");
        used |= 1u << (int)register;
    }

    public Gpr Take()
    {
        foreach (Gpr register in Pool)
        {
            if ((used & (1u << (int)register)) != 0) continue;
            used |= 1u << (int)register;
            return register;
        }

        throw new InvalidOperationException($"the template of {op} needs more registers than there are");
    }

    public Xmm TakeX()
    {
        // xmm0 is the accumulator's; from xmm12 on are the bulk stubs' and scratch.
        int register = BitOperations.TrailingZeroCount(~(usedX | 1));
        usedX |= 1u << register;
        return (Xmm)register;
    }

    /// <summary>Where the result is best computed: in the accumulator itself, if it stays there.</summary>
    public Gpr Define()
    {
        if (!key.WritesAccumulator || (used & (1u << (int)Accumulator)) != 0) return Take();
        used |= 1u << (int)Accumulator;
        return Accumulator;
    }

    public Gpr DefineFrom(Source source)
    {
        // What is in the accumulator is dead after this instruction.
        if (IsAccumulator(source) && !key.ReadsFloat) return Accumulator;
        Gpr register = Define();
        LoadSlot(register, source);
        return register;
    }

    public Xmm DefineX()
    {
        if (!key.WritesAccumulator || (usedX & (1u << (int)AccumulatorX)) != 0) return TakeX();
        usedX |= 1u << (int)AccumulatorX;
        return AccumulatorX;
    }

    public Xmm DefineFromX(Source source)
    {
        if (IsAccumulator(source) && key.ReadsFloat) return AccumulatorX;
        Xmm register = DefineX();
        LoadX(register, source);
        return register;
    }

    public void Commit(int destination, Gpr register)
    {
        if (!key.WritesAccumulator)
        {
            Asm.Movzx(Size.Word, Displacement, Field(destination));
            Asm.Mov(Q, Mem.At(Registers.Frame, Displacement, 8), register);
        }
        else if (WritesFloat)
        {
            Asm.Movq(AccumulatorX, register);
        }
        else if (register != Accumulator)
        {
            Asm.Mov(Q, Accumulator, register);
        }
    }

    public void Commit(int destination, Xmm register)
    {
        if (!key.WritesAccumulator)
        {
            Asm.Movzx(Size.Word, Displacement, Field(destination));
            Asm.Movsd(Mem.At(Registers.Frame, Displacement, 8), register);
        }
        else if (!WritesFloat)
        {
            Asm.Movq(Accumulator, register);
        }
        else if (register != AccumulatorX)
        {
            Asm.Movaps(AccumulatorX, register);
        }
    }

    public void Move(int destination, Source source) => Commit(destination, DefineFrom(source));

    public void MoveX(int destination, Source source) => Commit(destination, DefineFromX(source));

    /// <summary>Which accumulator a result of this op stays in.</summary>
    private bool WritesFloat => Accumulators.IsFloat(op);

    private bool IsAccumulator(Source source) => !source.IsConstant && source.Index == key.AccumulatorField;

    // The slot that a field names; the register is free for the slot's number.
    private Mem Slot(int field, Gpr number)
    {
        Asm.Movzx(Size.Word, number, Field(field));
        return Mem.At(Registers.Frame, number, 8);
    }

    private void LoadX(Xmm register, Source source)
    {
        if (source.IsConstant)
        {
            LoadConstant(Registers.Scratch);
            Asm.Movq(register, Registers.Scratch);
        }
        else if (!IsAccumulator(source))
        {
            Asm.Movsd(register, Slot(source.Index, Displacement));
        }
        else if (key.ReadsFloat)
        {
            Asm.Movaps(register, AccumulatorX);
        }
        else
        {
            Asm.Movq(register, Accumulator);
        }
    }

    private void LoadConstant(Gpr register)
    {
        if (key.Form == Forms.Long) Asm.Mov(Q, register, At(StreamLayout.Extension));
        else Asm.Movsxd(register, At(StreamLayout.Immediate));
    }
}
