// Pass 2: memories and tables, and the limits that both have. Either may be given by its contents instead of its size.

using System.Numerics;

namespace Anneal.Wasm.Text;

internal sealed partial class WatModuleEncoder
{
    // ---- memories ----

    private void Memory()
    {
        _cursor.Identifier();
        uint index = _nextMemory++;
        InlineExports(MemoryKind, index);
        if (TryInlineImport(MemoryKind, out WasmBytes import))
        {
            MemoryType(import);
            return;
        }
        int start = _cursor.Position;
        bool wide = AddressType();
        int pageLog2 = PageSize();
        if (!_cursor.TryOpen("data"u8))
        {
            _cursor.Position = start;
            MemoryType(_memories.Entry());
            return;
        }
        _items.Clear();
        while (_cursor.NextKind == WatTokenKind.String)
            _cursor.String(_items);
        _cursor.Close();
        int shift = pageLog2 < 0 ? 16 : pageLog2;
        ulong pages = ((ulong)_items.Length + (1UL << shift) - 1) >> shift;
        WriteLimits(_memories.Entry(), wide, shared: false, pages, pages, pageLog2);
        ActiveDataHead(_data.Entry(), index).Bytes(wide ? [0x42, 0, 0x0B] : [0x41, 0, 0x0B]);
        _data.Bytes.Sized(_items.Span);
    }

    private bool AddressType()
    {
        bool wide = _cursor.TryKeyword("i64"u8);
        if (!wide)
            _cursor.TryKeyword("i32"u8);
        return wide;
    }

    // The logarithm of a custom page size, or -1.
    private int PageSize()
    {
        if (!_cursor.TryOpen("pagesize"u8))
            return -1;
        ulong size = _cursor.U64();
        if (!BitOperations.IsPow2(size) || size > uint.MaxValue)
            throw _cursor.Source.Error(_cursor.Source[_cursor.Position - 1].Start, "invalid custom page size");
        _cursor.Close();
        return BitOperations.Log2(size);
    }

    private void MemoryType(WasmBytes output)
    {
        bool wide = AddressType();
        ReadLimits(out ulong least, out ulong? most);
        bool shared = _cursor.TryKeyword("shared"u8);
        WriteLimits(output, wide, shared, least, most, PageSize());
    }

    private void ReadLimits(out ulong least, out ulong? most)
    {
        least = _cursor.U64();
        most = _cursor.NextKind == WatTokenKind.Number ? _cursor.U64() : null;
    }

    private static void WriteLimits(WasmBytes output, bool wide, bool shared, ulong least, ulong? most, int pageLog2)
    {
        output.Byte((byte)((most is null ? 0 : 1) | (shared ? 2 : 0) | (wide ? 4 : 0) | (pageLog2 < 0 ? 0 : 8)));
        output.U64(least);
        if (most is { } bound)
            output.U64(bound);
        if (pageLog2 >= 0)
            output.U32((uint)pageLog2);
    }

    // ---- tables ----

    private void Table()
    {
        _cursor.Identifier();
        uint index = _nextTable++;
        InlineExports(TableKind, index);
        if (TryInlineImport(TableKind, out WasmBytes import))
        {
            TableType(import);
            return;
        }
        int start = _cursor.Position;
        bool wide = AddressType();
        if (_types.IsReferenceType())
        {
            TableWithElements(index, wide);
            return;
        }
        _cursor.Position = start;
        _scratch.Clear();
        TableType(_scratch);
        WasmBytes table = _tables.Entry();
        bool initialized = _cursor.NextKind != WatTokenKind.RightParen;
        if (initialized)
            table.Bytes([0x40, 0]);
        table.Bytes(_scratch.Span);
        if (initialized)
            _code.Expression(table);
    }

    private void TableType(WasmBytes output)
    {
        bool wide = AddressType();
        ReadLimits(out ulong least, out ulong? most);
        _types.ReferenceType(output);
        WriteLimits(output, wide, shared: false, least, most, pageLog2: -1);
    }
}
