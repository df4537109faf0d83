// A file test: bytecode in text form, functions in order, with lines in comments that say what is around it and what
// running it must give. One behaviour a file, named by it; a fresh instance for each run line.
//
//   ; memory: 1 2 guarded     a memory: pages, most pages, addressing mode (checked if left out)
//   ; data: 01 ff             a data segment in hexadecimal
//   ; table: 4 f0 null        a table: length, then its first elements
//   ; elements: f0 null       an element segment
//   ; globals: 2              that many globals, zero
//   ; fuel: 20                that many units of fuel
//   ; run: f0(2, -1:i32) == 5
//   ; run: f1() == (1, 0x10, 1.5:f64)
//   ; run: f0(1) == trap Unreachable
//
// Functions are of type 1. A value without a type is 64 bits; the whole slot is compared.

using System.Globalization;
using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Tests;

internal sealed unsafe class BytecodeFile
{
    private readonly List<(string Name, string[] Words)> directives = [];

    private BytecodeFile(string text)
    {
        var functions = new List<string>();
        foreach (string line in text.Split('\n'))
        {
            string trimmed = line.Trim();
            if (trimmed.StartsWith("function", StringComparison.Ordinal)) functions.Add("");
            if (functions.Count != 0) functions[^1] += line + "\n";
            if (!trimmed.StartsWith(';')) continue;
            string[] parts = trimmed[1..].Split(':', 2);
            if (parts.Length != 2) continue;
            if (parts[0].Trim() == "run") Runs.Add(parts[1].Trim());
            else directives.Add((parts[0].Trim(), parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        }

        Functions = [.. functions.Select(BytecodeText.Parse)];
        Counts = TestCodeUnit.Counts(Functions.Length, globals: CountOf("globals") == 0 ? 0 : (int)Value(First("globals")[0]),
            memories: CountOf("memory"), tables: CountOf("table"), data: CountOf("data"), elements: CountOf("elements"));
        if (Runs.Count == 0) throw new FormatException("a file test without a run line");
    }

    public FunctionBody[] Functions { get; }

    public InstanceCounts Counts { get; }

    public List<string> Runs { get; } = [];

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Files");

    public static BytecodeFile Read(string name) => new(File.ReadAllText(Path.Combine(Folder, name + ".bc")));

    /// <summary>Runs one run line in a fresh instance and compares.</summary>
    public void Run(string run, Engine engine)
    {
        string[] sides = run.Split("==", 2);
        string call = sides[0].Trim(), expected = sides[1].Trim();
        int open = call.IndexOf('(');
        int function = open == 0 ? 0 : int.Parse(call[1..open], CultureInfo.InvariantCulture);
        using TestGuest guest = Instantiate(engine);
        string actual;
        ulong[] wanted = expected.StartsWith("trap", StringComparison.Ordinal) ? [] : Values(expected.Trim('(', ')'));
        try
        {
            actual = Show(guest.Run(function, Functions[function].ResultSlots, Values(call[(open + 1)..^1])));
        }
        catch (TrapException trap)
        {
            actual = $"trap {trap.Kind}";
        }

        string showExpected = expected.StartsWith("trap", StringComparison.Ordinal) ? expected : Show(wanted);
        if (actual != showExpected) throw new Xunit.Sdk.XunitException($"{run}: gives {actual}, not {showExpected}");
    }

    private static string Show(ulong[] values) => $"({string.Join(", ", values.Select(v => $"0x{v:x}"))})";

    private static ulong[] Values(string list) => [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(v => Value(v.Trim()))];

    private static ulong Value(string text)
    {
        string[] parts = text.Split(':');
        string number = parts[0];
        return (parts.Length == 2 ? parts[1] : "i64") switch
        {
            "f32" => BitConverter.SingleToUInt32Bits(float.Parse(number, CultureInfo.InvariantCulture)),
            "f64" => BitConverter.DoubleToUInt64Bits(double.Parse(number, CultureInfo.InvariantCulture)),
            "i32" => (uint)Integer(number),
            "i64" => (ulong)Integer(number),
            string type => throw new FormatException($"no type {type}"),
        };
    }

    private static long Integer(string number) => number.StartsWith("0x", StringComparison.Ordinal)
        ? (long)ulong.Parse(number[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : (long)Int128.Parse(number, CultureInfo.InvariantCulture);

    private int CountOf(string name) => directives.Count(d => d.Name == name);

    private string[] First(string name) => directives.First(d => d.Name == name).Words;

    private TestGuest Instantiate(Engine engine)
    {
        var guest = new TestGuest(new TestCodeUnit(Counts, Functions), engine);
        int memories = 0, tables = 0, data = 0, elements = 0;
        foreach ((string name, string[] words) in directives)
        {
            switch (name)
            {
                case "memory":
                    AddressingMode mode = AddressingMode.Checked;
                    if (words.Length > 2 && !BytecodeText.TryParseMode(words[2], out mode)) throw new FormatException(words[2]);
                    guest.Memory(memories++, Value(words[0]) * LinearMemory.PageBytes, Value(words[1]) * LinearMemory.PageBytes, mode);
                    break;
                case "table":
                    ReferenceTable table = guest.Table(tables++, Value(words[0]), Value(words[0]) * 2);
                    for (int i = 1; i < words.Length; i++) table.State->Elements[i - 1] = guest.Reference(words[i]);
                    break;
                case "data": guest.Data(data++, [.. words.Select(w => byte.Parse(w, NumberStyles.HexNumber, CultureInfo.InvariantCulture))]); break;
                case "fuel": guest.Execution.State->Fuel = (long)Value(words[0]); break;
                case "elements": guest.Elements(elements++, [.. words.Select(guest.Reference)]); break;
            }
        }

        return guest;
    }
}
