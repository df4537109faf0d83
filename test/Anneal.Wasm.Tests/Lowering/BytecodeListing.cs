// Prints bytecode one instruction a line, so that a test can state what lowering must write. Branch targets are shown as
// the number of the instruction that they lead to.

using System.Globalization;
using System.Text;
using Anneal.Bytecode;

namespace Anneal.Wasm.Tests.Lowering;

internal static class BytecodeListing
{
    public static string Of(FunctionBody body)
    {
        var numbers = new Dictionary<int, int>();
        for (int pc = 0; pc < body.Code.Length; pc += OpTable.LengthAt(body.Code, pc)) numbers.Add(pc, numbers.Count);
        var text = new StringBuilder();
        foreach (int pc in numbers.Keys) text.Append(Line(body.Code, pc, numbers)).Append('\n');
        return text.ToString();
    }

    private static string Line(ulong[] code, int pc, Dictionary<int, int> numbers)
    {
        var op = (Op)(ushort)code[pc];
        var line = new StringBuilder(OpTable.Mnemonic(op));
        int field = 0, word = 0;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            ulong bits = operand.IsField ? (ushort)(code[pc] >> (16 * ++field)) : code[pc + ++word];
            line.Append(' ').Append(Operand(operand.Kind, bits, numbers));
        }

        if (op == Op.BrTable)
        {
            for (int i = pc + 1; i < pc + OpTable.LengthAt(code, pc); i++) line.Append(' ').Append(Operand(OperandKind.Target, code[i], numbers));
        }

        return line.ToString();
    }

    private static string Operand(OperandKind kind, ulong bits, Dictionary<int, int> numbers) => kind switch
    {
        OperandKind.Destination or OperandKind.Source or OperandKind.SourceWord => $"${bits}",
        OperandKind.Immediate16 => ((short)bits).ToString(CultureInfo.InvariantCulture),
        OperandKind.Target => $"->{numbers[new BranchTarget(bits).Pc]}",
        OperandKind.Pair => $"{(uint)bits},{bits >> 32}",
        OperandKind.Far => $"${(uint)bits},${bits >> 32}",
        OperandKind.Memory => $"m{new MemoryOperand((ushort)bits).Memory}",
        OperandKind.Offset => $"+{bits}",
        OperandKind.Call => $"f{new CallOperand(bits).Callee}({new CallOperand(bits).ArgumentSlots})",
        _ => bits.ToString(CultureInfo.InvariantCulture),
    };
}
