// The types of a module in text: reads type definitions, value types and type uses, writes the type section. Explicit types
// get their indices first; a signature written inline reuses the first equal function type (alone in its recursion group,
// final, without supertypes) or is appended. Two signatures are equal when their encodings are. WatTypes.ValueTypes.cs
// reads value, reference and heap types. Used by the module encoder and the instruction encoder.

namespace Anneal.Wasm.Text;

internal sealed partial class WatTypes(WatCursor cursor)
{
    private readonly WasmBytes _params = new();
    private readonly WasmBytes _results = new();
    private readonly WasmBytes _signature = new();
    private readonly List<Definition> _definitions = [];
    private readonly Dictionary<byte[], uint>.AlternateLookup<ReadOnlySpan<byte>> _inline =
        new Dictionary<byte[], uint>(new BytesComparer()).GetAlternateLookup<ReadOnlySpan<byte>>();
    private uint _resultCount;
    private uint _groups;

    /// <summary>Of a defined type: a function's encoded signature and parameter count, or a structure's field names.</summary>
    private readonly record struct Definition(byte[]? Signature, uint Parameters, IndexSpace? Fields);

    public IndexSpace Space { get; } = new("type");

    /// <summary>The type section's content without its count.</summary>
    public WasmBytes Section { get; } = new();

    public uint GroupCount => _groups;

    public IndexSpace? FieldsOf(uint type) => type < _definitions.Count ? _definitions[(int)type].Fields : null;

    public int DefinitionCount => _definitions.Count;

    // ---- definitions ----

    /// <summary>A `(type ...)` field, behind its keyword.</summary>
    public void TypeField()
    {
        _groups++;
        SubType(alone: true);
    }

    /// <summary>A `(rec ...)` field, behind its keyword.</summary>
    public void RecursionGroup(int memberCount)
    {
        _groups++;
        if (memberCount != 1)
        {
            Section.Byte(0x4E);
            Section.U32((uint)memberCount);
        }
        while (cursor.TryOpen("type"u8))
            SubType(memberCount == 1);
        cursor.Close();
    }

    // id? (sub ...) or a composite type, and the parenthesis that closes the field.
    private void SubType(bool alone)
    {
        cursor.Identifier();
        bool plain = alone;
        cursor.Open();
        bool sub = cursor.TryKeyword("sub"u8);
        if (sub)
        {
            bool final = cursor.TryKeyword("final"u8);
            int supertypes = 0;
            _params.Clear();
            for (; IndexSpace.IsNext(cursor); supertypes++)
                _params.U32(Space.Read(cursor));
            if (!final || supertypes > 0)
            {
                plain = false;
                Section.Byte((byte)(final ? 0x4F : 0x50));
                Section.U32((uint)supertypes);
                Section.Bytes(_params.Span);
            }
            cursor.Open();
        }
        CompositeType(plain);
        cursor.Close();
        if (sub)
            cursor.Close();
        cursor.Close();
    }

    private void CompositeType(bool plain)
    {
        if (cursor.TryKeyword("func"u8))
        {
            uint parameters = Signature(null, out _, named: true);
            Section.Bytes(_signature.Span);
            AddFunction(parameters, plain);
        }
        else if (cursor.TryKeyword("struct"u8))
            Structure();
        else if (cursor.TryKeyword("array"u8))
        {
            Section.Byte(0x5E);
            FieldType(Section);
            _definitions.Add(default);
        }
        else
            throw cursor.Unexpected();
    }

    private void Structure()
    {
        var fields = new IndexSpace("field");
        _params.Clear();
        while (cursor.TryOpen("field"u8))
        {
            int at = cursor.Position;
            int symbol = cursor.Identifier();
            if (symbol != SymbolTable.None)
            {
                fields.Add(symbol, cursor.Source, at);
                FieldType(_params);
            }
            else
            {
                while (cursor.NextKind != WatTokenKind.RightParen)
                {
                    fields.Add(SymbolTable.None, cursor.Source, cursor.Position);
                    FieldType(_params);
                }
            }
            cursor.Close();
        }
        Section.Byte(0x5F);
        Section.U32(fields.Count);
        Section.Bytes(_params.Span);
        _definitions.Add(new Definition(null, 0, fields));
    }

