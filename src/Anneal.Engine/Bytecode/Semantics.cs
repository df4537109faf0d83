// What each op computes, stated once, in typed C#. The oracle: the portable tier executes it, the constant folder folds
// with it, tests compare machine code with it. Clarity before speed. Split by family: integers, floats, conversions, memory.
//
// Floats are deterministic to the bit, with the rules of the processors the emitted tiers run on (all within what
// WebAssembly allows): an operation on a NaN gives the first operand that is a NaN, made quiet; an invalid operation
// (infinity - infinity, the root of a negative number) gives the quiet NaN with its sign set and no payload. Copies, neg, abs,
// copysign and reinterpretations are operations on bits and keep signalling NaNs as they are.

using Anneal.Runtime;

namespace Anneal.Bytecode;

/// <summary>The meaning of the ops that compute values; called by the dispatch that the opcode table derives.</summary>
internal static unsafe partial class Semantics
{
    private static int Bit(bool condition) => condition ? 1 : 0;

    private static GuestFault DivideByZero() => new(TrapKind.IntegerDivideByZero);

    private static GuestFault Overflow() => new(TrapKind.IntegerOverflow);
}
