// The assembler for the plain syntax, one instruction a line:
//
//     mov32 %r0, 0               add %r1, %r2            neg %r3            be16 %r0       movsx864 %r1, %r2
//     ldxw %r0, [%r1+4]          stxdw [%r10-8], %r1     stb [%r1], 7       lddw %r0, 0x1122334455667788
//     jne %r1, 0, label          ja +3                   ja32 label         label:         # comment
//     lock fetch add [%r1], %r2  lock cmpxchg32 [%r10-8], %r1
//     call 5                     call %r2                call local f       exit
//     ldabsh 12                  ldindw %r2, 4           legacy packet loads
//     lddw %r1, map 0            lddw %r1, value 0+8     lddw %r2, function f

namespace Anneal.Ebpf.Assembly;

/// <summary>Assembles the plain syntax.</summary>
public static class PlainAssembler
{
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
            int comment = line.IndexOf('#');
            var cursor = new TextCursor(comment < 0 ? line : line[..comment], number);
            while (!cursor.IsAtEnd && IsLabel(cursor.Rest, out int length))
            {
                list.Bind(cursor.Rest[..length].ToString(), number);
                cursor = new TextCursor(cursor.Rest[(length + 1)..], number);
            }

            if (cursor.IsAtEnd) continue;
            if (list.Count > EbpfProgram.MaxSlots) throw cursor.Error("too many instructions");
            Line(ref cursor, list);
            cursor.End();
        }

        return list.Finish();
    }

    private static bool IsLabel(ReadOnlySpan<char> text, out int length)
    {
        length = text.IndexOf(':');
        if (length <= 0) return false;
        foreach (char c in text[..length])
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.')) return false;
        }

        return true;
    }

    private static void Line(ref TextCursor cursor, InstructionList list)
    {
        ReadOnlySpan<char> word = cursor.Word();
        switch (word)
        {
            case "exit": list.Add(Opcodes.Exit, 0, 0, 0, 0); return;
            case "call": Call(ref cursor, list); return;
            case "lock": Lock(ref cursor, list); return;
            case "lddw": Wide(ref cursor, list); return;
        }

        if (word.StartsWith("movsx", StringComparison.Ordinal)) SignExtend(word[5..], ref cursor, list);
        else if (TrySwap(word, ref cursor, list) || TryAlu(word, ref cursor, list) || TryJump(word, ref cursor, list) || TryAccess(word, ref cursor, list)) return;
        else throw cursor.Error($"no instruction '{word}'");
    }

    private static bool TryAlu(ReadOnlySpan<char> word, ref TextCursor cursor, InstructionList list)
    {
        bool narrow = word.EndsWith("32", StringComparison.Ordinal);
        ReadOnlySpan<char> name = narrow ? word[..^2] : word;
        short offset = 0;
        if (name is "sdiv" or "smod")
        {
            name = name[1..];
            offset = 1;
        }

        int index = IndexOf(PlainNames.Arithmetic, name);
        if (index < 0) return false;
        int code = (index << 4) | (int)(narrow ? InstructionClass.Alu : InstructionClass.Alu64);
        int destination = Register(ref cursor);
        if (index == (int)AluOperation.Neg >> 4)
        {
            list.Add((byte)code, destination, 0, 0, 0);
            return true;
        }

        cursor.Expect(",");
        if (cursor.Peek == '%') list.Add((byte)(code | 8), destination, Register(ref cursor), offset, 0);
        else list.Add((byte)code, destination, 0, offset, cursor.Immediate());
        return true;
    }

    private static bool TrySwap(ReadOnlySpan<char> word, ref TextCursor cursor, InstructionList list)
    {
        int bits = word.EndsWith("16", StringComparison.Ordinal) ? 16 : word.EndsWith("32", StringComparison.Ordinal) ? 32 : word.EndsWith("64", StringComparison.Ordinal) ? 64 : 0;
        if (bits == 0) return false;
        int code;
        switch (word[..^2])
        {
            case "le": code = (int)AluOperation.End | (int)InstructionClass.Alu; break;
            case "be": code = (int)AluOperation.End | 8 | (int)InstructionClass.Alu; break;
            case "swap" or "bswap": code = (int)AluOperation.End | (int)InstructionClass.Alu64; break;
            default: return false;
        }

        list.Add((byte)code, Register(ref cursor), 0, 0, bits);
        return true;
    }

    private static void SignExtend(ReadOnlySpan<char> widths, ref TextCursor cursor, InstructionList list)
    {
        (int from, bool wide) = widths switch
        {
            "832" => (8, false),
            "864" => (8, true),
            "1632" => (16, false),
            "1664" => (16, true),
            "3264" => (32, true),
            _ => throw cursor.Error($"no sign extension '{widths}'"),
        };
        int destination = Register(ref cursor);
        cursor.Expect(",");
        list.Add((byte)((int)AluOperation.Mov | 8 | (int)(wide ? InstructionClass.Alu64 : InstructionClass.Alu)), destination, Register(ref cursor), from, 0);
    }

    private static bool TryJump(ReadOnlySpan<char> word, ref TextCursor cursor, InstructionList list)
    {
        bool narrow = word.EndsWith("32", StringComparison.Ordinal);
        int index = IndexOf(PlainNames.Jumps, narrow ? word[..^2] : word);
        if (index < 0) return false;
        int code = (index << 4) | (int)(narrow ? InstructionClass.Jmp32 : InstructionClass.Jmp);
        if (index == 0)
        {
            list.Add((byte)code, 0, 0, 0, 0);
            Target(ref cursor, list, narrow ? InstructionList.Field.Immediate : InstructionList.Field.Offset);
            return true;
        }

        int destination = Register(ref cursor);
        cursor.Expect(",");
        if (cursor.Peek == '%') list.Add((byte)(code | 8), destination, Register(ref cursor), 0, 0);
        else list.Add((byte)code, destination, 0, 0, cursor.Immediate());
        cursor.Expect(",");
        Target(ref cursor, list, InstructionList.Field.Offset);
        return true;
    }

    private static bool TryAccess(ReadOnlySpan<char> word, ref TextCursor cursor, InstructionList list)
    {
        if (word.StartsWith("ldabs", StringComparison.Ordinal) && TrySize(word[5..], out int size))
        {
            list.Add((byte)((int)AccessMode.Absolute | size), 0, 0, 0, cursor.Immediate());
            return true;
        }

        if (word.StartsWith("ldind", StringComparison.Ordinal) && TrySize(word[5..], out size))
        {
            int index = Register(ref cursor);
            cursor.Expect(",");
            list.Add((byte)((int)AccessMode.Indirect | size), 0, index, 0, cursor.Immediate());
            return true;
        }

        bool signed = word.StartsWith("ldxs", StringComparison.Ordinal);
        if (word.StartsWith("ldx", StringComparison.Ordinal) && TrySize(word[(signed ? 4 : 3)..], out size))
        {
            int destination = Register(ref cursor);
            cursor.Expect(",");
            (int source, int offset) = Place(ref cursor);
            list.Add((byte)((int)InstructionClass.Ldx | (int)(signed ? AccessMode.MemorySignExtending : AccessMode.Memory) | size), destination, source, offset, 0);
            return true;
        }

        bool register = word.StartsWith("stx", StringComparison.Ordinal);
        if (!word.StartsWith("st", StringComparison.Ordinal) || !TrySize(word[(register ? 3 : 2)..], out size)) return false;
        (int address, int distance) = Place(ref cursor);
        cursor.Expect(",");
        if (register) list.Add((byte)((int)InstructionClass.Stx | (int)AccessMode.Memory | size), address, Register(ref cursor), distance, 0);
        else list.Add((byte)((int)InstructionClass.St | (int)AccessMode.Memory | size), address, 0, distance, cursor.Immediate());
        return true;
    }

    private static void Lock(ref TextCursor cursor, InstructionList list)
    {
        bool fetch = cursor.TakeWord("fetch");
        ReadOnlySpan<char> word = cursor.Word();
        bool narrow = word.EndsWith("32", StringComparison.Ordinal);
        AtomicOperation operation = (narrow ? word[..^2] : word) switch
        {
            "add" => AtomicOperation.Add,
            "or" => AtomicOperation.Or,
            "and" => AtomicOperation.And,
            "xor" => AtomicOperation.Xor,
            "xchg" => AtomicOperation.Exchange,
            "cmpxchg" => AtomicOperation.CompareExchange,
            _ => throw cursor.Error($"no atomic operation '{word}'"),
        };
        if (fetch) operation |= (AtomicOperation)Opcodes.AtomicFetch;
        (int address, int offset) = Place(ref cursor);
        cursor.Expect(",");
        int size = (int)(narrow ? AccessSize.Word : AccessSize.DoubleWord);
        list.Add((byte)((int)InstructionClass.Stx | (int)AccessMode.Atomic | size), address, Register(ref cursor), offset, (int)operation);
    }

    private static void Call(ref TextCursor cursor, InstructionList list)
    {
        if (cursor.Peek == '%')
        {
            list.Add(Opcodes.CallRegister, Register(ref cursor), 0, 0, 0);
        }
        else if (cursor.TakeWord("local"))
        {
            list.Add(Opcodes.Call, 0, (int)CallKind.Local, 0, 0);
            Target(ref cursor, list, InstructionList.Field.Immediate);
        }
        else if (cursor.TryNumber(out long helper))
        {
            if (helper != (int)helper) throw cursor.Error($"no helper {helper}");
            list.Add(Opcodes.Call, 0, 0, 0, (int)helper);
        }
        else
        {
            ReadOnlySpan<char> name = cursor.Word();
            int id = Helpers.HelperNames.Find(name.ToString());
            list.Add(Opcodes.Call, 0, 0, 0, id >= 0 ? id : throw cursor.Error($"no helper '{name}'"));
        }
    }

    private static void Wide(ref TextCursor cursor, InstructionList list)
    {
        int destination = Register(ref cursor);
        cursor.Expect(",");
        if (cursor.TakeWord("map"))
        {
            list.AddWide(destination, (int)PseudoSource.Map, (uint)cursor.Immediate());
        }
        else if (cursor.TakeWord("value"))
        {
            uint map = (uint)cursor.Immediate();
            uint offset = cursor.IsAtEnd ? 0 : (uint)cursor.Immediate();
            list.AddWide(destination, (int)PseudoSource.MapValue, map | ((ulong)offset << 32));
        }
        else if (cursor.TakeWord("function"))
        {
            list.AddWide(destination, (int)PseudoSource.Function, 0);
            Target(ref cursor, list, InstructionList.Field.Immediate, slotsBack: 2);
        }
        else
        {
            list.AddWide(destination, 0, (ulong)cursor.Number());
        }
    }

    private static void Target(ref TextCursor cursor, InstructionList list, InstructionList.Field field, int slotsBack = 1)
    {
        if (cursor.Peek is '+' or '-' || char.IsAsciiDigit(cursor.Peek))
        {
            int distance = field == InstructionList.Field.Offset ? cursor.Offset() : cursor.Immediate();
            list.Patch(distance, field, slotsBack);
        }
        else
        {
            list.Refer(cursor.Word().ToString(), field, cursor.Line, slotsBack);
        }
    }

    private static (int Register, int Offset) Place(ref TextCursor cursor)
    {
        cursor.Expect("[");
        int register = Register(ref cursor);
        int offset = cursor.Peek == ']' ? 0 : cursor.Offset();
        cursor.Expect("]");
        return (register, offset);
    }

    private static int Register(ref TextCursor cursor)
    {
        cursor.Expect("%r");
        long number = cursor.Number();
        return number is >= 0 and <= 10 ? (int)number : throw cursor.Error($"no register r{number}");
    }

    private static bool TrySize(ReadOnlySpan<char> name, out int size)
    {
        size = name switch
        {
            "b" => (int)AccessSize.Byte,
            "h" => (int)AccessSize.HalfWord,
            "w" => (int)AccessSize.Word,
            "dw" => (int)AccessSize.DoubleWord,
            _ => -1,
        };
        return size >= 0;
    }

    private static int IndexOf(string[] names, ReadOnlySpan<char> name)
    {
        for (int i = 0; i < names.Length; i++)
        {
            if (name.SequenceEqual(names[i])) return i;
        }

        return -1;
    }
}
