// A position in a token array, with the small steps that every reader of the grammar takes: expect this, take that if it
// stands here, read a number. Shared by the module encoder, its instruction encoder and the script parser.

using System.Text.Unicode;

namespace Anneal.Wasm.Text;

internal sealed class WatCursor(WatSource source, int position)
{
    public WatSource Source { get; } = source;

    /// <summary>The index of the next token.</summary>
    public int Position { get; set; } = position;

    public WatToken Next => Source[Position];

    public WatTokenKind NextKind => Source[Position].Kind;

    public WatException Error(string reason) => Source.Error(Next.Start, reason);

    public WatException Unexpected() => UnexpectedAt(Position);

    /// <summary>The error at a token that does not belong there; one that no grammar has is called an unknown operator.</summary>
    public WatException UnexpectedAt(int index)
    {
        WatToken token = Source[index];
        string what = token.Kind == WatTokenKind.Reserved ? "unknown operator" : "unexpected token";
        return Source.Error(token.Start, $"{what} {Source.Describe(token)}");
    }

    public WatToken Take(WatTokenKind kind)
    {
        WatToken token = Next;
        if (token.Kind != kind)
            throw Unexpected();
        Position++;
        return token;
    }

    public bool TryTake(WatTokenKind kind)
    {
        if (NextKind != kind)
            return false;
        Position++;
        return true;
    }

    public void Open() => Take(WatTokenKind.LeftParen);

    public void Close() => Take(WatTokenKind.RightParen);

    public bool IsKeyword(ReadOnlySpan<byte> word) => NextKind == WatTokenKind.Keyword && Source.Bytes(Next).SequenceEqual(word);

    public bool TryKeyword(ReadOnlySpan<byte> word)
    {
        if (!IsKeyword(word))
            return false;
        Position++;
        return true;
    }

    /// <summary>Whether `(word` comes next.</summary>
    public bool IsOpen(ReadOnlySpan<byte> word) => NextKind == WatTokenKind.LeftParen && HeadIs(Position + 1, word);

    public bool TryOpen(ReadOnlySpan<byte> word)
    {
        if (!IsOpen(word))
            return false;
        Position += 2;
        return true;
    }

    /// <summary>An optional identifier's symbol, or <see cref="SymbolTable.None"/>.</summary>
    public int Identifier()
    {
        WatToken token = Next;
        if (token.Kind != WatTokenKind.Identifier)
            return SymbolTable.None;
        Position++;
        return token.Symbol;
    }

    /// <summary>A number without a sign, as indices, limits and offsets are.</summary>
    public ulong Unsigned(ulong largest, string outOfRange)
    {
        WatToken token = Next;
        if (token.Kind != WatTokenKind.Number)
            throw Unexpected();
        ulong value = Checked(WatNumber.Unsigned(Source.Bytes(token), largest, out ulong read), read, outOfRange);
        Position++;
        return value;
    }

    public uint U32() => (uint)Unsigned(uint.MaxValue, "i32 constant out of range");

    public ulong U64() => Unsigned(ulong.MaxValue, "i64 constant out of range");

    public byte Lane() => (byte)Unsigned(byte.MaxValue, "i8 constant out of range");

    /// <summary>An integer constant of that many bits, as two's complement.</summary>
    public ulong Integer(int bits)
    {
        RequireNumber();
        ulong value = Checked(WatNumber.Integer(Source.Bytes(Next), bits, out ulong read), read, "constant out of range");
        Position++;
        return value;
    }

    public uint Float32()
    {
        RequireNumber();
        uint value = (uint)Checked(WatNumber.Float32(Source.Bytes(Next), out uint read), read, "constant out of range");
        Position++;
        return value;
    }

    public ulong Float64()
    {
        RequireNumber();
        ulong value = Checked(WatNumber.Float64(Source.Bytes(Next), out ulong read), read, "constant out of range");
        Position++;
        return value;
    }

    /// <summary>Appends the bytes of the next string.</summary>
    public void String(WasmBytes output) => WatString.Decode(Source.Bytes(Take(WatTokenKind.String)), output);

    /// <summary>Reads the next string as a name and appends it to the output, its length before it.</summary>
    public void Name(WasmBytes output, WasmBytes scratch)
    {
        scratch.Clear();
        WatToken token = Next;
        String(scratch);
        if (!Utf8.IsValid(scratch.Span))
            throw Source.Error(token.Start, "malformed UTF-8 encoding");
        output.Sized(scratch.Span);
    }

    /// <summary>Skips to behind the parenthesis that closes the innermost open one.</summary>
    public void SkipToClose()
    {
        for (int depth = 1; depth > 0; Position++)
        {
            switch (NextKind)
            {
                case WatTokenKind.LeftParen:
                    depth++;
                    break;
                case WatTokenKind.RightParen:
                    depth--;
                    break;
                case WatTokenKind.End:
                    throw Unexpected();
            }
        }
    }

    private bool HeadIs(int index, ReadOnlySpan<byte> word) =>
        Source[index].Kind == WatTokenKind.Keyword && Source.Bytes(Source[index]).SequenceEqual(word);

    // `inf` and `nan` without a sign are lexed as keywords.
    private void RequireNumber()
    {
        if (NextKind is not (WatTokenKind.Number or WatTokenKind.Keyword))
            throw Unexpected();
    }

    private ulong Checked(WatNumberStatus status, ulong value, string outOfRange) => status switch
    {
        WatNumberStatus.Ok => value,
        WatNumberStatus.OutOfRange => throw Error(outOfRange),
        _ => throw Error($"unknown operator {Source.Describe(Next)}"),
    };
}
