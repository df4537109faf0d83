// memory.fill and memory.copy. Short ones inside their memories are done by emitted stubs; long ones, and those that trap,
// by the one implementation in RuntimeOps, which reads its operands from the slots: so they are spilled first.

using Anneal.Assembler;
using Anneal.Runtime;

namespace Anneal.Templates;

internal sealed unsafe partial class Templates<TOperands>
{
    public void MemoryFill(Source a, Source b, Source c, int memory)
    {
        Label runtime = BeginBulk(a, b, c);
        Locate(Gpr.Rdi, InstanceField.Memory, memory, runtime);
        EndBulk(target.Stubs.Fill, runtime);
    }

    public void MemoryCopy(Source a, Source b, Source c, int destination, int source)
    {
        Label runtime = BeginBulk(a, b, c);
        Locate(Gpr.Rdi, InstanceField.Memory, destination, runtime);
        Locate(Gpr.Rsi, InstanceField.SourceMemory, source, runtime);
        EndBulk(target.Stubs.Copy, runtime);
    }

    // Puts the operands where the stubs want them, the count in rcx; what is too long for a stub goes to the runtime.
    private Label BeginBulk(Source a, Source b, Source count)
    {
        operands.Spill(ushort.MaxValue);
        Label runtime = asm.Code.NewLabel();
        operands.LoadHome(Gpr.Rcx, count);
        asm.Cmp(Q, Gpr.Rcx, BulkStubs.MaximumBytes);
        asm.Jcc(Condition.A, runtime);
        operands.LoadHome(Gpr.Rdi, a);
        operands.LoadHome(Gpr.Rsi, b);
        return runtime;
    }

    private void EndBulk(nint stub, Label runtime)
    {
        Label done = asm.Code.NewLabel();
        asm.CallExternal(stub);
        asm.Code.Bind(done);
        operands.Later(runtime, OutOfLine.RareOp, default, done);
    }

    // Turns an index into an address if rcx bytes from there are inside the memory. No sum of an index and so small a
    // count passes 64 bits unnoticed: a wrapped end is below the index.
    private void Locate(Gpr index, InstanceField which, int memory, Label runtime)
    {
        asm.Mov(Q, Gpr.Rdx, operands.InstanceAt(which, target.Layout.Memories + (memory * 8)));
        asm.Mov(Q, Gpr.Rax, index);
        asm.Add(Q, Gpr.Rax, Gpr.Rcx);
        asm.Jcc(Condition.B, runtime);
        asm.Cmp(Q, Gpr.Rax, Mem.At(Gpr.Rdx, Offsets.MemoryLength));
        asm.Jcc(Condition.A, runtime);
        asm.Add(Q, index, Mem.At(Gpr.Rdx, Offsets.MemoryBase));
    }
}
