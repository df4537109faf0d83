namespace Anneal.Bytecode;

/// <summary>Where an instruction may branch to.</summary>
internal static class BytecodeTargets
{
    /// <summary>The target words of the instruction at <paramref name="pc"/>: none, one, or those of a branch table.</summary>
    public static ReadOnlySpan<ulong> Of(ReadOnlySpan<ulong> code, int pc)
    {
        var op = (Op)(ushort)code[pc];
        if (op == Op.BrTable) return code[(pc + 1)..(pc + OpTable.LengthAt(code, pc))];
        int extra = pc;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            if (!operand.IsField) extra++;
            if (operand.Kind == OperandKind.Target) return code.Slice(extra, 1);
        }

        return [];
    }

    /// <summary>Whether control never goes on to the instruction after one of this op.</summary>
    public static bool NeverFallsThrough(Op op) => op is Op.Br or Op.BrTable or Op.Ret or Op.Ret1 or Op.Fret1 or Op.Trap
        or Op.Tail or Op.TailImport or Op.TailIndirect or Op.TailRef;
}
