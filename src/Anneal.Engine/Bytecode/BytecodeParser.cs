// Parses the text form that BytecodeText describes. It encodes words itself instead of going through BytecodeWriter, so that
// a text says exactly which words it stands for, broken bodies (for tests of the checker) included.

using System.Globalization;

namespace Anneal.Bytecode;

/// <summary>One parse of one body; see <see cref="BytecodeText"/> for the syntax.</summary>
internal sealed class BytecodeParser
{
    private static readonly Dictionary<string, Op> Mnemonics = Enumerable.Range(0, OpTable.Count)
        .ToDictionary(static i => OpTable.Mnemonic((Op)i), static i => (Op)i);

    private readonly List<ulong> words = [];
    private readonly Dictionary<string, int> labels = [];
    private readonly List<(int Word, string Label, int Line)> fixups = [];
    private readonly List<int> sourcePcs = [];
    private readonly List<int> sourceOffsets = [];
    private int line;
    private string rest = "";

    /// <summary>Parses the text of one body.</summary>
    /// <exception cref="FormatException">The text isn't one; the message names the line.</exception>
    public FunctionBody Parse(string text)
    {
        int[]? header = null;
        foreach (string raw in text.Split('\n'))
        {
            line++;
            int comment = raw.IndexOf(';');
            rest = (comment < 0 ? raw : raw[..comment]).Trim();
            if (rest.Length == 0) continue;
            if (header is null) header = Header();
            else Line();
            if (rest.Length != 0) throw Error($"'{rest}' is too much");
        }

        if (header is null) throw Error("no function");
        foreach ((int word, string label, int labelLine) in fixups)
        {
            if (!labels.TryGetValue(label, out int pc)) throw new FormatException($"line {labelLine}: no label {label}");
            words[word] = new BranchTarget(pc, new BranchTarget(words[word]).LiveSlots).Bits;
        }

        ulong[] code = GC.AllocateUninitializedArray<ulong>(words.Count, pinned: true);
        words.CopyTo(code);
        return new FunctionBody
        {
            Code = code,
            SlotCount = header[0],
            ParameterSlots = header[1],
            ResultSlots = header[2],
            TemporaryBase = header[3],
            LoopCount = CountLoops(code),
            Sources = new SourceMap([.. sourcePcs], [.. sourceOffsets]),
        };
    }

    private static int CountLoops(ulong[] code)
    {
        int count = 0;
        for (int pc = 0; pc < code.Length; pc += OpTable.LengthAt(code, pc)) count += (Op)(ushort)code[pc] == Op.Loop ? 1 : 0;
        return count;
    }

    private int[] Header()
    {
        Expect("function");
        var values = new int[4];
        string[] names = ["slots=", "params=", "results=", "temps="];
        for (int i = 0; i < names.Length; i++)
        {
            Expect(names[i]);
            values[i] = (int)Number(int.MaxValue);
        }

        return values;
    }

    private void Line()
    {
        string word = Word();
        if (word == "at")
        {
            sourcePcs.Add(words.Count);
            sourceOffsets.Add((int)Number(int.MaxValue));
            return;
        }

        if (Take(":"))
        {
            // A position is for the reader; a label is bound.
            if (word.Length != 0 && char.IsAsciiLetter(word[0]) && !labels.TryAdd(word, words.Count)) throw Error($"label {word} bound twice");
            if (rest.Length == 0) return;
            word = Word();
        }

        if (!Mnemonics.TryGetValue(word, out Op op)) throw Error($"no op '{word}'");
        Instruction(op);
    }

    private void Instruction(Op op)
    {
        int pc = words.Count;
        words.Add((ushort)op);
        int field = 0;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            if (i != 0 && operand.Kind != OperandKind.Target) Expect(",");
            if (operand.IsField) words[pc] |= (ulong)Field(operand.Kind) << (16 * ++field);
            else WordOperand(operand.Kind);
        }

