// Operands of a handler: values come from slots through fields of the stream, from accumulators, or from the stream itself.

using System.Numerics;
using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Templates;

namespace Anneal.Threaded;

internal sealed unsafe partial class HandlerEmitter
{
    public Gpr Use(Source source)
    {
        if (TryAccumulator(source, out Gpr kept)) return kept;
        Gpr register = Take();
        LoadSlot(register, source);
        return register;
    }

    public RegMem UseAny(Source source)
    {
        if (source.IsConstant || NumberOf(source) != 0) return Use(source);
        return Slot(source.Index, Take());
    }

    public Xmm UseX(Source source)
    {
        if (TryAccumulator(source, out Xmm kept)) return kept;
        Xmm register = TakeX();
        LoadX(register, source);
        return register;
    }

    public XmmMem UseAnyX(Source source)
    {
        if (NumberOf(source) != 0) return UseX(source);
        return Slot(source.Index, Take());
    }

    public void Load(Gpr register, Source source)
    {
        LoadSlot(register, source);
        used |= 1u << (int)register;
    }

    /// <summary>Puts an operand's value into a register: from its slot, an accumulator or the stream.</summary>
    public void LoadSlot(Gpr register, Source source)
    {
        if (source.IsConstant)
        {
            if (op is Op.Const or Op.Fuel) LoadConstant(register);
            else Asm.Movsx(Q, Size.Word, register, Field((int)source.Value));
        }
        else if (TryAccumulator(source, out Gpr general))
        {
            Asm.Mov(Q, register, general);
        }
        else if (TryAccumulator(source, out Xmm real))
        {
            Asm.Movq(register, real);
        }
        else
        {
            Asm.Mov(Q, register, Slot(source.Index, register));
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
        // Behind the accumulators; from xmm12 on are the bulk stubs' and scratch.
        int register = BitOperations.TrailingZeroCount(~(usedX | ((1u << Accumulators.Count) - 1)));
        usedX |= 1u << register;
        return (Xmm)register;
    }

    /// <summary>Where the result is best computed: in the accumulator itself, if it stays in one that isn't read here.</summary>
    public Gpr Define()
    {
        if (key.Destination == 0 || key.WritesFloat) return Take();
        Gpr register = Accumulator(key.Destination);
        if ((used & (1u << (int)register)) != 0) return Take();
        used |= 1u << (int)register;
        return register;
    }

    public Gpr DefineFrom(Source source)
    {
        // What is in an accumulator is dead after this instruction.
        if (TryAccumulator(source, out Gpr kept)) return kept;
        Gpr register = Define();
        LoadSlot(register, source);
        return register;
    }

    public Xmm DefineX()
    {
        if (key.Destination == 0 || !key.WritesFloat) return TakeX();
        Xmm register = AccumulatorX(key.Destination);
        if ((usedX & (1u << (int)register)) != 0) return TakeX();
        usedX |= 1u << (int)register;
        return register;
    }

    public Xmm DefineFromX(Source source)
    {
        if (TryAccumulator(source, out Xmm kept)) return kept;
        Xmm register = DefineX();
        LoadX(register, source);
        return register;
    }

    public void Commit(int destination, Gpr register)
    {
        if (key.Destination == 0)
        {
            Asm.Movzx(Size.Word, Displacement, Field(destination));
            Asm.Mov(Q, Mem.At(Registers.Frame, Displacement, 8), register);
        }
        else if (key.WritesFloat)
        {
            Asm.Movq(AccumulatorX(key.Destination), register);
        }
        else if (register != Accumulator(key.Destination))
        {
            Asm.Mov(Q, Accumulator(key.Destination), register);
        }
    }

    public void Commit(int destination, Xmm register)
    {
        if (key.Destination == 0)
        {
            Asm.Movzx(Size.Word, Displacement, Field(destination));
            Asm.Movsd(Mem.At(Registers.Frame, Displacement, 8), register);
        }
        else if (!key.WritesFloat)
        {
            Asm.Movq(Accumulator(key.Destination), register);
        }
        else if (register != AccumulatorX(key.Destination))
        {
            Asm.Movaps(AccumulatorX(key.Destination), register);
        }
    }

    public void Move(int destination, Source source) => Commit(destination, DefineFrom(source));

    public void MoveX(int destination, Source source) => Commit(destination, DefineFromX(source));

    // The number of the accumulator that the operand is in; 0 if it's in its slot or in the stream.
    private int NumberOf(Source source) => source.IsConstant ? 0 : key.SourceOf(source.Index);

    private bool TryAccumulator(Source source, out Gpr register)
    {
        int number = NumberOf(source);
        register = Accumulator(number);
        return number != 0 && !IsFloat(source.Index);
    }

    private bool TryAccumulator(Source source, out Xmm register)
    {
        int number = NumberOf(source);
        register = AccumulatorX(number);
        return number != 0 && IsFloat(source.Index);
    }

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
        else if (TryAccumulator(source, out Xmm real))
        {
            Asm.Movaps(register, real);
        }
        else if (TryAccumulator(source, out Gpr general))
        {
            Asm.Movq(register, general);
        }
        else
        {
            Asm.Movsd(register, Slot(source.Index, Displacement));
        }
    }

    private void LoadConstant(Gpr register)
    {
        if (key.Form == Forms.Long) Asm.Mov(Q, register, At(StreamLayout.Extension));
        else Asm.Movsxd(register, At(StreamLayout.Immediate));
    }
}
