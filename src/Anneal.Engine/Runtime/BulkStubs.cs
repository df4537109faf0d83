// Emitted routines for short copies and fills: a call into managed code costs more than moving a few hundred bytes.
// They take addresses that have been checked, clobber rax, rcx, rdx, rsi, rdi and xmm12-15, and touch only the bytes asked for.
// Every size class reads all that it needs before it writes, so overlapping ranges come out as if copied through a buffer.

using Anneal.Assembler;

namespace Anneal.Runtime;

/// <summary>Emits the bulk memory stubs.</summary>
internal static class BulkStubs
{
    /// <summary>Up to this many bytes the stubs are used; beyond, the runtime's copy is quicker.</summary>
    public const int MaximumBytes = 1024;

    private const Size Q = Size.Qword;
    private const Size D = Size.Dword;

    /// <summary>Copies rcx bytes from [rsi] to [rdi].</summary>
    public static void EmitCopy(X64Assembler asm)
    {
        CodeBuffer code = asm.Code;
        Label below16 = code.NewLabel(), longer = code.NewLabel(), below8 = code.NewLabel(), below4 = code.NewLabel();
        Label done = code.NewLabel(), one = code.NewLabel();
        asm.Cmp(Q, Gpr.Rcx, 16);
        asm.Jcc(Condition.B, below16);
        asm.Cmp(Q, Gpr.Rcx, 32);
        asm.Jcc(Condition.A, longer);
        asm.Movups(Xmm.Xmm14, Mem.At(Gpr.Rsi));
        asm.Movups(Xmm.Xmm15, Mem.At(Gpr.Rsi, Gpr.Rcx, 1, -16));
        asm.Movups(Mem.At(Gpr.Rdi), Xmm.Xmm14);
        asm.Movups(Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -16), Xmm.Xmm15);
        asm.Ret();

