// How compares relate to each other and to branches. The opcode table lists each family in the same order, so all of
// it is arithmetic on op numbers; a test holds the two together.

using Anneal.Bytecode;

namespace Anneal.Wasm.Lowering;

/// <summary>Maps compares to their negations and to the branches that are taken when they hold.</summary>
internal static class CompareOps
{
    // Of the six compares of integers (eq ne lt_s lt_u ge_s ge_u), which one is the negation.
    private static ReadOnlySpan<byte> IntegerNegations => [1, 0, 4, 5, 2, 3];

    // Of the six branches on compares of floats (eq ne lt le not_lt not_le), which one is the negation.
    private static ReadOnlySpan<byte> FloatNegations => [1, 0, 4, 5, 2, 3];

    /// <summary>The branch taken when the compare gives 1; nop if the op is no compare.</summary>
    public static Op BranchOf(Op compare) => compare switch
    {
        >= Op.I32Eq and <= Op.I32GeUK => Op.BrI32Eq + (compare - Op.I32Eq),
        >= Op.I64Eq and <= Op.I64GeUK => Op.BrI64Eq + (compare - Op.I64Eq),
        >= Op.F32Eq and <= Op.F32Le => Op.BrF32Eq + (compare - Op.F32Eq),
        >= Op.F64Eq and <= Op.F64Le => Op.BrF64Eq + (compare - Op.F64Eq),
        _ => Op.Nop,
    };

    /// <summary>The compare that gives 1 where this one gives 0, on the same operands; nop if there's none.</summary>
    public static Op Negate(Op compare) => compare switch
    {
        >= Op.I32Eq and <= Op.I32GeU => Of(Op.I32Eq, compare, IntegerNegations),
        >= Op.I32EqK and <= Op.I32GeUK => Of(Op.I32EqK, compare, IntegerNegations),
        >= Op.I64Eq and <= Op.I64GeU => Of(Op.I64Eq, compare, IntegerNegations),
        >= Op.I64EqK and <= Op.I64GeUK => Of(Op.I64EqK, compare, IntegerNegations),
        Op.F32Eq or Op.F32Ne => Of(Op.F32Eq, compare, FloatNegations),
        Op.F64Eq or Op.F64Ne => Of(Op.F64Eq, compare, FloatNegations),
        _ => Op.Nop,
    };

    /// <summary>The branch taken where this one isn't, on the same operands.</summary>
    public static Op NegateBranch(Op branch) => branch switch
    {
        >= Op.BrI32Eq and <= Op.BrI32GeU => Of(Op.BrI32Eq, branch, IntegerNegations),
        >= Op.BrI32EqK and <= Op.BrI32GeUK => Of(Op.BrI32EqK, branch, IntegerNegations),
        >= Op.BrI64Eq and <= Op.BrI64GeU => Of(Op.BrI64Eq, branch, IntegerNegations),
        >= Op.BrI64EqK and <= Op.BrI64GeUK => Of(Op.BrI64EqK, branch, IntegerNegations),
        >= Op.BrF32Eq and <= Op.BrF32NotLe => Of(Op.BrF32Eq, branch, FloatNegations),
        >= Op.BrF64Eq and <= Op.BrF64NotLe => Of(Op.BrF64Eq, branch, FloatNegations),
        _ => throw new InvalidOperationException($"engine bug: {branch} has no negation"),
    };

    private static Op Of(Op first, Op op, ReadOnlySpan<byte> negations) => first + negations[op - first];
}
