// Atomic read-modify-write. On x86-64 all of them are sequentially consistent. What the processor can't do in one instruction
// (and, or, xor that give the old value back) is a compare-exchange loop.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Templates;

internal sealed unsafe partial class Templates<TOperands>
{
    public void I32AtomicAdd(Source a, Source b, MemoryOperand m, ulong o) => AtomicUpdate(Alu.Add, D, a, b, m, o);

    public void I64AtomicAdd(Source a, Source b, MemoryOperand m, ulong o) => AtomicUpdate(Alu.Add, Q, a, b, m, o);

    public void I32AtomicOr(Source a, Source b, MemoryOperand m, ulong o) => AtomicUpdate(Alu.Or, D, a, b, m, o);

    public void I64AtomicOr(Source a, Source b, MemoryOperand m, ulong o) => AtomicUpdate(Alu.Or, Q, a, b, m, o);

    public void I32AtomicAnd(Source a, Source b, MemoryOperand m, ulong o) => AtomicUpdate(Alu.And, D, a, b, m, o);

    public void I64AtomicAnd(Source a, Source b, MemoryOperand m, ulong o) => AtomicUpdate(Alu.And, Q, a, b, m, o);

    public void I32AtomicXor(Source a, Source b, MemoryOperand m, ulong o) => AtomicUpdate(Alu.Xor, D, a, b, m, o);

    public void I64AtomicXor(Source a, Source b, MemoryOperand m, ulong o) => AtomicUpdate(Alu.Xor, Q, a, b, m, o);

    public void I32AtomicFetchAdd(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicFetchAdd(D, d, a, m, o, x);

    public void I64AtomicFetchAdd(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicFetchAdd(Q, d, a, m, o, x);

    public void I32AtomicFetchOr(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicLoop(Alu.Or, D, d, a, m, o, x);

    public void I64AtomicFetchOr(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicLoop(Alu.Or, Q, d, a, m, o, x);

    public void I32AtomicFetchAnd(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicLoop(Alu.And, D, d, a, m, o, x);

    public void I64AtomicFetchAnd(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicLoop(Alu.And, Q, d, a, m, o, x);

    public void I32AtomicFetchXor(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicLoop(Alu.Xor, D, d, a, m, o, x);

    public void I64AtomicFetchXor(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicLoop(Alu.Xor, Q, d, a, m, o, x);

    public void I32AtomicExchange(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicExchange(D, d, a, m, o, x);

    public void I64AtomicExchange(int d, Source a, MemoryOperand m, ulong o, Source x) => AtomicExchange(Q, d, a, m, o, x);

    public void I32AtomicCompareExchange(int d, Source a, MemoryOperand m, ulong o, Source x, Source y) => AtomicCompareExchange(D, d, a, m, o, x, y);

    public void I64AtomicCompareExchange(int d, Source a, MemoryOperand m, ulong o, Source x, Source y) => AtomicCompareExchange(Q, d, a, m, o, x, y);

    public void FrameAddress(int d, int slot)
    {
        Gpr result = operands.Define(d);
        operands.LoadFrameAddress(result, slot);
        operands.Commit(d, result);
    }

    public void ThreadPointer(int d)
    {
        Gpr result = operands.Define(d);
        asm.Mov(Q, result, Mem.At(Registers.Execution, Offsets.ThreadPointer));
        operands.Commit(d, result);
    }

    public void I32Bswap(int d, Source a) => ByteSwap(D, d, a);

    public void I64Bswap(int d, Source a) => ByteSwap(Q, d, a);

    private void ByteSwap(Size size, int d, Source a)
    {
        Gpr result = operands.DefineFrom(d, a);
        asm.Bswap(size, result);
        operands.Commit(d, result);
    }

    private void AtomicUpdate(Alu alu, Size size, Source a, Source b, MemoryOperand memory, ulong offset)
    {
        Gpr value = operands.Use(b);
        Mem address = Address(a, memory, offset, 1 << (int)size, Access.Write);
        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        switch (alu)
        {
            case Alu.Add: asm.LockAdd(size, address, value); break;
            case Alu.Or: asm.LockOr(size, address, value); break;
            case Alu.And: asm.LockAnd(size, address, value); break;
            default: asm.LockXor(size, address, value); break;
        }
    }

    private void AtomicFetchAdd(Size size, int d, Source a, MemoryOperand memory, ulong offset, Source x)
    {
        Gpr address = AtomicAddress(size, a, memory, offset);
        operands.Load(Registers.Scratch, x);
        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        asm.LockXadd(size, Mem.At(address), Registers.Scratch);
        CommitOld(size, d);
    }

    private void AtomicExchange(Size size, int d, Source a, MemoryOperand memory, ulong offset, Source x)
    {
        Gpr address = AtomicAddress(size, a, memory, offset);
        operands.Load(Registers.Scratch, x);
        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        asm.Xchg(size, Mem.At(address), Registers.Scratch);
        CommitOld(size, d);
    }

    private void AtomicLoop(Alu alu, Size size, int d, Source a, MemoryOperand memory, ulong offset, Source x)
    {
        Gpr value = operands.Use(x);
        Gpr address = AtomicAddress(size, a, memory, offset);
        Gpr changed = operands.Temporary();
        Label again = asm.Code.NewLabel();
        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        asm.Mov(size, Registers.Scratch, Mem.At(address));
        asm.Code.Bind(again);
        asm.Mov(size, changed, Registers.Scratch);
        switch (alu)
        {
            case Alu.Or: asm.Or(size, changed, value); break;
            case Alu.And: asm.And(size, changed, value); break;
            default: asm.Xor(size, changed, value); break;
        }

        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        asm.LockCmpxchg(size, Mem.At(address), changed);
        asm.Jcc(Condition.NE, again);
        CommitOld(size, d);
    }

    private void AtomicCompareExchange(Size size, int d, Source a, MemoryOperand memory, ulong offset, Source x, Source y)
    {
        Gpr value = operands.Use(y);
        Gpr address = AtomicAddress(size, a, memory, offset);
        operands.Load(Registers.Scratch, x);
        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        asm.LockCmpxchg(size, Mem.At(address), value);
        CommitOld(size, d);
    }

    // The scratch register is needed for a value, so the address gets a register of its own.
    private Gpr AtomicAddress(Size size, Source a, MemoryOperand memory, ulong offset)
    {
        Mem place = Address(a, memory, offset, 1 << (int)size, Access.Write);
        Gpr address = operands.Temporary();
        asm.Lea(Q, address, place);
        return address;
    }

    // The old value is in the scratch register.
    private void CommitOld(Size size, int d)
    {
        Gpr old = operands.Define(d);
        asm.Mov(size, old, Registers.Scratch);
        operands.Commit(d, old);
    }
}