        code.Bind(below16);
        asm.Cmp(D, Gpr.Rcx, 8);
        asm.Jcc(Condition.B, below8);
        asm.Mov(Q, Gpr.Rax, Mem.At(Gpr.Rsi));
        asm.Mov(Q, Gpr.Rdx, Mem.At(Gpr.Rsi, Gpr.Rcx, 1, -8));
        asm.Mov(Q, Mem.At(Gpr.Rdi), Gpr.Rax);
        asm.Mov(Q, Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -8), Gpr.Rdx);
        asm.Ret();
        code.Bind(below8);
        asm.Cmp(D, Gpr.Rcx, 4);
        asm.Jcc(Condition.B, below4);
        asm.Mov(D, Gpr.Rax, Mem.At(Gpr.Rsi));
        asm.Mov(D, Gpr.Rdx, Mem.At(Gpr.Rsi, Gpr.Rcx, 1, -4));
        asm.Mov(D, Mem.At(Gpr.Rdi), Gpr.Rax);
        asm.Mov(D, Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -4), Gpr.Rdx);
        asm.Ret();
        code.Bind(below4);
        asm.Cmp(D, Gpr.Rcx, 1);
        asm.Jcc(Condition.B, done);
        asm.Jcc(Condition.E, one);
        asm.Movzx(Size.Word, Gpr.Rax, Mem.At(Gpr.Rsi));
        asm.Movzx(Size.Byte, Gpr.Rdx, Mem.At(Gpr.Rsi, Gpr.Rcx, 1, -1));
        asm.Mov(Size.Word, Mem.At(Gpr.Rdi), Gpr.Rax);
        asm.Mov(Size.Byte, Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -1), Gpr.Rdx);
        code.Bind(done);
        asm.Ret();
        code.Bind(one);
        asm.Movzx(Size.Byte, Gpr.Rax, Mem.At(Gpr.Rsi));
        asm.Mov(Size.Byte, Mem.At(Gpr.Rdi), Gpr.Rax);
        asm.Ret();

        code.Bind(longer);
        EmitLongCopy(asm);
    }

    /// <summary>Fills rcx bytes at [rdi] with the low byte of rsi.</summary>
    public static void EmitFill(X64Assembler asm)
    {
        CodeBuffer code = asm.Code;
        Label below16 = code.NewLabel(), below8 = code.NewLabel(), below4 = code.NewLabel(), loop = code.NewLabel();
        Label last = code.NewLabel(), done = code.NewLabel();
        asm.Movzx(Size.Byte, Gpr.Rax, Gpr.Rsi);
        asm.Mov(Gpr.Rdx, 0x0101_0101_0101_0101);
        asm.Imul(Q, Gpr.Rax, Gpr.Rdx);
        asm.Cmp(Q, Gpr.Rcx, 16);
        asm.Jcc(Condition.B, below16);
        asm.Movq(Xmm.Xmm15, Gpr.Rax);
        asm.Punpcklqdq(Xmm.Xmm15, Xmm.Xmm15);
        // The last 16 bytes first; then whole pieces from the start up to them.
        asm.Movups(Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -16), Xmm.Xmm15);
        asm.Lea(Q, Gpr.Rdx, Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -16));
        code.Bind(loop);
        asm.Cmp(Q, Gpr.Rdi, Gpr.Rdx);
        asm.Jcc(Condition.AE, last);
        asm.Movups(Mem.At(Gpr.Rdi), Xmm.Xmm15);
        asm.Add(Q, Gpr.Rdi, 16);
        asm.Jmp(loop);
        code.Bind(last);
        asm.Ret();
        code.Bind(below16);
        asm.Cmp(D, Gpr.Rcx, 8);
        asm.Jcc(Condition.B, below8);
        asm.Mov(Q, Mem.At(Gpr.Rdi), Gpr.Rax);
        asm.Mov(Q, Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -8), Gpr.Rax);
        asm.Ret();
        code.Bind(below8);
        asm.Cmp(D, Gpr.Rcx, 4);
        asm.Jcc(Condition.B, below4);
        asm.Mov(D, Mem.At(Gpr.Rdi), Gpr.Rax);
        asm.Mov(D, Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -4), Gpr.Rax);
        asm.Ret();
        code.Bind(below4);
        asm.Test(D, Gpr.Rcx, Gpr.Rcx);
        asm.Jcc(Condition.E, done);
        asm.Mov(Size.Byte, Mem.At(Gpr.Rdi), Gpr.Rax);
        asm.Mov(Size.Byte, Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -1), Gpr.Rax);
        asm.Shr(D, Gpr.Rcx, 1);
        asm.Mov(Size.Byte, Mem.At(Gpr.Rdi, Gpr.Rcx), Gpr.Rax);
        code.Bind(done);
        asm.Ret();
    }

    // More than 32 bytes. Where the destination starts inside the source the pieces go from the end down; else up. The
    // piece that the loop leaves over is read before anything is written.
    private static void EmitLongCopy(X64Assembler asm)
    {
        CodeBuffer code = asm.Code;
        Label backward = code.NewLabel(), up = code.NewLabel();
        Label down = code.NewLabel();
        asm.Mov(Q, Gpr.Rax, Gpr.Rdi);
        asm.Sub(Q, Gpr.Rax, Gpr.Rsi);
        asm.Cmp(Q, Gpr.Rax, Gpr.Rcx);
        asm.Jcc(Condition.B, backward);

        asm.Movups(Xmm.Xmm15, Mem.At(Gpr.Rsi, Gpr.Rcx, 1, -16));
        asm.Lea(Q, Gpr.Rdx, Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -16));
        code.Bind(up);
        asm.Movups(Xmm.Xmm14, Mem.At(Gpr.Rsi));
        asm.Movups(Mem.At(Gpr.Rdi), Xmm.Xmm14);
        asm.Add(Q, Gpr.Rsi, 16);
        asm.Add(Q, Gpr.Rdi, 16);
        asm.Cmp(Q, Gpr.Rdi, Gpr.Rdx);
        asm.Jcc(Condition.B, up);
        asm.Movups(Mem.At(Gpr.Rdx), Xmm.Xmm15);
        asm.Ret();

        code.Bind(backward);
        asm.Movups(Xmm.Xmm15, Mem.At(Gpr.Rsi));
        code.Bind(down);
        asm.Movups(Xmm.Xmm14, Mem.At(Gpr.Rsi, Gpr.Rcx, 1, -16));
        asm.Movups(Mem.At(Gpr.Rdi, Gpr.Rcx, 1, -16), Xmm.Xmm14);
        asm.Sub(Q, Gpr.Rcx, 16);
        asm.Cmp(Q, Gpr.Rcx, 16);
        asm.Jcc(Condition.A, down);
        asm.Movups(Mem.At(Gpr.Rdi), Xmm.Xmm15);
        asm.Ret();
    }
}
