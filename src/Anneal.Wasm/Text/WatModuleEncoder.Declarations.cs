// Pass 1: walks the fields without reading what is in them, numbers everything in its index space and binds identifiers, so
// that pass 2 can refer forward. Imports must come before definitions, so the order of the text is the order of indices.

namespace Anneal.Wasm.Text;

internal sealed partial class WatModuleEncoder
{
    private string? _firstDefinition;

    private void DeclareFields()
    {
        while (true)
        {
            CustomAnnotations();
            if (_cursor.NextKind is WatTokenKind.RightParen or WatTokenKind.End)
                return;
            _cursor.Open();
            DeclareField();
        }
    }

    private void DeclareField()
    {
        if (_cursor.TryKeyword("func"u8))
            DeclareDefinition(_spaces.Functions, "function", []);
        else if (_cursor.TryKeyword("type"u8))
        {
            _typeFields.Add((_cursor.Position, -1));
            Declare(_types.Space);
            _cursor.SkipToClose();
        }
        else if (_cursor.TryKeyword("rec"u8))
            DeclareRecursionGroup();
        else if (_cursor.TryKeyword("import"u8))
            DeclareImport();
        else if (_cursor.TryKeyword("global"u8))
            DeclareDefinition(_spaces.Globals, "global", []);
        else if (_cursor.TryKeyword("memory"u8))
            DeclareDefinition(_spaces.Memories, "memory", "data"u8);
        else if (_cursor.TryKeyword("table"u8))
            DeclareDefinition(_spaces.Tables, "table", "elem"u8);
        else if (_cursor.TryKeyword("tag"u8))
            DeclareDefinition(_spaces.Tags, "tag", []);
        else if (_cursor.TryKeyword("elem"u8))
        {
            Declare(_spaces.Elements);
            _cursor.SkipToClose();
        }
        else if (_cursor.TryKeyword("data"u8))
        {
            Declare(_spaces.Data);
            _cursor.SkipToClose();
        }
        else if (_cursor.TryKeyword("export"u8) || _cursor.TryKeyword("start"u8))
            _cursor.SkipToClose();
        else
            throw _cursor.NextKind == WatTokenKind.Keyword
                ? _cursor.Error($"unknown operator {_cursor.Source.Describe(_cursor.Next)}: a module field is expected")
                : _cursor.Unexpected();
    }

    private void Declare(IndexSpace space)
    {
        int at = _cursor.Position;
        uint index = space.Add(_cursor.Identifier(), _cursor.Source, at);
        if (_cursor.Source.Annotations.Count > 0 && NameAnnotation(_cursor.Position) is var named and not SymbolTable.None)
            space.Rename(index, named);
    }

    private void DeclareRecursionGroup()
    {
        int position = _cursor.Position;
        int members = 0;
        for (; _cursor.TryOpen("type"u8); members++)
        {
            Declare(_types.Space);
            _cursor.SkipToClose();
        }
        _cursor.Close();
        _typeFields.Add((position, members));
    }

    private void DeclareImport()
    {
        CheckImportOrder();
        _cursor.Take(WatTokenKind.String);
        _cursor.Take(WatTokenKind.String);
        _cursor.Open();
        if (_cursor.TryKeyword("func"u8))
            Declare(_spaces.Functions);
        else if (_cursor.TryKeyword("global"u8))
            Declare(_spaces.Globals);
        else if (_cursor.TryKeyword("memory"u8))
            Declare(_spaces.Memories);
        else if (_cursor.TryKeyword("table"u8))
            Declare(_spaces.Tables);
        else if (_cursor.TryKeyword("tag"u8))
            Declare(_spaces.Tags);
        else
            throw _cursor.Unexpected();
        _cursor.SkipToClose();
        _cursor.Close();
    }

    private void CheckImportOrder()
    {
        if (_firstDefinition is not null)
            throw _cursor.Error($"import after {_firstDefinition}");
    }

    // A definition or, with an inline import, an import. A table or memory with inline contents makes a segment, too.
    private void DeclareDefinition(IndexSpace space, string what, ReadOnlySpan<byte> segment)
    {
        Declare(space);
        while (_cursor.TryOpen("export"u8))
            _cursor.SkipToClose();
        if (_cursor.IsOpen("import"u8))
            CheckImportOrder();
        else
            _firstDefinition ??= what;
        if (!segment.IsEmpty && HasInlineSegment(segment))
            (segment[0] == 'e' ? _spaces.Elements : _spaces.Data).Add(SymbolTable.None, _cursor.Source, _cursor.Position);
        _cursor.SkipToClose();
    }

    // What may stand before an inline segment: address type, reference type, page size.
    private bool HasInlineSegment(ReadOnlySpan<byte> head)
    {
        int start = _cursor.Position;
        while (_cursor.NextKind == WatTokenKind.Keyword)
            _cursor.Position++;
        if (_cursor.TryOpen("ref"u8) || _cursor.TryOpen("pagesize"u8))
            _cursor.SkipToClose();
        bool found = _cursor.IsOpen(head);
        _cursor.Position = start;
        return found;
    }

    private void CustomAnnotations()
    {
        if (_cursor.Source.Annotations.Count == 0)
            return;
        foreach (WatAnnotation annotation in AnnotationsBefore(_cursor.Position))
        {
            if (annotation.Kind == WatAnnotationKind.Custom)
                _customSections.Add(WatCustomSection.Parse(_cursor.Source, annotation));
        }
    }
}
