// Cuts a UTF-8 text into tokens. A token that is not a parenthesis is the longest run of identifier characters, strings and
// reserved marks; only then is it decided what it is, so that `0$x` or `"a""b"` is one reserved token and no two good ones.
// Annotations are checked here and dropped, but for @name and @custom, whose place and extent are kept. Called by
// WatEncoder and WastScript, and once more for the inside of a kept annotation.

using System.Buffers;
using System.Text.Unicode;

namespace Anneal.Wasm.Text;

internal ref struct WatLexer
{
    private static readonly SearchValues<byte> IdentifierBytes =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&'*+-./:<=>?@\\^_`|~"u8);

    private readonly WatSource _source;
    private readonly ReadOnlySpan<byte> _text;
    private readonly WasmBytes _scratch = new();
    private int _at;

    private WatLexer(WatSource source, int start, int end)
    {
        _source = source;
        _text = source.Text.AsSpan(0, end);
        _at = start;
    }

    /// <summary>Cuts a whole text; throws at the first malformed token.</summary>
    public static WatSource Run(byte[] text, string? fileName)
    {
        var source = new WatSource(text, fileName, text.Length);
        int valid = ValidPrefix(text);
        if (valid < text.Length)
            throw source.Error(valid, "malformed UTF-8 encoding");
        new WatLexer(source, 0, text.Length).Tokens();
        return source;
    }

    /// <summary>Cuts the inside of an annotation of an already cut text; positions stay those of the whole text.</summary>
    public static WatSource RunInside(WatSource whole, WatAnnotation annotation)
    {
        var source = new WatSource(whole.Text, whole.FileName, annotation.End - annotation.Start);
        new WatLexer(source, annotation.Start, annotation.End).Tokens();
        return source;
    }

    private static int ValidPrefix(byte[] text)
    {
        if (Utf8.IsValid(text))
            return text.Length;
        int at = 0;
        while (System.Text.Rune.DecodeFromUtf8(text.AsSpan(at), out _, out int length) == OperationStatus.Done)
            at += length;
        return at;
    }

    private void Tokens()
    {
        while (SkipSpace())
        {
            int start = _at;
            switch (_text[_at])
            {
                case (byte)'(' when _at + 1 < _text.Length && _text[_at + 1] == '@':
                    Annotation();
                    break;
                case (byte)'(':
                    _at++;
                    _source.Add(new WatToken(WatTokenKind.LeftParen, start, 1, SymbolTable.None));
                    break;
                case (byte)')':
                    _at++;
                    _source.Add(new WatToken(WatTokenKind.RightParen, start, 1, SymbolTable.None));
                    break;
                default:
                    _source.Add(Word());
                    break;
            }
        }
        _source.Add(new WatToken(WatTokenKind.End, _at, 0, SymbolTable.None));
    }

    // Skips white space and comments; false at the end of the text.
    private bool SkipSpace()
    {
        while (_at < _text.Length)
        {
            switch (_text[_at])
            {
                case (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r':
                    _at++;
                    break;
                case (byte)';' when _at + 1 < _text.Length && _text[_at + 1] == ';':
                    int end = _text[_at..].IndexOfAny((byte)'\n', (byte)'\r');
                    _at = end < 0 ? _text.Length : _at + end;
                    break;
                case (byte)'(' when _at + 1 < _text.Length && _text[_at + 1] == ';':
                    BlockComment();
                    break;
                default:
                    return true;
            }
        }
        return false;
    }

    private void BlockComment()
    {
        int start = _at;
        _at += 2;
        int depth = 1;
        while (depth > 0)
        {
            int next = _text[_at..].IndexOfAny((byte)'(', (byte)';');
            if (next < 0 || _at + next + 1 >= _text.Length)
                throw _source.Error(start, "unclosed comment");
            _at += next + 1;
            if (_text[_at - 1] == '(' && _text[_at] == ';')
            {
                depth++;
                _at++;
            }
            else if (_text[_at - 1] == ';' && _text[_at] == ')')
            {
                depth--;
                _at++;
            }
        }
    }

    private WatToken Word()
    {
        int start = _at;
        int strings = 0;
        bool reserved = false;
        while (_at < _text.Length)
        {
            byte c = _text[_at];
            if (IdentifierBytes.Contains(c))
                _at++;
            else if (c == '"')
            {
                StringLiteral();
                strings++;
            }
            else if (c is (byte)',' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}'
                || (c == ';' && !(_at + 1 < _text.Length && _text[_at + 1] == ';')))
            {
                reserved = true;
                _at++;
            }
            else
                break;
        }
        if (_at == start)
            throw _source.Error(start, "illegal character");
        return Classify(start, strings, reserved);
    }

    private readonly WatToken Classify(int start, int strings, bool reserved)
    {
        ReadOnlySpan<byte> word = _text[start.._at];
        WatTokenKind kind = WatTokenKind.Reserved;
        int symbol = SymbolTable.None;
        if (!reserved && strings <= 1)
        {
            // With one string in it, the word is good only as that string alone or behind a dollar sign.
            bool plain = strings == 0;
            if (word[0] == '"')
                kind = word[^1] == '"' && EndOfString(word, 0) == word.Length ? WatTokenKind.String : kind;
            else if (word[0] == '$')
            {
                if (word.Length == 1)
                    throw _source.Error(start, "empty identifier");
                if (plain || (word[1] == '"' && EndOfString(word, 1) == word.Length))
                {
                    kind = WatTokenKind.Identifier;
                    symbol = _source.Symbols.Intern(plain ? word[1..] : QuotedName(start + 1, "empty identifier"));
                }
            }
            else if (plain && char.IsAsciiLetterLower((char)word[0]))
                kind = WatTokenKind.Keyword;
            else if (plain && (char.IsAsciiDigit((char)word[0]) || word[0] is (byte)'+' or (byte)'-'))
                kind = WatTokenKind.Number;
        }
        return new WatToken(kind, start, word.Length, symbol);
    }

    // The end of a checked string that begins at that position.
    private static int EndOfString(ReadOnlySpan<byte> text, int start)
    {
        for (int i = start + 1; ; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i + 1;
        }
    }

    private readonly ReadOnlySpan<byte> QuotedName(int start, string whenEmpty)
    {
        _scratch.Clear();
        WatString.Decode(_text[start..EndOfString(_text, start)], _scratch);
        if (_scratch.Length == 0)
            throw _source.Error(start, whenEmpty);
        if (!Utf8.IsValid(_scratch.Span))
            throw _source.Error(start, "malformed UTF-8 encoding");
        return _scratch.Span;
    }

    private void StringLiteral()
    {
        int start = _at++;
        while (_at < _text.Length)
        {
            byte c = _text[_at];
            if (c == '"')
            {
                _at++;
                return;
            }
            if (c < 0x20 || c == 0x7F)
                throw _source.Error(_at, c == '\n' ? "unclosed string" : "illegal character in string");
            _at++;
            if (c == '\\')
            {
                int taken = WatString.Escape(_text, _at, null);
                if (taken == 0)
                    throw _source.Error(_at - 1, "illegal escape");
                _at += taken;
            }
        }
        throw _source.Error(start, "unclosed string");
    }

    private void Annotation()
    {
        int start = _at;
        _at += 2;
        int idStart = _at;
        bool kept;
        WatAnnotationKind kind = WatAnnotationKind.Name;
        if (_at < _text.Length && _text[_at] == '"')
        {
            StringLiteral();
            ReadOnlySpan<byte> id = QuotedName(idStart, "empty annotation id");
            kept = IsKept(id, ref kind);
        }
        else
        {
            int length = _text[_at..].IndexOfAnyExcept(IdentifierBytes);
            _at = length < 0 ? _text.Length : _at + length;
            if (_at == idStart)
                throw _source.Error(start, "empty annotation id");
            kept = IsKept(_text[idStart.._at], ref kind);
        }
        int contentStart = _at;
        for (int depth = 1; depth > 0;)
        {
            if (!SkipSpace())
                throw _source.Error(start, "unclosed annotation");
            switch (_text[_at])
            {
                case (byte)'(':
                    depth++;
                    _at++;
                    break;
                case (byte)')':
                    depth--;
                    _at++;
                    break;
                default:
                    ReservedWord();
                    break;
            }
        }
        if (kept)
            _source.Annotations.Add(new WatAnnotation(kind, _source.TokenCount, contentStart, _at - 1));
    }

    // Inside annotations any token will do, also an incomplete identifier.
    private void ReservedWord()
    {
        int start = _at;
        while (_at < _text.Length)
        {
            byte c = _text[_at];
            if (c == '"')
                StringLiteral();
            else if (IdentifierBytes.Contains(c) || c is (byte)',' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}'
                || (c == ';' && !(_at + 1 < _text.Length && _text[_at + 1] == ';')))
                _at++;
            else
                break;
        }
        if (_at == start)
            throw _source.Error(start, "illegal character");
    }

    private static bool IsKept(ReadOnlySpan<byte> id, ref WatAnnotationKind kind)
    {
        bool custom = id.SequenceEqual("custom"u8);
        kind = custom ? WatAnnotationKind.Custom : WatAnnotationKind.Name;
        return custom || id.SequenceEqual("name"u8);
    }
}