    private void FieldType(WasmBytes output)
    {
        bool mutable = cursor.TryOpen("mut"u8);
        if (cursor.TryKeyword("i8"u8))
            output.Byte(0x78);
        else if (cursor.TryKeyword("i16"u8))
            output.Byte(0x77);
        else
            ValueType(output);
        if (mutable)
            cursor.Close();
        output.Byte((byte)(mutable ? 1 : 0));
    }

    private void AddFunction(uint parameters, bool plain)
    {
        byte[] signature = _signature.ToArray();
        if (plain)
            _inline.Dictionary.TryAdd(signature, (uint)_definitions.Count);
        _definitions.Add(new Definition(signature, parameters, null));
    }

    // ---- uses ----

    /// <summary>
    /// A type use. With <paramref name="locals"/> the parameters become its first entries, by name where they have one;
    /// without, named parameters are accepted only if <paramref name="named"/>.
    /// </summary>
    public uint TypeUse(IndexSpace? locals, bool named, out bool parametersUnknown)
    {
        parametersUnknown = false;
        int at = cursor.Position;
        bool explicitly = TryTypeIndex(out uint type);
        uint parameters = Signature(locals, out bool empty, named);
        if (!explicitly)
            return Inline(parameters);
        if (!empty)
        {
            CheckAgainst(type, at);
            return type;
        }
        if (type < _definitions.Count)
            locals?.Reset(_definitions[(int)type].Parameters);
        else
            parametersUnknown = true;
        return type;
    }

    /// <summary>A block type: nothing, one result, or a type by index.</summary>
    public void BlockType(WasmBytes output)
    {
        int at = cursor.Position;
        bool explicitly = TryTypeIndex(out uint type);
        uint parameters = Signature(null, out bool empty, named: false);
        if (explicitly)
        {
            if (!empty)
                CheckAgainst(type, at);
            output.S64(type);
        }
        else if (empty)
            output.Byte(0x40);
        else if (parameters == 0 && _resultCount == 1)
            output.Bytes(_results.Span);
        else
            output.S64(Inline(parameters));
    }

    private bool TryTypeIndex(out uint type)
    {
        type = 0;
        if (!cursor.TryOpen("type"u8))
            return false;
        type = Space.Read(cursor);
        cursor.Close();
        return true;
    }

    // (param ...)* (result ...)* into _signature; returns the number of parameters.
    private uint Signature(IndexSpace? locals, out bool empty, bool named)
    {
        _params.Clear();
        _results.Clear();
        locals?.Reset(0);
        uint parameters = 0;
        _resultCount = 0;
        while (cursor.TryOpen("param"u8))
        {
            int at = cursor.Position;
            int symbol = named ? cursor.Identifier() : SymbolTable.None;
            if (symbol != SymbolTable.None)
            {
                locals?.Add(symbol, cursor.Source, at);
                ValueType(_params);
                parameters++;
            }
            else
            {
                for (; cursor.NextKind != WatTokenKind.RightParen; parameters++)
                {
                    locals?.Add(SymbolTable.None, cursor.Source, at);
                    ValueType(_params);
                }
            }
            cursor.Close();
        }
        while (cursor.TryOpen("result"u8))
        {
            for (; cursor.NextKind != WatTokenKind.RightParen; _resultCount++)
                ValueType(_results);
            cursor.Close();
        }
        if (cursor.IsOpen("param"u8))
            throw cursor.Unexpected();
        empty = parameters + _resultCount == 0;
        _signature.Clear();
        _signature.Byte(0x60);
        _signature.U32(parameters);
        _signature.Bytes(_params.Span);
        _signature.U32(_resultCount);
        _signature.Bytes(_results.Span);
        return parameters;
    }

    private void CheckAgainst(uint type, int at)
    {
        if (type >= _definitions.Count)
            throw cursor.Source.Error(cursor.Source[at].Start, $"unknown type {type}");
        if (_definitions[(int)type].Signature is not { } signature || !_signature.Span.SequenceEqual(signature))
            throw cursor.Source.Error(cursor.Source[at].Start, "inline function type does not match the type it names");
    }

    private uint Inline(uint parameters)
    {
        if (_inline.TryGetValue(_signature.Span, out uint known))
            return known;
        var type = (uint)_definitions.Count;
        _groups++;
        Section.Bytes(_signature.Span);
        AddFunction(parameters, plain: true);
        return type;
    }
}
