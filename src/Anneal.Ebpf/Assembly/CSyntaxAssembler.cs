// The assembler for the C-like notation that llvm-objdump and bpftool print (and clang's assembler reads):
//
//     r0 = 1              w1 s>>= 4             r0 = -r0              r1 = (s8)r2           r0 = be16 r0
//     r0 = *(u32 *)(r1 + 4)                     *(u8 *)(r10 - 1) = r2                       r1 = 0x1122334455667788 ll
//     if r1 s> 7 goto +3  goto label            gotol -4              call 1                call bpf_map_lookup_elem#1
//     lock *(u64 *)(r1 + 0) += r2               r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)  callx r2
//     r1 = xchg_64(r2 + 0, r1)                  r0 = cmpxchg_64(r1 + 0, r0, r2)             r0 = *(u16 *)skb[r1 + 2]
//     call pc+3           r1 = map[0] ll        r1 = map[1][0]+8 ll   r2 = function f ll    exit
//
// What the tools print in front (a number and a colon, the bytes in hexadecimal, an opcode in parentheses) and behind
// (<LBB0_1>, comments) is skipped, as are objdump's headings.

using Anneal.Ebpf.Helpers;

namespace Anneal.Ebpf.Assembly;

/// <summary>Assembles the C-like notation.</summary>
public static class CSyntaxAssembler
{
    private static readonly string[] Operators = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "", "%=", "^=", "="];
    private static readonly (string Text, JumpOperation Operation)[] Comparisons =
    [
        ("==", JumpOperation.Equal), ("!=", JumpOperation.NotEqual), ("s>=", JumpOperation.SignedGreaterOrEqual), ("s<=", JumpOperation.SignedLessOrEqual),
        ("s>", JumpOperation.SignedGreater), ("s<", JumpOperation.SignedLess), (">=", JumpOperation.GreaterOrEqual), ("<=", JumpOperation.LessOrEqual),
        (">", JumpOperation.Greater), ("<", JumpOperation.Less), ("&", JumpOperation.BitsSet),
    ];

    /// <summary>Assembles a program.</summary>
    /// <exception cref="AssemblyException">The text isn't a program.</exception>
    public static Instruction[] Assemble(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var list = new InstructionList();
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            var cursor = new TextCursor(Bare(line), number);
            while (TryLabel(ref cursor, out string label))
            {
                if (label.Length != 0) list.Bind(label, number);
            }

            if (cursor.IsAtEnd) continue;
            if (list.Count > EbpfProgram.MaxSlots) throw cursor.Error("too many instructions");
            Statement(ref cursor, list);
            cursor.Take(";");
            cursor.End();
        }

        return list.Finish();
    }

    // A line without comments.
    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> line)
    {
        int end = line.IndexOfAny('#', ';');
        // "#1" behind a helper's name is its number.
        if (end > 0 && line[end] == '#' && char.IsAsciiLetterOrDigit(line[end - 1])) end = line.IndexOf(';');
        if (end >= 0) line = line[..end];
        int slashes = line.IndexOf("//", StringComparison.Ordinal);
        return slashes < 0 ? line : line[..slashes];
    }

    // "12:" with bytes behind, "12: (b7)", "name:", "<name>:", "0000 <name>:". Numbers aren't labels.
    private static bool TryLabel(ref TextCursor cursor, out string label)
    {
        label = "";
        int colon = cursor.Rest.IndexOf(':');
        if (colon < 0) return false;
        ReadOnlySpan<char> name = cursor.Rest[..colon].Trim();
        int bracket = name.IndexOf('<');
        if (bracket >= 0)
        {
            if (name[^1] != '>') return false;
            name = name[(bracket + 1)..^1];
        }

        bool isNumber = bracket < 0;
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '$')) return false;
            isNumber &= char.IsAsciiDigit(c);
        }

        cursor = new TextCursor(cursor.Rest[(colon + 1)..], cursor.Line);
        if (!isNumber) label = name.ToString();
        else SkipEncoding(ref cursor);
        return true;
    }

    private static void SkipEncoding(ref TextCursor cursor)
    {
        ReadOnlySpan<char> rest = cursor.Rest;
        while (rest.Length > 2 && char.IsAsciiHexDigit(rest[0]) && char.IsAsciiHexDigit(rest[1]) && char.IsWhiteSpace(rest[2])) rest = rest[2..].TrimStart();
        if (rest.Length > 4 && rest[0] == '(' && char.IsAsciiHexDigit(rest[1]) && char.IsAsciiHexDigit(rest[2]) && rest[3] == ')') rest = rest[4..];
        cursor = new TextCursor(rest, cursor.Line);
    }

    private static void Statement(ref TextCursor cursor, InstructionList list)
    {
        if (cursor.TakeWord("exit")) list.Add(Opcodes.Exit, 0, 0, 0, 0);
        else if (cursor.TakeWord("gotol")) Goto(ref cursor, list, Opcodes.JumpLong, InstructionList.Field.Immediate);
        else if (cursor.TakeWord("goto")) Goto(ref cursor, list, Opcodes.Jump, InstructionList.Field.Offset);
        else if (cursor.TakeWord("if")) If(ref cursor, list);
        else if (cursor.TakeWord("callx")) list.Add(Opcodes.CallRegister, Register(ref cursor, out _), 0, 0, 0);
        else if (cursor.TakeWord("call")) Call(ref cursor, list);
        else if (cursor.TakeWord("lock")) Lock(ref cursor, list);
        else if (cursor.Peek == '*') Store(ref cursor, list);
        else Assign(ref cursor, list);
    }

    private static void Assign(ref TextCursor cursor, InstructionList list)
    {
        int destination = Register(ref cursor, out bool wide);
        int code = (int)(wide ? InstructionClass.Alu64 : InstructionClass.Alu);
        bool signed = cursor.Take("s");
        for (int i = 0; i < Operators.Length - 1; i++)
        {
            if (Operators[i].Length == 0 || !cursor.Take(Operators[i])) continue;
            if (signed && i is not ((int)AluOperation.Div >> 4 or (int)AluOperation.Mod >> 4 or (int)AluOperation.Rsh >> 4)) throw cursor.Error($"no operator 's{Operators[i]}'");
            int operation = signed && i == (int)AluOperation.Rsh >> 4 ? (int)AluOperation.Arsh >> 4 : i;
            int offset = signed && i != (int)AluOperation.Rsh >> 4 ? 1 : 0;
            Operand(ref cursor, list, code | (operation << 4), destination, offset, wide);
            return;
        }

        if (signed) throw cursor.Error("no such operator");
        cursor.Expect("=");
        Value(ref cursor, list, code, destination, wide);
    }

    private static void Operand(ref TextCursor cursor, InstructionList list, int code, int destination, int offset, bool wide)
    {
        if (cursor.Peek is 'r' or 'w') list.Add((byte)(code | 8), destination, SameWidth(ref cursor, wide), offset, 0);
        else list.Add((byte)code, destination, 0, offset, cursor.Immediate());
    }

    private static void Value(ref TextCursor cursor, InstructionList list, int code, int destination, bool wide)
    {
        int move = code | (int)AluOperation.Mov;
        if (cursor.Peek == '*')
        {
            Load(ref cursor, list, destination);
        }
        else if (cursor.Peek == '(')
        {
            cursor.Expect("(s");
            long bits = cursor.Number();
            if (bits is not (8 or 16 or 32)) throw cursor.Error($"no sign extension from {bits} bits");
            cursor.Expect(")");
            list.Add((byte)(move | 8), destination, SameWidth(ref cursor, wide), (int)bits, 0);
        }
        else if (cursor.Peek is 'r' or 'w')
        {
            list.Add((byte)(move | 8), destination, SameWidth(ref cursor, wide), 0, 0);
        }
        else if (cursor.Peek == '-' && cursor.Rest.Length > 1 && cursor.Rest[1..].TrimStart()[0] is 'r' or 'w')
        {
            cursor.Expect("-");
            if (SameWidth(ref cursor, wide) != destination) throw cursor.Error("a register can only be set to its own negative");
            list.Add((byte)(code | (int)AluOperation.Neg), destination, 0, 0, 0);
        }
        else if (cursor.TryNumber(out long number))
        {
            if (cursor.TakeWord("ll")) list.AddWide(destination, 0, (ulong)number);
            else if (number is >= int.MinValue and <= uint.MaxValue || (ulong)number >= 0xFFFF_FFFF_8000_0000) list.Add((byte)move, destination, 0, 0, (int)number);
            else throw cursor.Error($"{number} isn't a number of 32 bits: 'll' is missing");
        }
        else
        {
            Named(ref cursor, list, destination);
        }
    }

    private static void Named(ref TextCursor cursor, InstructionList list, int destination)
    {
        if (cursor.Take("map["))
        {
            cursor.Take("id:");
            uint map = (uint)cursor.Immediate();
            cursor.Expect("]");
            bool isValue = cursor.Take("[0]");
            uint offset = isValue && cursor.Take("+") ? (uint)cursor.Immediate() : 0;
            cursor.TakeWord("ll");
            list.AddWide(destination, (int)(isValue ? PseudoSource.MapValue : PseudoSource.Map), map | ((ulong)offset << 32));
            return;
        }

        if (cursor.TakeWord("function"))
        {
            list.AddWide(destination, (int)PseudoSource.Function, 0);
            Target(ref cursor, list, InstructionList.Field.Immediate, slotsBack: 2);
            cursor.TakeWord("ll");
            return;
        }

        ReadOnlySpan<char> word = cursor.Word();
        if (word.StartsWith("atomic_fetch_", StringComparison.Ordinal)) FetchOperation(ref cursor, list, word[13..]);
        else if (word is "xchg_64" or "xchg32_32") Exchange(ref cursor, list, AtomicOperation.Exchange, word is "xchg_64", comparand: false);
        else if (word is "cmpxchg_64" or "cmpxchg32_32") Exchange(ref cursor, list, AtomicOperation.CompareExchange, word is "cmpxchg_64", comparand: true);
        else Swap(ref cursor, list, word, destination);
    }

    private static void Swap(ref TextCursor cursor, InstructionList list, ReadOnlySpan<char> word, int destination)
    {
        int code = word switch
        {
            "le16" or "le32" or "le64" => (int)AluOperation.End | (int)InstructionClass.Alu,
            "be16" or "be32" or "be64" => (int)AluOperation.End | 8 | (int)InstructionClass.Alu,
            "bswap16" or "bswap32" or "bswap64" => (int)AluOperation.End | (int)InstructionClass.Alu64,
            _ => throw cursor.Error($"no value '{word}'"),
        };
        if (Register(ref cursor, out _) != destination) throw cursor.Error("bytes are swapped within one register");
        list.Add((byte)code, destination, 0, 0, int.Parse(word[^2..], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static void FetchOperation(ref TextCursor cursor, InstructionList list, ReadOnlySpan<char> name)
    {
        AtomicOperation operation = name switch
        {
            "add" => AtomicOperation.FetchAdd,
            "or" => AtomicOperation.FetchOr,
            "and" => AtomicOperation.FetchAnd,
            "xor" => AtomicOperation.FetchXor,
            _ => throw cursor.Error($"no atomic operation '{name}'"),
        };
        cursor.Expect("(");
        int size = Cast(ref cursor, out _);
        (int address, int offset) = Place(ref cursor, "(");
        cursor.Expect(")");
        cursor.Expect(",");
        AddAtomic(list, size, address, Register(ref cursor, out _), offset, operation);
        cursor.Expect(")");
    }

    private static void Exchange(ref TextCursor cursor, InstructionList list, AtomicOperation operation, bool wide, bool comparand)
    {
        (int address, int offset) = Place(ref cursor, "(");
        cursor.Expect(",");
        if (comparand)
        {
            if (Register(ref cursor, out _) != 0) throw cursor.Error("what is compared with is in r0");
            cursor.Expect(",");
        }

        AddAtomic(list, (int)(wide ? AccessSize.DoubleWord : AccessSize.Word), address, Register(ref cursor, out _), offset, operation);
        cursor.Expect(")");
    }

    private static void Lock(ref TextCursor cursor, InstructionList list)
    {
        cursor.Expect("*");
        int size = Cast(ref cursor, out _);
        (int address, int offset) = Place(ref cursor, "(");
        cursor.Expect(")");
        AtomicOperation operation = cursor.Take("+=") ? AtomicOperation.Add
            : cursor.Take("|=") ? AtomicOperation.Or
            : cursor.Take("&=") ? AtomicOperation.And
            : cursor.Take("^=") ? AtomicOperation.Xor
            : throw cursor.Error($"no atomic operation at '{cursor.Rest}'");
        AddAtomic(list, size, address, Register(ref cursor, out _), offset, operation);
    }

    private static void AddAtomic(InstructionList list, int size, int address, int source, int offset, AtomicOperation operation) =>
        list.Add((byte)((int)InstructionClass.Stx | (int)AccessMode.Atomic | size), address, source, offset, (int)operation);

    private static void Load(ref TextCursor cursor, InstructionList list, int destination)
    {
        cursor.Expect("*");
        int size = Cast(ref cursor, out bool signed);
        if (cursor.Take("skb["))
        {
            bool indirect = cursor.Peek == 'r';
            int index = indirect ? Register(ref cursor, out _) : 0;
            if (indirect) cursor.Take("+");
            int offset = cursor.Peek == ']' ? 0 : cursor.Immediate();
            cursor.Expect("]");
            if (destination != 0) throw cursor.Error("packet loads go to r0");
            list.Add((byte)((int)(indirect ? AccessMode.Indirect : AccessMode.Absolute) | size), 0, index, 0, offset);
            return;
        }

        (int source, int distance) = Place(ref cursor, "(");
        cursor.Expect(")");
        list.Add((byte)((int)InstructionClass.Ldx | (int)(signed ? AccessMode.MemorySignExtending : AccessMode.Memory) | size), destination, source, distance, 0);
    }

    private static void Store(ref TextCursor cursor, InstructionList list)
    {
        cursor.Expect("*");
        int size = Cast(ref cursor, out _);
        (int address, int offset) = Place(ref cursor, "(");
        cursor.Expect(")");
        cursor.Expect("=");
        if (cursor.Peek is 'r' or 'w') list.Add((byte)((int)InstructionClass.Stx | (int)AccessMode.Memory | size), address, Register(ref cursor, out _), offset, 0);
        else list.Add((byte)((int)InstructionClass.St | (int)AccessMode.Memory | size), address, 0, offset, cursor.Immediate());
    }

    private static void If(ref TextCursor cursor, InstructionList list)
    {
        int left = Register(ref cursor, out bool wide);
        int code = (int)(wide ? InstructionClass.Jmp : InstructionClass.Jmp32);
        bool known = false;
        foreach ((string text, JumpOperation operation) in Comparisons)
        {
            if (!cursor.Take(text)) continue;
            code |= (int)operation;
            known = true;
            break;
        }

        if (!known) throw cursor.Error($"no comparison at '{cursor.Rest}'");
        Operand(ref cursor, list, code, left, 0, wide);
        if (!cursor.TakeWord("goto")) throw cursor.Error($"'goto' expected before '{cursor.Rest}'");
        Target(ref cursor, list, InstructionList.Field.Offset);
    }

    private static void Goto(ref TextCursor cursor, InstructionList list, byte opcode, InstructionList.Field field)
    {
        list.Add(opcode, 0, 0, 0, 0);
        Target(ref cursor, list, field);
    }

    private static void Call(ref TextCursor cursor, InstructionList list)
    {
        if (cursor.Rest.StartsWith("pc+", StringComparison.Ordinal) || cursor.Rest.StartsWith("pc-", StringComparison.Ordinal))
        {
            list.Add(Opcodes.Call, 0, (int)CallKind.Local, 0, 0);
            Target(ref cursor, list, InstructionList.Field.Immediate);
        }
        else if (cursor.TakeWord("local"))
        {
            list.Add(Opcodes.Call, 0, (int)CallKind.Local, 0, 0);
            Target(ref cursor, list, InstructionList.Field.Immediate);
        }
        else if (cursor.TryNumber(out long number))
        {
            list.Add(Opcodes.Call, 0, 0, 0, number == (int)number ? (int)number : throw cursor.Error($"no helper {number}"));
        }
        else
        {
            string name = cursor.Word().ToString();
            int id = cursor.Take("#") ? cursor.Immediate() : HelperNames.Find(name);
            list.Add(Opcodes.Call, 0, 0, 0, id >= 0 ? id : throw cursor.Error($"no helper '{name}'"));
        }
    }

    private static void Target(ref TextCursor cursor, InstructionList list, InstructionList.Field field, int slotsBack = 1)
    {
        if (cursor.Rest.StartsWith("pc+", StringComparison.Ordinal) || cursor.Rest.StartsWith("pc-", StringComparison.Ordinal)) cursor.Take("pc");
        if (cursor.Peek is '+' or '-' || char.IsAsciiDigit(cursor.Peek))
        {
            list.Patch(field == InstructionList.Field.Offset ? cursor.Offset() : cursor.Immediate(), field, slotsBack);
        }
        else
        {
            bool bracketed = cursor.Take("<");
            list.Refer(cursor.Word().ToString(), field, cursor.Line, slotsBack);
            if (bracketed) cursor.Expect(">");
        }

        // What objdump adds for people.
        if (!cursor.Take("<")) return;
        cursor.Word();
        cursor.Take("+");
        if (cursor.Peek != '>') cursor.Number();
        cursor.Expect(">");
    }

    // "(u32 *)": the size code, and whether it's signed.
    private static int Cast(ref TextCursor cursor, out bool signed)
    {
        cursor.Expect("(");
        signed = cursor.Peek == 's';
        if (!signed) cursor.Expect("u");
        else cursor.Expect("s");
        long bits = cursor.Number();
        cursor.Expect("*");
        cursor.Expect(")");
        return bits switch
        {
            8 => (int)AccessSize.Byte,
            16 => (int)AccessSize.HalfWord,
            32 => (int)AccessSize.Word,
            64 => (int)AccessSize.DoubleWord,
            _ => throw cursor.Error($"no access of {bits} bits"),
        };
    }

    // "(r1 + 4", "(r1 +4", "(r10 - 8"; what closes it is the caller's.
    private static (int Register, int Offset) Place(ref TextCursor cursor, ReadOnlySpan<char> open)
    {
        cursor.Expect(open);
        int register = Register(ref cursor, out _);
        if (cursor.Peek is not ('+' or '-')) return (register, 0);
        bool negative = cursor.Take("-");
        if (!negative) cursor.Take("+");
        long offset = cursor.Number();
        if (negative) offset = -offset;
        return offset == (short)offset ? (register, (int)offset) : throw cursor.Error($"{offset} isn't a signed number of 16 bits");
    }

    private static int SameWidth(ref TextCursor cursor, bool wide)
    {
        int register = Register(ref cursor, out bool isWide);
        return isWide == wide ? register : throw cursor.Error("registers of 32 and of 64 bits in one operation");
    }

    private static int Register(ref TextCursor cursor, out bool wide)
    {
        wide = cursor.Take("r");
        if (!wide && !cursor.Take("w")) throw cursor.Error($"a register expected before '{cursor.Rest}'");
        long number = cursor.Number();
        return number is >= 0 and <= 10 ? (int)number : throw cursor.Error($"no register {number}");
    }
}
