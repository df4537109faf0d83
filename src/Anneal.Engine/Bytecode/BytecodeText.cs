// The text form of bytecode, for dumps and tests; what is printed parses to the same words again.
//
//     function slots=4 params=2 results=1 temps=3
//     at 0x2f                                    guest offset of what follows
//     L0:
//        0: loop 0:3                             the number before the colon is the pc; it is not needed
//        2: br.i32.lt_s s0, s1 -> L9 (live 3)    without (live n) all slots are
//        4: i32.load s3, s0, m0.guarded, +16
//        6: call 3, f7 (args 1, site 2)          t7 where a type is called; the site may be left out
//        8: ret.1 s3
//     L9:
//        9: br_table s0, 1 -> L0 (live 3), L9 (live 3)
//
// Slots are s0, indices #0, numbers and 16-bit immediates plain, 64-bit immediates hexadecimal, far moves s70000:s1. A
// semicolon starts a comment.

using System.Globalization;

namespace Anneal.Bytecode;

/// <summary>Prints and parses the text form of a function body.</summary>
internal static class BytecodeText
{
    private static readonly string[] ModeNames = ["guarded", "checked", "sectioned", "trusted"];

    /// <summary>The name of an addressing mode in the text form.</summary>
    public static string NameOf(AddressingMode mode) => ModeNames[(int)mode];

    /// <summary>The addressing mode of that name.</summary>
    public static bool TryParseMode(ReadOnlySpan<char> name, out AddressingMode mode)
    {
        int index = Array.IndexOf(ModeNames, name.ToString());
        mode = (AddressingMode)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>The text of a body.</summary>
    public static string Print(FunctionBody body)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.NewLine = "\n";
        Print(body, text);
        return text.ToString();
    }

    /// <summary>Writes the text of a body. A body that the checker would refuse prints as far as it can be told apart.</summary>
    public static void Print(FunctionBody body, TextWriter text)
    {
        text.WriteLine($"function slots={body.SlotCount} params={body.ParameterSlots} results={body.ResultSlots} temps={body.TemporaryBase}");
        HashSet<int> targets = TargetsOf(body.Code);
        int lastOffset = -1;
        int pc = 0;
        while (pc < body.Code.Length)
        {
            int offset = body.Sources.GuestOffset(pc);
            if (offset != lastOffset) text.WriteLine($"at 0x{offset:x}");
            lastOffset = offset;
            if (targets.Contains(pc)) text.WriteLine($"L{pc}:");
            text.Write($"{pc,6}: ");
            if (!IsWhole(body.Code, pc))
            {
                text.WriteLine($"; 0x{body.Code[pc]:x16} is no instruction");
                pc++;
                continue;
            }

            PrintInstruction(body.Code, pc, text);
            text.WriteLine();
            pc += OpTable.LengthAt(body.Code, pc);
        }
    }

    /// <summary>Writes one instruction, without its position.</summary>
    public static void PrintInstruction(ReadOnlySpan<ulong> code, int pc, TextWriter text)
    {
        ulong word = code[pc];
        var op = (Op)(ushort)word;
        text.Write(OpTable.Mnemonic(op));
        int field = 0, extra = pc;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            ulong bits = operand.IsField ? (ushort)(word >> (16 * ++field)) : code[++extra];
            text.Write(operand.Kind == OperandKind.Target ? " -> " : i == 0 ? " " : ", ");
            text.Write(Operand(op, operand.Kind, bits));
        }

        for (int i = extra + 1; i < pc + OpTable.LengthAt(code, pc); i++)
        {
            text.Write(i == extra + 1 ? " -> " : ", ");
            text.Write(Operand(op, OperandKind.Target, code[i]));
        }
    }

    /// <summary>Parses the text of one body.</summary>
    /// <exception cref="FormatException">The text isn't one; the message names the line.</exception>
    public static FunctionBody Parse(string text) => new BytecodeParser().Parse(text);

    private static string Operand(Op op, OperandKind kind, ulong bits) => kind switch
    {
        OperandKind.Destination or OperandKind.Source or OperandKind.SourceWord => $"s{bits}",
        OperandKind.Immediate16 => ((short)bits).ToString(CultureInfo.InvariantCulture),
        OperandKind.Number16 => bits.ToString(CultureInfo.InvariantCulture),
        OperandKind.Memory => $"m{new MemoryOperand((ushort)bits).Memory}.{NameOf(new MemoryOperand((ushort)bits).Mode)}",
        OperandKind.Offset => $"+{bits}",
        OperandKind.Immediate64 => $"0x{bits:x}",
        OperandKind.Index => $"#{bits}",
        OperandKind.Pair => $"{(uint)bits}:{bits >> 32}",
        OperandKind.Far => $"s{(uint)bits}:s{bits >> 32}",
        OperandKind.Target => Target(new BranchTarget(bits)),
        OperandKind.Call => Call(op, new CallOperand(bits)),
        _ => throw new InvalidOperationException($"operand kind {kind} has no text form"),
    };

    private static string Target(BranchTarget target) =>
        target.LiveSlots == ushort.MaxValue ? $"L{target.Pc}" : $"L{target.Pc} (live {target.LiveSlots})";

    private static string Call(Op op, CallOperand call)
    {
        char sort = op is Op.CallIndirect or Op.CallRef or Op.TailIndirect or Op.TailRef ? 't' : 'f';
        string site = call.Site == CallOperand.NoSite ? "" : $", site {call.Site}";
        return $"{sort}{call.Callee} (args {call.ArgumentSlots}{site})";
    }

    private static bool IsWhole(ReadOnlySpan<ulong> code, int pc) =>
        OpTable.IsDefined((Op)(ushort)code[pc]) && pc + OpTable.LengthAt(code, pc) <= code.Length;

    private static HashSet<int> TargetsOf(ReadOnlySpan<ulong> code)
    {
        var targets = new HashSet<int>();
        int pc = 0;
        while (pc < code.Length)
        {
            if (!IsWhole(code, pc))
            {
                pc++;
                continue;
            }

            foreach (ulong target in BytecodeTargets.Of(code, pc)) targets.Add(new BranchTarget(target).Pc);
            pc += OpTable.LengthAt(code, pc);
        }

        return targets;
    }
}
