// Writes x86-64 machine code into a code buffer. One method is one row of the manual's opcode map (or a few rows that differ
// in operand size or in the length of an immediate); the comment beside it gives the bytes. Destination first, as the
// manual has it. Where several encodings mean the same the shortest is taken, but nothing is substituted by an instruction
// with other effects: mov never becomes xor.
//
// Files by section of the manual: .Integer.cs moves, arithmetic, shifts; .Bits.cs bit scans and BMI; .Control.cs jumps, calls,
// stack, system; .Sse.cs and .SseMove.cs; .Avx.cs, .AvxMove.cs and .Fma.cs; .Encoding.cs is the only one that knows REX,
// ModRM, SIB and VEX. Nothing here asks whether the processor has the instruction: callers consult X64Features.

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler(CodeBuffer code)
{
    /// <summary>Where the code goes.</summary>
    public CodeBuffer Code => code;
}
