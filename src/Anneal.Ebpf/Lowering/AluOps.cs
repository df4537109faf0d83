// Which bytecode op an arithmetic operation is, on 32 and on 64 bits, with a slot or a 16-bit immediate.

using Anneal.Bytecode;

namespace Anneal.Ebpf.Lowering;

/// <summary>The table of arithmetic ops.</summary>
internal static class AluOps
{
    /// <summary>The op on two slots.</summary>
    public static Op Binary(AluOperation operation, bool wide, bool signed) => operation switch
    {
        AluOperation.Add => wide ? Op.I64Add : Op.I32Add,
        AluOperation.Sub => wide ? Op.I64Sub : Op.I32Sub,
        AluOperation.Mul => wide ? Op.I64Mul : Op.I32Mul,
        AluOperation.Div when signed => wide ? Op.I64QuotS : Op.I32QuotS,
        AluOperation.Div => wide ? Op.I64QuotU : Op.I32QuotU,
        AluOperation.Mod when signed => wide ? Op.I64ModS : Op.I32ModS,
        AluOperation.Mod => wide ? Op.I64ModU : Op.I32ModU,
        AluOperation.Or => wide ? Op.I64Or : Op.I32Or,
        AluOperation.And => wide ? Op.I64And : Op.I32And,
        AluOperation.Xor => wide ? Op.I64Xor : Op.I32Xor,
        AluOperation.Lsh => wide ? Op.I64Shl : Op.I32Shl,
        AluOperation.Rsh => wide ? Op.I64ShrU : Op.I32ShrU,
        AluOperation.Arsh => wide ? Op.I64ShrS : Op.I32ShrS,
        _ => throw new InvalidOperationException($"{operation} has no binary op"),
    };

    /// <summary>The op on a slot and a 16-bit immediate; <see cref="Op.Nop"/> if there's none.</summary>
    public static Op Immediate(AluOperation operation, bool wide) => operation switch
    {
        AluOperation.Add => wide ? Op.I64AddK : Op.I32AddK,
        AluOperation.Mul => wide ? Op.I64MulK : Op.I32MulK,
        AluOperation.Or => wide ? Op.I64OrK : Op.I32OrK,
        AluOperation.And => wide ? Op.I64AndK : Op.I32AndK,
        AluOperation.Xor => wide ? Op.I64XorK : Op.I32XorK,
        AluOperation.Lsh => wide ? Op.I64ShlK : Op.I32ShlK,
        AluOperation.Rsh => wide ? Op.I64ShrUK : Op.I32ShrUK,
        AluOperation.Arsh => wide ? Op.I64ShrSK : Op.I32ShrSK,
        _ => Op.Nop,
    };
}
