// What Iced makes of some bytes, written so that an expectation can be written independently of any formatter: mnemonic,
// operands, memory with its width, code addresses relative to the start of the code.

using System.Globalization;
using System.Text;
using Iced.Intel;

namespace Anneal.Assembler.Tests;

internal static class Disassembly
{
    public static string TextOf(in Instruction instruction, ulong origin)
    {
        var text = new StringBuilder();
        if (instruction.HasLockPrefix)
            text.Append("lock ");
        if (instruction.HasRepPrefix)
            text.Append("rep ");
        text.Append(NameOf(instruction.Mnemonic));
        for (int i = 0; i < instruction.OpCount; i++)
            text.Append(i == 0 ? " " : ", ").Append(OperandOf(in instruction, i, origin));
        return text.ToString();
    }

    private static string NameOf(Mnemonic mnemonic) => mnemonic.ToString().ToLowerInvariant();

    private static string OperandOf(in Instruction instruction, int i, ulong origin)
    {
        switch (instruction.GetOpKind(i))
        {
            case OpKind.Register:
                return NameOf(instruction.GetOpRegister(i));
            case OpKind.NearBranch64:
                return At((long)(instruction.NearBranchTarget - origin));
            case OpKind.Immediate8 or OpKind.Immediate8_2nd:
                return Number((sbyte)instruction.GetImmediate(i));
            case OpKind.Immediate16 or OpKind.Immediate8to16:
                return Number((short)instruction.GetImmediate(i));
            case OpKind.Immediate32 or OpKind.Immediate8to32:
                return Number((int)instruction.GetImmediate(i));
            case OpKind.Immediate64 or OpKind.Immediate8to64 or OpKind.Immediate32to64:
                return Number((long)instruction.GetImmediate(i));
            case OpKind.MemoryESRDI:
                return $"m{8 * instruction.MemorySize.GetSize()}[rdi]";
            case OpKind.MemorySegRSI:
                return $"m{8 * instruction.MemorySize.GetSize()}[rsi]";
            case OpKind.Memory:
                return MemoryOf(in instruction, origin);
            default:
                throw new NotSupportedException(instruction.GetOpKind(i).ToString());
        }
    }

    private static string MemoryOf(in Instruction instruction, ulong origin)
    {
        string width = $"m{8 * instruction.MemorySize.GetSize()}";
        if (instruction.IsIPRelativeMemoryOperand)
            return $"{width}[{At((long)(instruction.IPRelativeMemoryAddress - origin))}]";
        string? baseName = instruction.MemoryBase == Register.None ? null : NameOf(instruction.MemoryBase);
        string? indexName = instruction.MemoryIndex == Register.None ? null : NameOf(instruction.MemoryIndex);
        return Memory(width, baseName, indexName, instruction.MemoryIndexScale, (int)instruction.MemoryDisplacement64);
    }

    public static string Memory(string width, string? baseName, string? indexName, int scale, int displacement)
    {
        string index = indexName == null ? "" : $"+{indexName}*{scale}";
        return $"{width}[{baseName}{index}{(displacement < 0 ? "" : "+")}{Number(displacement)}]";
    }

    public static string At(long offset) => "@" + Number(offset);

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string NameOf(Register register) => register.ToString().ToLowerInvariant() switch
    {
        // Iced calls the low words of the numbered registers r8w, their low bytes r8l.
        ['r', .. var number, 'l'] when int.TryParse(number, out _) => $"r{number}b",
        var name => name,
    };
}
