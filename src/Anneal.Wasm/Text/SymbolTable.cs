// Interns identifiers: equal names, however they are spelt (`$f`, `$"f"`, `$"\66"`), get one small number, so that index
// spaces are looked up by number. Names lie one after another in one buffer. Open addressing, at most half full; the hash
// is the runtime's randomized one, so a text cannot choose its collisions.

namespace Anneal.Wasm.Text;

internal sealed class SymbolTable
{
    /// <summary>The symbol of an absent identifier.</summary>
    public const int None = -1;

    private readonly WasmBytes _names = new();
    private (int Start, int Length, int Hash)[] _symbols = new (int, int, int)[32];
    private int[] _buckets = new int[64]; // symbol + 1; 0 is free
    private int _count;

    public ReadOnlySpan<byte> this[int symbol] => _names.Span.Slice(_symbols[symbol].Start, _symbols[symbol].Length);

    public int Intern(ReadOnlySpan<byte> name)
    {
        var hash = new HashCode();
        hash.AddBytes(name);
        int code = hash.ToHashCode();
        int mask = _buckets.Length - 1;
        int bucket = code & mask;
        for (; _buckets[bucket] != 0; bucket = (bucket + 1) & mask)
        {
            int symbol = _buckets[bucket] - 1;
            if (_symbols[symbol].Hash == code && this[symbol].SequenceEqual(name))
                return symbol;
        }
        if (_count == _symbols.Length)
            Array.Resize(ref _symbols, _count * 2);
        _symbols[_count] = (_names.Length, name.Length, code);
        _names.Bytes(name);
        _buckets[bucket] = ++_count;
        if (_count * 2 > _buckets.Length)
            Rehash();
        return _count - 1;
    }

    private void Rehash()
    {
        _buckets = new int[_buckets.Length * 2];
        int mask = _buckets.Length - 1;
        for (int symbol = 0; symbol < _count; symbol++)
        {
            int bucket = _symbols[symbol].Hash & mask;
            while (_buckets[bucket] != 0)
                bucket = (bucket + 1) & mask;
            _buckets[bucket] = symbol + 1;
        }
    }
}
