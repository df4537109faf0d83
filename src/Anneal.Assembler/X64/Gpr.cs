namespace Anneal.Assembler;

/// <summary>A general-purpose register. How much of it an instruction uses is the <see cref="Size"/>'s to say.</summary>
internal enum Gpr : byte
{
    Rax, Rcx, Rdx, Rbx, Rsp, Rbp, Rsi, Rdi, R8, R9, R10, R11, R12, R13, R14, R15,
}
