// The table of instructions: every public emitter method with what a disassembler must make of it. A row is the method's
// name and parameter types, and a text with a place for each argument:
//
//   {n:b} {n:w} {n:d} {n:q}  general-purpose operand of that size       {n:s} of the size that the first parameter says
//   {n:s1}                   of the size that the second parameter says  {n:x} {n:y} {n:v}  xmm, ymm, or as VectorLength says
//   {n:h} {n:f} {n:e}        xmm, or half, a fourth, an eighth of the vector in memory
//   {n:…/m}                  as before, but m bits if in memory          {n:cc} condition
//   {n:i8} {n:i16} {n:i32} {n:is} {n:c}  immediate as signed number; is: of the operand's size; c: a shift count; t: a bit number
//   {n:@}                    code address
//
// Sizes that a form has stand before a bar ("wdq|"); without one it has all four. What can't be said so is in Special.

namespace Anneal.Assembler.Tests;

internal static partial class Forms
{
    // A constructor, because it runs after the initializers of all parts.
    static Forms() => All =
        new (string Method, string Text)[][]
            {
                s_integer, s_control, s_bits, s_sse, s_sseInteger, s_sseMove, s_avx, s_avxInteger, s_avxMove, s_fma,
            }
            .SelectMany(rows => rows)
            .ToDictionary(row => row.Method, row => row.Text);

    public static IReadOnlyDictionary<string, string> All { get; }
}
