// The names that tools leave in a module for people: custom section "name" (appendix A.4.1). They decide nothing, so a
// section that is malformed, in the wrong place or repeated yields what could be read of it and never an error. Read when
// first asked for (backtraces, messages, dumps), not on load.

using System.Text;

namespace Anneal.Wasm.Binary;

/// <summary>A module's name and its functions' names.</summary>
internal sealed class NameSection
{
    private const byte ModuleNames = 0;
    private const byte FunctionNames = 1;

    private readonly ReadOnlyMemory<byte> bytes;
    private readonly Dictionary<int, (int Start, int Length)> functions = [];

    private NameSection(ReadOnlyMemory<byte> bytes) => this.bytes = bytes;

    /// <summary>The module's own name; null if it has none.</summary>
    public string? ModuleName { get; private set; }

    /// <summary>How many functions have a name.</summary>
    public int FunctionCount => functions.Count;

    /// <summary>Reads the name section, if there is one.</summary>
    public static NameSection Read(ModuleDefinition module)
    {
        var names = new NameSection(module.Bytes);
        foreach (CustomSection section in module.CustomSections)
        {
            if (section.Name != "name") continue;
            try
            {
                names.Parse(module, section);
            }
            catch (WasmException)
            {
                // What came before the fault is kept.
            }

            break;
        }

        return names;
    }

    /// <summary>The name of a function; null if it has none.</summary>
    public string? FunctionName(int index) =>
        functions.TryGetValue(index, out (int Start, int Length) range)
            ? Encoding.UTF8.GetString(bytes.Span.Slice(range.Start, range.Length))
            : null;

    /// <summary>A function as messages show it: <c>function[7] &lt;parse&gt;</c>, or without the angles if it has no name.</summary>
    public string Describe(int index) => FunctionName(index) is { } name ? $"function[{index}] <{name}>" : $"function[{index}]";

    private void Parse(ModuleDefinition module, CustomSection section)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        var reader = new WasmReader(span, section.Start, section.Start + section.Length, default);
        while (!reader.AtEnd)
        {
            byte id = reader.ReadByte();
            uint size = reader.ReadUnsigned32();
            int start = reader.Position;
            reader.Skip(size);
            var payload = new WasmReader(span, start, reader.Position, default);
            if (id == ModuleNames) ModuleName = payload.ReadName();
            else if (id == FunctionNames) ParseFunctions(ref payload, module.Functions.Length);
        }
    }

    private void ParseFunctions(ref WasmReader reader, int functionCount)
    {
        int count = reader.ReadCount(2, ModuleLimits.Functions, "function names");
        functions.EnsureCapacity(Math.Min(count, functionCount));
        for (int i = 0; i < count; i++)
        {
            uint index = reader.ReadUnsigned32();
            uint length = reader.ReadUnsigned32();
            int start = reader.Position;
            reader.Skip(length);
            if (index < (uint)functionCount) functions.TryAdd((int)index, (start, (int)length));
        }
    }
}
