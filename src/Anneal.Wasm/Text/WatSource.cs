// A text cut into tokens: the bytes, the token array, the interned identifiers and the annotations that are kept.
// Made by WatLexer; read by WatCursor. Turns byte offsets into line and column, only when an error needs them.

using System.Text;

namespace Anneal.Wasm.Text;

internal sealed class WatSource(byte[] text, string? fileName, int lengthToCut)
{
    private WatToken[] _tokens = new WatToken[lengthToCut / 16 + 4];

    public byte[] Text { get; } = text;

    public string? FileName { get; } = fileName;

    public int TokenCount { get; private set; }

    public ReadOnlySpan<WatToken> Tokens => _tokens.AsSpan(0, TokenCount);

    public SymbolTable Symbols { get; } = new();

    /// <summary>The `@name` and `@custom` annotations outside other annotations, in order.</summary>
    public List<WatAnnotation> Annotations { get; } = [];

    public ref readonly WatToken this[int index] => ref _tokens[index];

    public void Add(WatToken token)
    {
        if (TokenCount == _tokens.Length)
            Array.Resize(ref _tokens, TokenCount * 2);
        _tokens[TokenCount++] = token;
    }

    public ReadOnlySpan<byte> Bytes(WatToken token) => Text.AsSpan(token.Start, token.Length);

    public WatException Error(int offset, string reason)
    {
        int lineStart = Text.AsSpan(0, offset).LastIndexOf((byte)'\n') + 1;
        return new WatException(FileName, Text.AsSpan(0, offset).Count((byte)'\n') + 1, offset - lineStart + 1, reason);
    }

    /// <summary>A token as a message shows it: cut when long, the end of input by name.</summary>
    public string Describe(WatToken token)
    {
        const int longest = 40;
        if (token.Kind == WatTokenKind.End)
            return "end of input";
        string shown = Encoding.UTF8.GetString(Bytes(token)[..Math.Min(token.Length, longest)]);
        return token.Length > longest ? shown + "..." : shown;
    }
}
