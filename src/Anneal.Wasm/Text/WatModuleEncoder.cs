// One module's fields to a binary module. Pass 1 (.Declarations) gives every thing its index and every identifier its
// meaning; then the explicit types are read; pass 2 (.Fields, .Memories, .Segments) writes each field into its section's
// buffer, in the order of the text; last the sections are put together. Validity is not checked: what is well-formed is
// encoded.
// Called by WatEncoder for files and by WastModule for modules inside scripts.

namespace Anneal.Wasm.Text;

internal sealed partial class WatModuleEncoder
{
    private readonly WatCursor _cursor;
    private readonly WatTypes _types;
    private readonly WatIndexSpaces _spaces = new();
    private readonly WatCodeEncoder _code;
    private readonly WatNameSection _names;
    private readonly Section _imports = new(), _functions = new(), _tables = new(), _memories = new(), _tags = new(),
        _globals = new(), _exports = new(), _elements = new(), _bodies = new(), _data = new();
    private readonly WasmBytes _scratch = new(), _items = new(), _body = new(1024);
    private readonly List<(int Position, int Members)> _typeFields = [];
    private readonly List<WatCustomSection> _customSections = [];
    private uint? _start;
    private uint _nextFunction, _nextTable, _nextMemory, _nextGlobal, _nextTag;

    /// <summary>A section under way: its entries and their count.</summary>
    private sealed class Section
    {
        public WasmBytes Bytes { get; } = new();
        public uint Count { get; set; }

        /// <summary>Counts one more entry, whose bytes are then appended.</summary>
        public WasmBytes Entry()
        {
            Count++;
            return Bytes;
        }
    }

    private WatModuleEncoder(WatSource source, int position)
    {
        _cursor = new WatCursor(source, position);
        _types = new WatTypes(_cursor);
        _code = new WatCodeEncoder(_cursor, _types, _spaces);
        _names = new WatNameSection(source.Symbols);
    }

    /// <summary>Encodes the fields from a token on, up to a closing parenthesis or the end of the text.</summary>
    /// <param name="source">The text.</param>
    /// <param name="position">The token of the first field.</param>
    /// <param name="symbol">The module's identifier, or <see cref="SymbolTable.None"/>.</param>
    /// <param name="end">The index of the token that ended the fields.</param>
    public static byte[] Encode(WatSource source, int position, int symbol, out int end)
    {
        var encoder = new WatModuleEncoder(source, position);
        encoder._names.Module = encoder.NameAnnotation(position) is var named and not SymbolTable.None ? named : symbol;
        encoder.DeclareFields();
        end = encoder._cursor.Position;
        encoder.Types();
        encoder._cursor.Position = position;
        encoder.Fields();
        return encoder.Assemble();
    }

    private void Types()
    {
        foreach ((int position, int members) in _typeFields)
        {
            _cursor.Position = position;
            if (members < 0)
                _types.TypeField();
            else
                _types.RecursionGroup(members);
        }
    }

    private byte[] Assemble()
    {
        var output = new WasmBytes(_bodies.Bytes.Length + _data.Bytes.Length + 512);
        output.Bytes("\0asm\u0001\0\0\0"u8);
        Emit(output, 1, _types.GroupCount, _types.Section);
        Emit(output, 2, _imports.Count, _imports.Bytes);
        Emit(output, 3, _functions.Count, _functions.Bytes);
        Emit(output, 4, _tables.Count, _tables.Bytes);
        Emit(output, 5, _memories.Count, _memories.Bytes);
        Emit(output, 13, _tags.Count, _tags.Bytes);
        Emit(output, 6, _globals.Count, _globals.Bytes);
        Emit(output, 7, _exports.Count, _exports.Bytes);
        _scratch.Clear();
        EmitSingle(output, 8, _start);
        Emit(output, 9, _elements.Count, _elements.Bytes);
        EmitSingle(output, 12, _code.UsesDataIndex ? _data.Count : null);
        Emit(output, 10, _bodies.Count, _bodies.Bytes);
        Emit(output, 11, _data.Count, _data.Bytes);
        CustomSections(output, WatCustomSection.Last, after: false);
        CustomSections(output, WatCustomSection.Last, after: true);
        _names.Write(output, _types, _spaces);
        return output.ToArray();
    }

    private void Emit(WasmBytes output, byte id, uint count, WasmBytes entries)
    {
        CustomSections(output, id, after: false);
        if (count > 0)
        {
            _scratch.Clear();
            _scratch.U32(count);
            output.Byte(id);
            output.U32((uint)(_scratch.Length + entries.Length));
            output.Bytes(_scratch.Span);
            output.Bytes(entries.Span);
        }
        CustomSections(output, id, after: true);
    }

    private void EmitSingle(WasmBytes output, byte id, uint? value)
    {
        CustomSections(output, id, after: false);
        if (value is { } number)
        {
            _scratch.Clear();
            _scratch.U32(number);
            output.Byte(id);
            output.Sized(_scratch.Span);
        }
        CustomSections(output, id, after: true);
    }

    private void CustomSections(WasmBytes output, byte place, bool after)
    {
        foreach (WatCustomSection section in _customSections)
        {
            if (section.Place == place && section.After == after)
                section.Write(output);
        }
    }

    // The symbol of a `@name` annotation that stands before that token, or none.
    private int NameAnnotation(int position)
    {
        foreach (WatAnnotation annotation in AnnotationsBefore(position))
        {
            if (annotation.Kind != WatAnnotationKind.Name)
                continue;
            var inside = new WatCursor(WatLexer.RunInside(_cursor.Source, annotation), 0);
            _items.Clear();
            _scratch.Clear();
            inside.Name(_items, _scratch);
            inside.Take(WatTokenKind.End);
            return _cursor.Source.Symbols.Intern(_scratch.Span);
        }
        return SymbolTable.None;
    }

    private ReadOnlySpan<WatAnnotation> AnnotationsBefore(int position)
    {
        ReadOnlySpan<WatAnnotation> all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_cursor.Source.Annotations);
        int low = 0, high = all.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (all[middle].TokenIndex < position)
                low = middle + 1;
            else
                high = middle;
        }
        int end = low;
        while (end < all.Length && all[end].TokenIndex == position)
            end++;
        return all[low..end];
    }
}
