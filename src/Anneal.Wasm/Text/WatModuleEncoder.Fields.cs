// Pass 2: imports, exports, functions, globals, tags, start. Inline exports and imports are unfolded here.

namespace Anneal.Wasm.Text;

internal sealed partial class WatModuleEncoder
{
    private const byte FunctionKind = 0, TableKind = 1, MemoryKind = 2, GlobalKind = 3, TagKind = 4;

    private void Fields()
    {
        while (_cursor.TryTake(WatTokenKind.LeftParen))
        {
            if (_cursor.TryKeyword("func"u8))
                Function();
            else if (_cursor.TryKeyword("type"u8) || _cursor.TryKeyword("rec"u8))
            {
                _cursor.SkipToClose(); // read already
                continue;
            }
            else if (_cursor.TryKeyword("import"u8))
                Import();
            else if (_cursor.TryKeyword("export"u8))
                Export();
            else if (_cursor.TryKeyword("global"u8))
                Global();
            else if (_cursor.TryKeyword("memory"u8))
                Memory();
            else if (_cursor.TryKeyword("table"u8))
                Table();
            else if (_cursor.TryKeyword("elem"u8))
                ElementSegment();
            else if (_cursor.TryKeyword("data"u8))
                DataSegment();
            else if (_cursor.TryKeyword("tag"u8))
                Tag();
            else
                Start();
            _cursor.Close();
        }
    }

    private void Import()
    {
        WasmBytes import = _imports.Entry();
        _cursor.Name(import, _scratch);
        _cursor.Name(import, _scratch);
        _cursor.Open();
        WatToken kind = _cursor.Take(WatTokenKind.Keyword);
        _cursor.Identifier();
        ReadOnlySpan<byte> word = _cursor.Source.Bytes(kind);
        if (word.SequenceEqual("func"u8))
            FunctionImport(import);
        else if (word.SequenceEqual("global"u8))
        {
            import.Byte(GlobalKind);
            GlobalType(import);
            _nextGlobal++;
        }
        else if (word.SequenceEqual("memory"u8))
        {
            import.Byte(MemoryKind);
            MemoryType(import);
            _nextMemory++;
        }
        else if (word.SequenceEqual("table"u8))
        {
            import.Byte(TableKind);
            TableType(import);
            _nextTable++;
        }
        else
        {
            import.Byte(TagKind);
            TagType(import);
            _nextTag++;
        }
        _cursor.Close();
    }

    private void FunctionImport(WasmBytes import)
    {
        import.Byte(FunctionKind);
        import.U32(_types.TypeUse(_code.Locals, named: true, out _));
        _names.AddLocals(_nextFunction++, _code.Locals);
        _code.Locals.Reset(0);
    }

    private void InlineExports(byte kind, uint index)
    {
        while (_cursor.TryOpen("export"u8))
        {
            WasmBytes export = _exports.Entry();
            _cursor.Name(export, _scratch);
            export.Byte(kind);
            export.U32(index);
            _cursor.Close();
        }
    }

    // An inline import's names, written to the import section; false when there is none.
    private bool TryInlineImport(byte kind, out WasmBytes import)
    {
        import = _imports.Bytes;
        if (!_cursor.TryOpen("import"u8))
            return false;
        _imports.Entry();
        _cursor.Name(import, _scratch);
        _cursor.Name(import, _scratch);
        _cursor.Close();
        if (kind != FunctionKind)
            import.Byte(kind);
        return true;
    }

    private void Export()
    {
        WasmBytes export = _exports.Entry();
        _cursor.Name(export, _scratch);
        _cursor.Open();
        (byte kind, IndexSpace space) =
            _cursor.TryKeyword("func"u8) ? (FunctionKind, _spaces.Functions)
            : _cursor.TryKeyword("table"u8) ? (TableKind, _spaces.Tables)
            : _cursor.TryKeyword("memory"u8) ? (MemoryKind, _spaces.Memories)
            : _cursor.TryKeyword("global"u8) ? (GlobalKind, _spaces.Globals)
            : _cursor.TryKeyword("tag"u8) ? (TagKind, _spaces.Tags)
            : throw _cursor.Unexpected();
        export.Byte(kind);
        export.U32(space.Read(_cursor));
        _cursor.Close();
    }

    private void Start()
    {
        WatToken keyword = _cursor.Take(WatTokenKind.Keyword);
        if (_start is not null)
            throw _cursor.Source.Error(keyword.Start, "multiple start sections");
        _start = _spaces.Functions.Read(_cursor);
    }

    // ---- functions ----

    private void Function()
    {
        _cursor.Identifier();
        InlineExports(FunctionKind, _nextFunction);
        if (TryInlineImport(FunctionKind, out WasmBytes import))
        {
            FunctionImport(import);
            return;
        }
        uint type = _types.TypeUse(_code.Locals, named: true, out bool unknown);
        _functions.Entry().U32(type);
        _code.LocalsUnknown = unknown;
        _body.Clear();
        LocalDeclarations();
        _code.Expression(_body);
        _bodies.Entry().Sized(_body.Span);
        _names.AddLocals(_nextFunction++, _code.Locals);
        _code.Locals.Reset(0);
        _code.LocalsUnknown = false;
    }

    // Locals, as runs of equal types.
    private void LocalDeclarations()
    {
        uint groups = 0, run = 0;
        int runType = 0; // where in _scratch the run's type is; what lies before is finished groups' bytes
        _items.Clear();
        _scratch.Clear();
        while (_cursor.TryOpen("local"u8))
        {
            int at = _cursor.Position;
            int symbol = _cursor.Identifier();
            do
            {
                if (symbol == SymbolTable.None && _cursor.NextKind == WatTokenKind.RightParen)
                    break;
                _code.Locals.Add(symbol, _cursor.Source, at);
                int start = _scratch.Length;
                _types.ValueType(_scratch);
                if (run > 0 && _scratch.From(start).SequenceEqual(_scratch.Span[runType..start]))
                    _scratch.Truncate(start);
                else
                {
                    FlushRun(run, _scratch.Span[runType..start], ref groups);
                    runType = start;
                    run = 0;
                }
                run++;
            }
            while (symbol == SymbolTable.None);
            _cursor.Close();
        }
        FlushRun(run, _scratch.From(runType), ref groups);
        _body.U32(groups);
        _body.Bytes(_items.Span);
    }

    private void FlushRun(uint run, ReadOnlySpan<byte> type, ref uint groups)
    {
        if (run == 0)
            return;
        groups++;
        _items.U32(run);
        _items.Bytes(type);
    }

    // ---- globals and tags ----

    private void Global()
    {
        _cursor.Identifier();
        InlineExports(GlobalKind, _nextGlobal++);
        if (TryInlineImport(GlobalKind, out WasmBytes import))
        {
            GlobalType(import);
            return;
        }
        WasmBytes global = _globals.Entry();
        GlobalType(global);
        _code.Expression(global);
    }

    private void GlobalType(WasmBytes output)
    {
        bool mutable = _cursor.TryOpen("mut"u8);
        _types.ValueType(output);
        if (mutable)
            _cursor.Close();
        output.Byte((byte)(mutable ? 1 : 0));
    }

    private void Tag()
    {
        _cursor.Identifier();
        InlineExports(TagKind, _nextTag++);
        TagType(TryInlineImport(TagKind, out WasmBytes import) ? import : _tags.Entry());
    }

    private void TagType(WasmBytes output)
    {
        output.Byte(0);
        output.U32(_types.TypeUse(null, named: true, out _));
    }
}
