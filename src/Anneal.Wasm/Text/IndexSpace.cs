// One index space of a module (types, functions, locals, ...): how many things it holds, which symbol names which index, and
// the names in order for the name section.

using System.Text;

namespace Anneal.Wasm.Text;

internal sealed class IndexSpace(string thing)
{
    private Dictionary<int, uint> _bySymbol = [];

    public uint Count { get; private set; }

    /// <summary>What is named: (index, symbol), by rising index.</summary>
    public List<(uint Index, int Symbol)> Names { get; } = [];

    /// <summary>Adds the next thing; a symbol that is taken is an error at that token.</summary>
    public uint Add(int symbol, WatSource source, int tokenIndex)
    {
        if (symbol != SymbolTable.None)
        {
            if (!_bySymbol.TryAdd(symbol, Count))
            {
                string name = Encoding.UTF8.GetString(source.Symbols[symbol]);
                throw source.Error(source[tokenIndex].Start, $"duplicate {thing} ${name}");
            }
            Names.Add((Count, symbol));
        }
        return Count++;
    }

    /// <summary>Starts afresh with that many nameless things.</summary>
    public void Reset(uint count)
    {
        // Clearing costs as much as the table once grew to, which one crowded function should not make all others pay.
        if (_bySymbol.Count > 256)
            _bySymbol = [];
        else
            _bySymbol.Clear();
        Names.Clear();
        Count = count;
    }

    /// <summary>An index by number or by identifier. Numbers are not checked: that is validation.</summary>
    public uint Read(WatCursor cursor)
    {
        WatToken token = cursor.Next;
        if (token.Kind != WatTokenKind.Identifier)
            return cursor.U32();
        if (!_bySymbol.TryGetValue(token.Symbol, out uint index))
            throw cursor.Error($"unknown {thing} {cursor.Source.Describe(token)}");
        cursor.Position++;
        return index;
    }

    public static bool IsNext(WatCursor cursor) => cursor.NextKind is WatTokenKind.Identifier or WatTokenKind.Number;

    /// <summary>Replaces or adds the name section's name of an index (a `@name` annotation).</summary>
    public void Rename(uint index, int symbol)
    {
        if (Names.Count > 0 && Names[^1].Index == index)
            Names.RemoveAt(Names.Count - 1);
        Names.Add((index, symbol));
    }
}