        if (op != Op.BrTable) return;
        int targets = (ushort)(words[pc] >> 32) + 1;
        Expect("->");
        for (int i = 0; i < targets; i++)
        {
            if (i != 0) Expect(",");
            Target();
        }
    }

    private ushort Field(OperandKind kind)
    {
        switch (kind)
        {
            case OperandKind.Destination or OperandKind.Source: return (ushort)Slot(ushort.MaxValue);
            case OperandKind.Immediate16:
                bool negative = Take("-");
                int magnitude = (int)Number(negative ? -short.MinValue : short.MaxValue);
                return (ushort)(short)(negative ? -magnitude : magnitude);
            case OperandKind.Memory:
                Expect("m");
                var memory = (int)Number(MemoryOperand.MaxMemory);
                Expect(".");
                string name = Word();
                return BytecodeText.TryParseMode(name, out AddressingMode mode)
                    ? new MemoryOperand(memory, mode).Bits
                    : throw Error($"no addressing mode '{name}'");
            default: return (ushort)Number(ushort.MaxValue);
        }
    }

    private void WordOperand(OperandKind kind)
    {
        switch (kind)
        {
            case OperandKind.SourceWord: words.Add(Slot(ushort.MaxValue)); break;
            case OperandKind.Offset:
                Expect("+");
                words.Add(Number(ulong.MaxValue));
                break;
            case OperandKind.Immediate64:
                words.Add(Take("-") ? 0 - Number(1UL << 63) : Number(ulong.MaxValue));
                break;
            case OperandKind.Index:
                Expect("#");
                words.Add(Number(uint.MaxValue));
                break;
            case OperandKind.Pair:
                ulong first = Number(uint.MaxValue);
                Expect(":");
                words.Add(first | (Number(uint.MaxValue) << 32));
                break;
            case OperandKind.Far:
                ulong destination = Slot(uint.MaxValue);
                Expect(":");
                words.Add(destination | (Slot(uint.MaxValue) << 32));
                break;
            case OperandKind.Target:
                Expect("->");
                Target();
                break;
            case OperandKind.Call: Call(); break;
            default: throw new InvalidOperationException($"operand kind {kind} has no text form");
        }
    }

    private void Target()
    {
        string label = Word();
        int live = ushort.MaxValue;
        if (Take("("))
        {
            Expect("live");
            live = (int)Number(ushort.MaxValue);
            Expect(")");
        }

        fixups.Add((words.Count, label, line));
        words.Add(new BranchTarget(0, live).Bits);
    }

    private void Call()
    {
        if (!Take("f")) Expect("t");
        var callee = (int)Number(CallOperand.MaxCallee);
        Expect("(");
        Expect("args");
        var arguments = (int)Number(ushort.MaxValue);
        int site = CallOperand.NoSite;
        if (Take(","))
        {
            Expect("site");
            site = (int)Number(CallOperand.NoSite);
        }

        Expect(")");
        words.Add(new CallOperand(callee, site, arguments).Bits);
    }

    private ulong Slot(ulong most)
    {
        Expect("s");
        return Number(most);
    }

    private ulong Number(long most) => Number((ulong)most);

    private ulong Number(ulong most)
    {
        int end = 0;
        while (end < rest.Length && char.IsAsciiLetterOrDigit(rest[end])) end++;
        string digits = rest[..end];
        bool hex = digits.StartsWith("0x", StringComparison.Ordinal);
        if (!ulong.TryParse(hex ? digits[2..] : digits, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
            throw Error($"'{rest}' doesn't start with a number");
        if (value > most) throw Error($"{digits} is more than {most}");
        Skip(end);
        return value;
    }

    // Letters, digits, dots and underscores: a mnemonic, a label, a position.
    private string Word()
    {
        int end = 0;
        while (end < rest.Length && (char.IsAsciiLetterOrDigit(rest[end]) || rest[end] is '.' or '_')) end++;
        if (end == 0) throw Error($"a word is missing before '{rest}'");
        string word = rest[..end];
        Skip(end);
        return word;
    }

    private bool Take(string token)
    {
        if (!rest.StartsWith(token, StringComparison.Ordinal)) return false;
        Skip(token.Length);
        return true;
    }

    private void Expect(string token)
    {
        if (!Take(token)) throw Error($"'{token}' expected before '{rest}'");
    }

    private void Skip(int count) => rest = rest[count..].TrimStart();

    private FormatException Error(string what) => new($"line {line}: {what}");
}
