// Which bytecode branch a conditional jump is. The bytecode has "less" and "greater or equal" only: the other two compare
// with exchanged operands, or with the immediate plus one.

using Anneal.Bytecode;

namespace Anneal.Ebpf.Lowering;

/// <summary>The table of conditional jumps.</summary>
internal static class JumpOps
{
    /// <summary>The branch for two slots, and whether they are exchanged.</summary>
    public static Op Binary(JumpOperation operation, bool wide, out bool exchanged)
    {
        exchanged = operation is JumpOperation.Greater or JumpOperation.LessOrEqual or JumpOperation.SignedGreater or JumpOperation.SignedLessOrEqual;
        return operation switch
        {
            JumpOperation.Equal => wide ? Op.BrI64Eq : Op.BrI32Eq,
            JumpOperation.NotEqual => wide ? Op.BrI64Ne : Op.BrI32Ne,
            JumpOperation.Less or JumpOperation.Greater => wide ? Op.BrI64LtU : Op.BrI32LtU,
            JumpOperation.GreaterOrEqual or JumpOperation.LessOrEqual => wide ? Op.BrI64GeU : Op.BrI32GeU,
            JumpOperation.SignedLess or JumpOperation.SignedGreater => wide ? Op.BrI64LtS : Op.BrI32LtS,
            JumpOperation.SignedGreaterOrEqual or JumpOperation.SignedLessOrEqual => wide ? Op.BrI64GeS : Op.BrI32GeS,
            _ => throw new InvalidOperationException($"{operation} is no comparison"),
        };
    }

    /// <summary>The operation without "greater" and "less or equal", for an immediate that is adjusted by one where they were.</summary>
    public static JumpOperation WithImmediate(JumpOperation operation, out bool plusOne)
    {
        plusOne = true;
        switch (operation)
        {
            case JumpOperation.Greater: return JumpOperation.GreaterOrEqual;
            case JumpOperation.LessOrEqual: return JumpOperation.Less;
            case JumpOperation.SignedGreater: return JumpOperation.SignedGreaterOrEqual;
            case JumpOperation.SignedLessOrEqual: return JumpOperation.SignedLess;
            default:
                plusOne = false;
                return operation;
        }
    }

    /// <summary>The form with a 16-bit immediate of a branch on two slots.</summary>
    public static Op Immediate(Op op) => op switch
    {
        Op.BrI64Eq => Op.BrI64EqK,
        Op.BrI64Ne => Op.BrI64NeK,
        Op.BrI64LtU => Op.BrI64LtUK,
        Op.BrI64GeU => Op.BrI64GeUK,
        Op.BrI64LtS => Op.BrI64LtSK,
        Op.BrI64GeS => Op.BrI64GeSK,
        Op.BrI32Eq => Op.BrI32EqK,
        Op.BrI32Ne => Op.BrI32NeK,
        Op.BrI32LtU => Op.BrI32LtUK,
        Op.BrI32GeU => Op.BrI32GeUK,
        Op.BrI32LtS => Op.BrI32LtSK,
        Op.BrI32GeS => Op.BrI32GeSK,
        _ => throw new InvalidOperationException($"{op} has no immediate form"),
    };
}
