// A generated module: what its functions may refer to, its functions as trees, and its bytes.

using Anneal.Wasm.Text;

namespace Anneal.Wasm.Tests.Differential;

internal readonly record struct Signature(T[] Parameters, T[] Results)
{
    public string Key => $"{string.Join(',', Parameters)}>{string.Join(',', Results)}";
}

internal sealed class GeneratedFunction
{
    public required int Type { get; init; }

    public required Signature Signature { get; init; }

    public List<T> Locals { get; } = [];

    public List<Node> Body { get; } = [];
}

internal sealed class GeneratedModule
{
    public const string FuelExport = "fuel";

    /// <summary>The host function with number 0: (i64, f64) to (i64).</summary>
    public static readonly Signature HostSignature = new([T.I64, T.F64], [T.I64]);

    private readonly Dictionary<string, int> typeNumbers = new(StringComparer.Ordinal);
    private readonly List<Signature> types = [];

    public List<GeneratedFunction> Functions { get; } = [];

    /// <summary>Global 0 is the fuel; the others are mutable.</summary>
    public List<T> Globals { get; } = [T.I32];

    public int Memories { get; set; } = 1;

    /// <summary>Function numbers in table 0 from its start, -1 for null; also the passive segment 1.</summary>
    public List<int> Elements { get; } = [];

    public byte[] Data { get; set; } = [];

    public int TypeOf(Signature signature)
    {
        if (typeNumbers.TryGetValue(signature.Key, out int known))
            return known;
        types.Add(signature);
        typeNumbers.Add(signature.Key, types.Count - 1);
        return types.Count - 1;
    }

    public Signature FunctionSignature(int function) => function == 0 ? HostSignature : Functions[function - 1].Signature;

    public IEnumerable<Node> Nodes()
    {
        var pending = new Stack<Node>();
        foreach (GeneratedFunction function in Functions)
        {
            foreach (Node node in function.Body)
                pending.Push(node);
            while (pending.TryPop(out Node? node))
            {
                yield return node;
                if (node.IsCut)
                    continue;
                foreach (Node child in node.Children)
                    pending.Push(child);
            }
        }
    }

    public byte[] Encode()
    {
        int host = TypeOf(HostSignature);
        var module = new WasmBytes();
        module.Bytes("\0asm\u0001\0\0\0"u8);
        Section(module, 1, types.Count, (section, i) =>
        {
            section.Byte(0x60);
            Types(section, types[i].Parameters);
            Types(section, types[i].Results);
        });
        Section(module, 2, 1, (section, _) =>
        {
            Name(section, "host");
            Name(section, "mix");
            section.Byte(0);
            section.U32((uint)host);
        });
        Section(module, 3, Functions.Count, (section, i) => section.U32((uint)Functions[i].Type));
        Section(module, 4, 2, (section, i) => section.Bytes(i == 0 ? [0x70, 1, (byte)TableSize, 30] : [0x6F, 1, 4, 8]));
        Section(module, 5, Memories, static (section, i) => section.Bytes([1, (byte)(i == 0 ? 1 : 0), (byte)(4 - i)]));
        Section(module, 6, Globals.Count, (section, i) =>
        {
            section.Bytes([(byte)Globals[i], 1]);
            new Node(Globals[i], [], []) { IsCut = true }.Emit(section);
            section.Byte(0x0B);
        });
        Section(module, 7, Functions.Count + Globals.Count + Memories + 1, WriteExport);
        Section(module, 9, 3, WriteElements);
        Section(module, 12, 1, static (section, _) => section.Byte(2));
        Section(module, 10, Functions.Count, WriteBody);
        Section(module, 11, 2, (section, i) =>
        {
            section.Bytes(i == 0 ? [0, 0x41, 16, 0x0B] : [1]);
            section.U32((uint)Data.Length);
            section.Bytes(Data);
        });
        return module.ToArray();
    }

    public int TableSize => Elements.Count + 2;

    private void WriteExport(WasmBytes section, int i)
    {
        if (i < Functions.Count)
        {
            Name(section, $"f{i + 1}");
            section.Byte(0);
            section.U32((uint)i + 1);
        }
        else if ((i -= Functions.Count) < Globals.Count)
        {
            Name(section, i == 0 ? FuelExport : $"g{i}");
            section.Bytes([3, (byte)i]);
        }
        else if ((i -= Globals.Count) < Memories)
        {
            Name(section, $"m{i}");
            section.Bytes([2, (byte)i]);
        }
        else
        {
            Name(section, "t0");
            section.Bytes([1, 0]);
        }
    }

    // 0: active, with nulls; 1: passive, the same; 2: declares every function, so that ref.func may name it.
    private void WriteElements(WasmBytes section, int i)
    {
        if (i == 2)
        {
            section.Bytes([3, 0]);
            section.U32((uint)Functions.Count + 1);
            for (int f = 0; f <= Functions.Count; f++)
                section.U32((uint)f);
            return;
        }
        section.Bytes(i == 0 ? [4, 0x41, 0, 0x0B] : [5, 0x70]);
        section.U32((uint)Elements.Count);
        foreach (int function in Elements)
        {
            if (function < 0)
            {
                section.Bytes([0xD0, 0x70, 0x0B]);
                continue;
            }
            section.Byte(0xD2);
            section.U32((uint)function);
            section.Byte(0x0B);
        }
    }

    private void WriteBody(WasmBytes section, int i)
    {
        GeneratedFunction function = Functions[i];
        var body = new WasmBytes();
        body.U32((uint)function.Locals.Count);
        foreach (T local in function.Locals)
            body.Bytes([1, (byte)local]);
        foreach (Node node in function.Body)
            node.Emit(body);
        body.Byte(0x0B);
        section.U32((uint)body.Length);
        section.Bytes(body.Span);
    }

    private static void Section(WasmBytes module, byte id, int count, Action<WasmBytes, int> write)
    {
        var section = new WasmBytes();
        if (id != 12)
            section.U32((uint)count);
        for (int i = 0; i < count; i++)
            write(section, i);
        module.Byte(id);
        module.U32((uint)section.Length);
        module.Bytes(section.Span);
    }

    private static void Types(WasmBytes section, T[] list)
    {
        section.U32((uint)list.Length);
        foreach (T type in list)
            section.Byte((byte)type);
    }

    private static void Name(WasmBytes section, string name)
    {
        section.U32((uint)name.Length);
        foreach (char c in name)
            section.Byte((byte)c);
    }
}
