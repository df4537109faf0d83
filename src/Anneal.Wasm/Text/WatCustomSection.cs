// A custom section written in the text as `(@custom "name" (after func) "bytes" ...)`.

namespace Anneal.Wasm.Text;

internal sealed class WatCustomSection
{
    /// <summary>The place behind all sections, where a custom section goes that says nothing else.</summary>
    public const byte Last = 255;

    private readonly WasmBytes _content = new();

    /// <summary>The id of the section it goes beside, or <see cref="Last"/>.</summary>
    public byte Place { get; private set; } = Last;

    public bool After { get; private set; } = true;

    public static WatCustomSection Parse(WatSource source, WatAnnotation annotation)
    {
        var section = new WatCustomSection();
        var inside = new WatCursor(WatLexer.RunInside(source, annotation), 0);
        inside.Name(section._content, new WasmBytes());
        if (inside.TryOpen("before"u8))
            section.ReadPlace(inside, after: false);
        else if (inside.TryOpen("after"u8))
            section.ReadPlace(inside, after: true);
        while (inside.NextKind == WatTokenKind.String)
            inside.String(section._content);
        inside.Take(WatTokenKind.End);
        return section;
    }

    public void Write(WasmBytes output)
    {
        output.Byte(0);
        output.Sized(_content.Span);
    }

    private void ReadPlace(WatCursor cursor, bool after)
    {
        After = after;
        if (cursor.TryKeyword("first"u8))
        {
            Place = 1;
            After = false;
        }
        else if (cursor.TryKeyword("last"u8))
            Place = Last;
        else if (cursor.TryKeyword("type"u8))
            Place = 1;
        else if (cursor.TryKeyword("import"u8))
            Place = 2;
        else if (cursor.TryKeyword("func"u8))
            Place = 3;
        else if (cursor.TryKeyword("table"u8))
            Place = 4;
        else if (cursor.TryKeyword("memory"u8))
            Place = 5;
        else if (cursor.TryKeyword("tag"u8))
            Place = 13;
        else if (cursor.TryKeyword("global"u8))
            Place = 6;
        else if (cursor.TryKeyword("export"u8))
            Place = 7;
        else if (cursor.TryKeyword("start"u8))
            Place = 8;
        else if (cursor.TryKeyword("elem"u8))
            Place = 9;
        else if (cursor.TryKeyword("datacount"u8))
            Place = 12;
        else if (cursor.TryKeyword("code"u8))
            Place = 10;
        else if (cursor.TryKeyword("data"u8))
            Place = 11;
        else
            throw cursor.Unexpected();
        cursor.Close();
    }
}
