// Pass 2: element and data segments. The binary has eight forms of element segment; the text form decides which: function
// indices where the text has them (and their type suits), expressions otherwise, with the short form where the table is 0.

namespace Anneal.Wasm.Text;

internal sealed partial class WatModuleEncoder
{
    private const byte FunctionReference = 0x70;

    private const byte Passive = 1, Explicit = 2, Declarative = 3, Expressions = 4;

    private void ElementSegment()
    {
        _cursor.Identifier();
        WasmBytes segment = _elements.Entry();
        if (_cursor.TryKeyword("declare"u8))
        {
            ElementList(segment, Declarative, 0, []);
            return;
        }
        bool named = _cursor.TryOpen("table"u8);
        uint table = 0;
        if (named)
        {
            table = _spaces.Tables.Read(_cursor);
            _cursor.Close();
        }
        else if (_cursor.NextKind != WatTokenKind.LeftParen || _cursor.IsOpen("ref"u8))
        {
            ElementList(segment, Passive, 0, []);
            return;
        }
        _body.Clear();
        Offset(_body);
        if (!named && _cursor.NextKind is WatTokenKind.Identifier or WatTokenKind.Number or WatTokenKind.RightParen)
        {
            uint functions = FunctionList();
            segment.Byte(0);
            segment.Bytes(_body.Span);
            segment.U32(functions);
            segment.Bytes(_items.Span);
            return;
        }
        ElementList(segment, 0, table, _body.Span);
    }

    // `func` and indices, or a reference type and expressions.
    private void ElementList(WasmBytes segment, byte mode, uint table, ReadOnlySpan<byte> offset)
    {
        if (mode == 0 && table != 0)
            mode = Explicit;
        if (_cursor.TryKeyword("func"u8))
        {
            uint functions = FunctionList();
            segment.Byte(mode);
            if (mode == Explicit)
                segment.U32(table);
            segment.Bytes(offset);
            if (mode != 0)
                segment.Byte(0);
            segment.U32(functions);
        }
        else
        {
            _scratch.Clear();
            _types.ReferenceType(_scratch);
            WriteExpressionHead(segment, mode, table, offset);
            segment.U32(ExpressionList());
        }
        segment.Bytes(_items.Span);
    }

    // Everything before the count, for a segment of expressions whose reference type is in _scratch.
    private void WriteExpressionHead(WasmBytes segment, byte mode, uint table, ReadOnlySpan<byte> offset)
    {
        if (mode == 0 && !IsFunctionReference())
            mode = Explicit;
        segment.Byte((byte)(mode | Expressions));
        if (mode == Explicit)
            segment.U32(table);
        segment.Bytes(offset);
        if (mode != 0)
            segment.Bytes(_scratch.Span);
    }

    private bool IsFunctionReference() => _scratch.Length == 1 && _scratch.Span[0] == FunctionReference;

    // Function indices into _items; returns how many.
    private uint FunctionList()
    {
        _items.Clear();
        uint count = 0;
        for (; IndexSpace.IsNext(_cursor); count++)
            _items.U32(_spaces.Functions.Read(_cursor));
        return count;
    }

    // `(item ...)` or folded expressions into _items; returns how many.
    private uint ExpressionList()
    {
        _items.Clear();
        uint count = 0;
        for (; _cursor.NextKind == WatTokenKind.LeftParen; count++)
        {
            if (_cursor.TryOpen("item"u8))
            {
                _code.Expression(_items);
                _cursor.Close();
            }
            else
                _code.FoldedExpression(_items);
        }
        return count;
    }

    private void Offset(WasmBytes output)
    {
        if (_cursor.TryOpen("offset"u8))
        {
            _code.Expression(output);
            _cursor.Close();
        }
        else
            _code.FoldedExpression(output);
    }

    // A table given by its elements: `reftype (elem ...)`, its size their number.
    private void TableWithElements(uint index, bool wide)
    {
        _scratch.Clear();
        _types.ReferenceType(_scratch);
        if (!_cursor.TryOpen("elem"u8))
            throw _cursor.Unexpected();
        bool functions = _cursor.NextKind != WatTokenKind.LeftParen;
        uint count = functions ? FunctionList() : ExpressionList();
        _cursor.Close();
        WasmBytes table = _tables.Entry();
        table.Bytes(_scratch.Span);
        WriteLimits(table, wide, shared: false, count, count, pageLog2: -1);

        WasmBytes segment = _elements.Entry();
        ReadOnlySpan<byte> offset = wide ? [0x42, 0, 0x0B] : [0x41, 0, 0x0B];
        if (functions && IsFunctionReference())
        {
            segment.Byte(index == 0 ? (byte)0 : Explicit);
            if (index != 0)
                segment.U32(index);
            segment.Bytes(offset);
            if (index != 0)
                segment.Byte(0);
            segment.U32(count);
            segment.Bytes(_items.Span);
            return;
        }
        WriteExpressionHead(segment, index == 0 ? (byte)0 : Explicit, index, offset);
        segment.U32(count);
        if (functions)
            WriteFunctionsAsExpressions(segment);
        else
            segment.Bytes(_items.Span);
    }

    private void WriteFunctionsAsExpressions(WasmBytes segment)
    {
        ReadOnlySpan<byte> indices = _items.Span;
        int start = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            if (indices[i] >= 0x80)
                continue;
            segment.Byte(0xD2); // ref.func
            segment.Bytes(indices[start..(i + 1)]);
            segment.Byte(0x0B);
            start = i + 1;
        }
    }

    private void DataSegment()
    {
        _cursor.Identifier();
        WasmBytes segment = _data.Entry();
        uint memory = 0;
        bool named = _cursor.TryOpen("memory"u8);
        if (named)
        {
            memory = _spaces.Memories.Read(_cursor);
            _cursor.Close();
        }
        if (named || _cursor.NextKind == WatTokenKind.LeftParen)
            Offset(ActiveDataHead(segment, memory));
        else
            segment.Byte(Passive);
        _items.Clear();
        while (_cursor.NextKind == WatTokenKind.String)
            _cursor.String(_items);
        segment.Sized(_items.Span);
    }

    private static WasmBytes ActiveDataHead(WasmBytes segment, uint memory)
    {
        segment.Byte(memory == 0 ? (byte)0 : Explicit);
        if (memory != 0)
            segment.U32(memory);
        return segment;
    }
}
