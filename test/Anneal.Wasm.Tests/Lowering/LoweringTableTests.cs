// The tables of lowering against the tables that they must agree with.

using Anneal.Bytecode;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Lowering;
using Xunit;

namespace Anneal.Wasm.Tests.Lowering;

public sealed class LoweringTableTests
{
    [Fact]
    public void A_branch_names_the_compare_that_it_stands_for()
    {
        for (Op op = 0; (int)op < OpTable.Count; op++)
        {
            Op branch = CompareOps.BranchOf(op);
            if (branch == Op.Nop) continue;
            Assert.Equal("br." + OpTable.Mnemonic(op), OpTable.Mnemonic(branch));
            Assert.Equal(branch, CompareOps.NegateBranch(CompareOps.NegateBranch(branch)));
            if (CompareOps.Negate(op) is var negation and not Op.Nop)
                Assert.Equal("br." + OpTable.Mnemonic(negation), OpTable.Mnemonic(CompareOps.NegateBranch(branch)));
        }
    }

    [Theory]
    [InlineData(nameof(Op.I32Eq), nameof(Op.I32Ne))]
    [InlineData(nameof(Op.I32LtS), nameof(Op.I32GeS))]
    [InlineData(nameof(Op.I64LtUK), nameof(Op.I64GeUK))]
    [InlineData(nameof(Op.F64Eq), nameof(Op.F64Ne))]
    [InlineData(nameof(Op.F32Lt), nameof(Op.Nop))]
    public void Negations_are_mutual(string op, string negation) =>
        Assert.Equal(Enum.Parse<Op>(negation), CompareOps.Negate(Enum.Parse<Op>(op)));

    [Theory]
    [InlineData(nameof(Op.BrF64Lt), nameof(Op.BrF64NotLt))]
    [InlineData(nameof(Op.BrF32NotLe), nameof(Op.BrF32Le))]
    [InlineData(nameof(Op.BrI32LtUK), nameof(Op.BrI32GeUK))]
    public void Branches_know_their_negation(string branch, string negation) =>
        Assert.Equal(Enum.Parse<Op>(negation), CompareOps.NegateBranch(Enum.Parse<Op>(branch)));

    [Fact]
    public void Every_instruction_with_a_fixed_type_has_a_row_or_a_case()
    {
        foreach (OpcodeInfo info in WasmOpcodes.Rows.ToArray())
        {
            bool isTyped = info is { Immediate: ImmediateKind.None, Operands.Length: > 0 } || info.Immediate == ImmediateKind.MemoryArgument;
            if (!isTyped) continue;
            LoweringRow row = ((int)info.Opcode < 256 ? LoweringTable.Plain : LoweringTable.Miscellaneous)[(byte)info.Opcode];
            Assert.True(row.Opcode == info.Opcode && row.Shape != LoweringShape.None, info.Mnemonic);
            if (info.Results!.Length == 1) Assert.Equal(WasmOpcodes.TypeOf(info.Results[0]), row.Result);
            if ((row.Form & OperandForm.Swapped) == 0 && row.Shape != LoweringShape.Test) Assert.Equal(info.Mnemonic, OpTable.Mnemonic(row.Op));
            Assert.Equal(info.AccessSize, OpTable.WidthOf(row.Op));
        }
    }
}
