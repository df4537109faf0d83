// memory.fill and memory.copy. Short ones inside their memories are done by emitted stubs; long ones, and those that trap,
// by the one implementation in RuntimeOps, which reads its operands from the slots: so they are spilled first.

using Anneal.Assembler;
using Anneal.Runtime;

namespace Anneal.Templates;

internal sealed unsafe partial class Templates<TOperands>
{
    public void MemoryFill(Source a, Source b, Source c, int memory)
    {
        operands.Spill(ushort.MaxValue);
        Label runtime = asm.Code.NewLabel();
        Label done = asm.Code.NewLabel();
        LoadCount(c, runtime);
        asm.Mov(Q, Gpr.Rdi, Registers.Slot(a.Index));
        asm.Mov(Q, Gpr.Rsi, Registers.Slot(b.Index));
        Locate(Gpr.Rdi, memory, runtime);
        asm.CallExternal(target.Stubs.Fill);
        asm.Code.Bind(done);
        operands.Later(runtime, OutOfLine.RareOp, default, done);
    }

    public void MemoryCopy(Source a, Source b, Source c, int destination, int source)
    {
        operands.Spill(ushort.MaxValue);
        Label runtime = asm.Code.NewLabel();
        Label done = asm.Code.NewLabel();
        LoadCount(c, runtime);
        asm.Mov(Q, Gpr.Rdi, Registers.Slot(a.Index));
        asm.Mov(Q, Gpr.Rsi, Registers.Slot(b.Index));
        Locate(Gpr.Rdi, destination, runtime);
        Locate(Gpr.Rsi, source, runtime);
        asm.CallExternal(target.Stubs.Copy);
        asm.Code.Bind(done);
        operands.Later(runtime, OutOfLine.RareOp, default, done);
    }

    private void LoadCount(Source count, Label runtime)
    {
        asm.Mov(Q, Gpr.Rcx, Registers.Slot(count.Index));
        asm.Cmp(Q, Gpr.Rcx, BulkStubs.MaximumBytes);
        asm.Jcc(Condition.A, runtime);
    }

    // Turns an index into an address if rcx bytes from there are inside the memory. No sum of an index and so small a
    // count passes 64 bits unnoticed: a wrapped end is below the index.
    private void Locate(Gpr index, int memory, Label runtime)
    {
        asm.Mov(Q, Gpr.Rdx, Mem.At(Registers.Instance, target.Layout.Memories + (memory * 8)));
        asm.Mov(Q, Gpr.Rax, index);
        asm.Add(Q, Gpr.Rax, Gpr.Rcx);
        asm.Jcc(Condition.B, runtime);
        asm.Cmp(Q, Gpr.Rax, Mem.At(Gpr.Rdx, Offsets.MemoryLength));
        asm.Jcc(Condition.A, runtime);
        asm.Add(Q, index, Mem.At(Gpr.Rdx, Offsets.MemoryBase));
    }
}
