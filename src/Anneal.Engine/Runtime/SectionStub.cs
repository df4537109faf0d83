// The way from a sectioned access that missed its cell to the runtime and back. Templates may have values in any register, so
// unlike other stubs this one keeps them all but rax.
//
//     [rbp + 8]    return address       [rsp + 256 + 8 i]    general registers
//     [rbp - 8]    the instance         [rsp + 16 i]         float registers

using Anneal.Assembler;
using Anneal.Templates;

namespace Anneal.Runtime;

/// <summary>Emits the stub behind <see cref="Stubs.SectionMiss"/>.</summary>
internal static unsafe class SectionStub
{
    // What the calling convention lets a callee change, but rax.
    private static readonly Gpr[] Kept = [Gpr.Rcx, Gpr.Rdx, Gpr.Rsi, Gpr.Rdi, Gpr.R8, Gpr.R9, Gpr.R10, Gpr.R11];
    private const int FloatRegisters = 16;
    private const int Bytes = (FloatRegisters * 16) + (8 * 8);

    public static void Emit(X64Assembler asm, Label unwind)
    {
        Stubs.OpenFrame(asm);
        asm.Sub(Size.Qword, Gpr.Rsp, Bytes);
        for (int i = 0; i < Kept.Length; i++) asm.Mov(Size.Qword, Place(i), Kept[i]);
        for (int i = 0; i < FloatRegisters; i++) asm.Movups(Mem.At(Gpr.Rsp, i * 16), (Xmm)i);
        asm.Mov(Size.Qword, Gpr.Rdi, Registers.Execution);
        asm.Mov(Size.Qword, Gpr.Rsi, Gpr.Rax);
        asm.Mov(Size.Qword, Gpr.Rdx, Gpr.Rbp);
        Stubs.Invoke(asm, (nint)(delegate* unmanaged<ExecutionState*, ulong, nint*, nint>)&EmittedCalls.SectionMiss);
        asm.Test(Size.Qword, Gpr.Rax, Gpr.Rax);
        asm.Jcc(Condition.E, unwind);
        for (int i = 0; i < Kept.Length; i++) asm.Mov(Size.Qword, Kept[i], Place(i));
        for (int i = 0; i < FloatRegisters; i++) asm.Movups((Xmm)i, Mem.At(Gpr.Rsp, i * 16));
        asm.Leave();
        asm.Ret();
    }

    private static Mem Place(int i) => Mem.At(Gpr.Rsp, (FloatRegisters * 16) + (i * 8));
}
