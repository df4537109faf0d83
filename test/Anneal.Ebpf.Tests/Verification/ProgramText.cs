// Programs of the verifier's tests, written in the C-like notation, one instruction a line or between semicolons. Labels end in a
// colon; names in map[...] are those of TestMaps. Small on purpose: what it doesn't know, it refuses.

using System.Globalization;
using System.Text.RegularExpressions;

namespace Anneal.Ebpf.Tests.Verification;

internal static partial class ProgramText
{
    private static readonly string[] Operators = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "", "%=", "^=", "=", "s>>="];

    private static readonly Dictionary<string, int> Conditions = new()
    {
        ["=="] = 0x10, [">"] = 0x20, [">="] = 0x30, ["&"] = 0x40, ["!="] = 0x50, ["s>"] = 0x60, ["s>="] = 0x70,
        ["<"] = 0xA0, ["<="] = 0xB0, ["s<"] = 0xC0, ["s<="] = 0xD0,
    };

    public static EbpfProgram Assemble(string name, ProgramType type, string text, LineTable? lines = null)
    {
        string[] statements = LabelEnd().Replace(text, ":\n").Split([';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var labels = new Dictionary<string, int>();
        int slot = 0;
        foreach (string statement in statements)
        {
            if (statement.EndsWith(':')) labels[statement[..^1]] = slot;
            else slot += statement.EndsWith(" ll", StringComparison.Ordinal) ? 2 : 1;
        }

        var code = new List<Instruction>();
        foreach (string statement in statements)
        {
            if (!statement.EndsWith(':')) Add(code, statement, labels);
        }

        return new EbpfProgram(name, type, code.ToArray(), TestMaps.All, lines: lines);
    }

    private static void Add(List<Instruction> code, string s, Dictionary<string, int> labels)
    {
        int Target(string label) => (labels.TryGetValue(label, out int at) ? at : throw new FormatException($"no label {label}")) - code.Count - 1;
        void Emit(int opcode, int dst = 0, int src = 0, int offset = 0, int immediate = 0) =>
            code.Add(new Instruction((byte)opcode, dst, src, (short)offset, immediate));
        Match m;
        if (s == "exit") Emit(0x95);
        else if ((m = Goto().Match(s)).Success) Emit(0x05, offset: Target(m.Groups[1].Value));
        else if ((m = GotoLong().Match(s)).Success) Emit(0x06, immediate: Target(m.Groups[1].Value));
        else if ((m = CallNumber().Match(s)).Success) Emit(0x85, immediate: Number(m.Groups[1].Value));
        else if ((m = CallRegister().Match(s)).Success) Emit(0x8D, Number(m.Groups[1].Value));
        else if ((m = CallLocal().Match(s)).Success) Emit(0x85, src: 1, immediate: Target(m.Groups[1].Value));
        else if ((m = Wide().Match(s)).Success) AddWide(code, Number(m.Groups[1].Value), m.Groups[2].Value, labels);
        else if ((m = Legacy().Match(s)).Success)
        {
            bool indirect = m.Groups[2].Value.StartsWith('r');
            Emit((indirect ? 0x40 : 0x20) | SizeCode(m.Groups[1].Value), src: indirect ? Number(m.Groups[2].Value[1..]) : 0, immediate: indirect ? 0 : Number(m.Groups[2].Value));
        }
        else if ((m = If().Match(s)).Success)
        {
            int opcode = (m.Groups[1].Value == "w" ? 6 : 5) | Conditions[m.Groups[3].Value];
            Operand(m.Groups[4].Value, out bool register, out int value);
            Emit(opcode | (register ? 8 : 0), Number(m.Groups[2].Value), register ? value : 0, Target(m.Groups[5].Value), register ? 0 : value);
        }
        else if ((m = Load().Match(s)).Success)
        {
            int mode = m.Groups[2].Value == "s" ? 0x80 : 0x60;
            Emit(1 | mode | SizeCode(m.Groups[3].Value), Number(m.Groups[1].Value), Number(m.Groups[4].Value), Offset(m.Groups[5].Value));
        }
        else if ((m = StoreAt().Match(s)).Success)
        {
            Operand(m.Groups[4].Value, out bool register, out int value);
            Emit((register ? 3 : 2) | 0x60 | SizeCode(m.Groups[1].Value), Number(m.Groups[2].Value), register ? value : 0, Offset(m.Groups[3].Value), register ? 0 : value);
        }
        else if ((m = Atomic().Match(s)).Success) AddAtomic(code, m);
        else if ((m = Swap().Match(s)).Success)
        {
            int opcode = m.Groups[2].Value switch { "bswap" => 0xD7, "be" => 0xDC, _ => 0xD4 };
            Emit(opcode, Number(m.Groups[1].Value), immediate: Number(m.Groups[3].Value));
        }
        else if ((m = Negate().Match(s)).Success) Emit(m.Groups[1].Value == "w" ? 0x84 : 0x87, Number(m.Groups[2].Value));
        else if ((m = Arithmetic().Match(s)).Success)
        {
            string symbol = m.Groups[3].Value;
            bool signed = symbol is "s/=" or "s%=";
            int operation = Array.IndexOf(Operators, signed ? symbol[1..] : symbol) << 4;
            if (operation < 0) throw new FormatException(s);
            Operand(m.Groups[5].Value, out bool register, out int value);
            int extend = m.Groups[4].Success ? Number(m.Groups[4].Value) : 0;
            Emit((m.Groups[1].Value == "w" ? 4 : 7) | operation | (register ? 8 : 0), Number(m.Groups[2].Value), register ? value : 0, signed ? 1 : extend, register ? 0 : value);
        }
        else throw new FormatException($"not an instruction: {s}");
    }

    private static void AddWide(List<Instruction> code, int register, string value, Dictionary<string, int> labels)
    {
        if (MapReference().Match(value) is { Success: true } map)
        {
            int index = TestMaps.IndexOf(map.Groups[1].Value);
            bool direct = map.Groups[2].Success;
            code.Add(new Instruction(0x18, register, direct ? 2 : 1, 0, index));
            code.Add(new Instruction(0, 0, 0, 0, direct ? Number(map.Groups[2].Value) : 0));
            return;
        }

        if (labels.TryGetValue(value, out int target))
        {
            code.Add(new Instruction(0x18, register, 4, 0, target - code.Count - 1));
            code.Add(default);
            return;
        }

        ulong number = value.StartsWith("0x", StringComparison.Ordinal) ? ulong.Parse(value[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : (ulong)long.Parse(value, CultureInfo.InvariantCulture);
        code.Add(new Instruction(0x18, register, 0, 0, (int)number));
        code.Add(new Instruction(0, 0, 0, 0, (int)(number >> 32)));
    }

    private static void AddAtomic(List<Instruction> code, Match m)
    {
        int operation = m.Groups[5].Value switch
        {
            "+=" => 0x00, "|=" => 0x40, "&=" => 0x50, "^=" => 0xA0, "fetch+=" => 0x01, "fetch|=" => 0x41, "fetch&=" => 0x51, "fetch^=" => 0xA1,
            "xchg" => 0xE1, "cmpxchg" => 0xF1,
            _ => throw new FormatException(m.Value),
        };
        code.Add(new Instruction((byte)(0xC3 | SizeCode(m.Groups[1].Value)), Number(m.Groups[2].Value), Number(m.Groups[6].Value), (short)Offset(m.Groups[3].Value), operation));
    }

    private static void Operand(string text, out bool register, out int value)
    {
        register = text[0] is 'r' or 'w';
        value = Number(register ? text[1..] : text);
    }

    private static int Number(string text)
    {
        bool negative = text.StartsWith('-');
        string digits = negative ? text[1..] : text;
        long value = digits.StartsWith("0x", StringComparison.Ordinal) ? long.Parse(digits[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : long.Parse(digits, CultureInfo.InvariantCulture);
        return (int)(negative ? -value : value);
    }

    private static int Offset(string text) => text.Length == 0 ? 0 : Number(text.Replace(" ", "", StringComparison.Ordinal).Replace("+", "", StringComparison.Ordinal));

    private static int SizeCode(string bits) => bits switch { "8" => 0x10, "16" => 0x08, "32" => 0x00, _ => 0x18 };

    [GeneratedRegex(@": ")]
    private static partial Regex LabelEnd();

    [GeneratedRegex(@"^goto (\w+)$")]
    private static partial Regex Goto();

    [GeneratedRegex(@"^gotol (\w+)$")]
    private static partial Regex GotoLong();

    [GeneratedRegex(@"^call (\d+)$")]
    private static partial Regex CallNumber();

    [GeneratedRegex(@"^callx r(\d+)$")]
    private static partial Regex CallRegister();

    [GeneratedRegex(@"^call ([a-z]\w*)$")]
    private static partial Regex CallLocal();

    [GeneratedRegex(@"^r(\d+) = (\S+) ll$")]
    private static partial Regex Wide();

    [GeneratedRegex(@"^map\[(\w+)\](?:\+(\d+))?$")]
    private static partial Regex MapReference();

    [GeneratedRegex(@"^r0 = \*\(u(8|16|32) \*\)skb\[(\S+)\]$")]
    private static partial Regex Legacy();

    [GeneratedRegex(@"^if ([rw])(\d+) (\S+) (\S+) goto (\w+)$")]
    private static partial Regex If();

    [GeneratedRegex(@"^r(\d+) = \*\(([us])(8|16|32|64) \*\)\(r(\d+)( [+-] \w+)?\)$")]
    private static partial Regex Load();

    [GeneratedRegex(@"^\*\(u(8|16|32|64) \*\)\(r(\d+)( [+-] \w+)?\) = (\S+)$")]
    private static partial Regex StoreAt();

    [GeneratedRegex(@"^lock \*\(u(32|64) \*\)\(r(\d+)( [+-] \w+)?\)( )(\S+) r(\d+)$")]
    private static partial Regex Atomic();

    [GeneratedRegex(@"^r(\d+) = (bswap|be|le)(16|32|64) r\d+$")]
    private static partial Regex Swap();

    [GeneratedRegex(@"^([rw])(\d+) = -[rw]\d+$")]
    private static partial Regex Negate();

    [GeneratedRegex(@"^([rw])(\d+) (\S+) (?:\(s(8|16|32)\))?(\S+)$")]
    private static partial Regex Arithmetic();
}
