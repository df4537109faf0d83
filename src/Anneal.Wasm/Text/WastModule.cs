// A module in a script, in one of its three spellings. Only its extent is known after parsing; encoding happens on demand,
// so that a malformed module is an event of its command and not the end of the script.

namespace Anneal.Wasm.Text;

internal enum WastModuleKind : byte
{
    /// <summary>Fields, as in a .wat file.</summary>
    Text,
    /// <summary>Strings that together are a binary module.</summary>
    Binary,
    /// <summary>Strings that together are the text of a module.</summary>
    Quote,
}

internal sealed class WastModule
{
    private readonly WatSource _source;
    private readonly int _position;
    private readonly int _symbol;

    internal WastModule(WatSource source, WastModuleKind kind, int position, int symbol, string? name, int line)
    {
        _source = source;
        _position = position;
        _symbol = symbol;
        Kind = kind;
        Name = name;
        Line = line;
    }

    public WastModuleKind Kind { get; }

    /// <summary>The module's identifier without its dollar sign, or null.</summary>
    public string? Name { get; }

    public int Line { get; }

    /// <summary>The binary module; for <see cref="WastModuleKind.Binary"/> the bytes as they stand, whatever they are.</summary>
    /// <exception cref="WatException">The text is not well-formed.</exception>
    public byte[] Encode()
    {
        if (Kind == WastModuleKind.Text)
            return WatModuleEncoder.Encode(_source, _position, _symbol, out _);
        var content = new WasmBytes();
        for (int i = _position; _source[i].Kind == WatTokenKind.String; i++)
            WatString.Decode(_source.Bytes(_source[i]), content);
        return Kind == WastModuleKind.Binary
            ? content.ToArray()
            : WatEncoder.Encode(content.Span, $"{_source.FileName ?? "<text>"}:{Line}: quoted module");
    }
}
