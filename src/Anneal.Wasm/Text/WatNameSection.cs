// Collects identifiers and writes the custom section "name", so that backtraces and dumps show them.

namespace Anneal.Wasm.Text;

internal sealed class WatNameSection(SymbolTable symbols)
{
    private readonly WasmBytes _locals = new();
    private readonly WasmBytes _content = new();
    private readonly WasmBytes _map = new();
    private uint _functionsWithLocals;

    /// <summary>The module's own symbol, or none.</summary>
    public int Module { get; set; } = SymbolTable.None;

    /// <summary>Notes the named locals of a function; functions come by rising index.</summary>
    public void AddLocals(uint function, IndexSpace locals)
    {
        if (locals.Names.Count == 0)
            return;
        _functionsWithLocals++;
        _locals.U32(function);
        NameMap(_locals, locals);
    }

    /// <summary>Appends the section, if anything has a name.</summary>
    public void Write(WasmBytes output, WatTypes types, WatIndexSpaces spaces)
    {
        _content.Sized("name"u8);
        int empty = _content.Length;
        if (Module != SymbolTable.None)
        {
            _map.Clear();
            _map.Sized(symbols[Module]);
            Subsection(0);
        }
        Subsection(1, spaces.Functions);
        if (_functionsWithLocals > 0)
        {
            _map.Clear();
            _map.U32(_functionsWithLocals);
            _map.Bytes(_locals.Span);
            Subsection(2);
        }
        Subsection(4, types.Space);
        Subsection(5, spaces.Tables);
        Subsection(6, spaces.Memories);
        Subsection(7, spaces.Globals);
        Subsection(8, spaces.Elements);
        Subsection(9, spaces.Data);
        Fields(types);
        Subsection(11, spaces.Tags);
        if (_content.Length == empty)
            return;
        output.Byte(0);
        output.Sized(_content.Span);
    }

    private void Subsection(byte id, IndexSpace space)
    {
        if (space.Names.Count == 0)
            return;
        _map.Clear();
        NameMap(_map, space);
        Subsection(id);
    }

    private void Subsection(byte id)
    {
        _content.Byte(id);
        _content.Sized(_map.Span);
    }

    private void Fields(WatTypes types)
    {
        uint count = 0;
        _locals.Clear();
        for (uint type = 0; type < types.DefinitionCount; type++)
        {
            if (types.FieldsOf(type) is not { Names.Count: > 0 } fields)
                continue;
            count++;
            _locals.U32(type);
            NameMap(_locals, fields);
        }
        if (count == 0)
            return;
        _map.Clear();
        _map.U32(count);
        _map.Bytes(_locals.Span);
        Subsection(10);
    }

    private void NameMap(WasmBytes output, IndexSpace space)
    {
        output.U32((uint)space.Names.Count);
        foreach ((uint index, int symbol) in space.Names)
        {
            output.U32(index);
            output.Sized(symbols[symbol]);
        }
    }
}
