// Tokens: what is one, what is none, and where the errors are said to be.

using System.Text;
using Anneal.Wasm.Text;
using Xunit;

namespace Anneal.Wasm.Tests.Text;

public sealed class WatLexerTests
{
    private static WatSource Lex(string text) => WatLexer.Run(Encoding.UTF8.GetBytes(text), "t.wat");

    private static string Kinds(string text)
    {
        WatSource source = Lex(text);
        var kinds = new StringBuilder();
        foreach (WatToken token in source.Tokens)
            kinds.Append(token.Kind switch
            {
                WatTokenKind.LeftParen => '(',
                WatTokenKind.RightParen => ')',
                WatTokenKind.Keyword => 'k',
                WatTokenKind.Number => 'n',
                WatTokenKind.Identifier => 'i',
                WatTokenKind.String => 's',
                WatTokenKind.Reserved => 'r',
                _ => '.',
            });
        return kinds.ToString();
    }

    [Theory]
    [InlineData("", ".")]
    [InlineData("(func $f i32.const -1)", "(kikn).")]
    [InlineData("func(nop)nop", "k(k)k.")]
    [InlineData("a;;b\nc", "kk.")]
    [InlineData("a;;b\rc", "kk.")]
    [InlineData("a(;b(;c;)d;)e", "kk.")]
    [InlineData("(;;)a", "k.")]
    [InlineData("(;(;)", null)]
    [InlineData("(; ; ;", null)]
    [InlineData("0$x", "n.")] // looks like a number until one is read
    [InlineData("0\"x\"", "r.")]
    [InlineData("\"a\"\"b\"", "r.")]
    [InlineData("\"a\" \"b\"", "ss.")]
    [InlineData("\"a\"x", "r.")]
    [InlineData("$x\"a\"", "r.")]
    [InlineData("$\"a\"x", "r.")]
    [InlineData("$\"a b\"", "i.")]
    [InlineData("$", null)]
    [InlineData("$\"\"", null)]
    [InlineData("a,b", "r.")]
    [InlineData("A", "r.")]
    [InlineData("_1", "r.")]
    [InlineData("+x", "n.")]
    [InlineData("\"\\u{1F600}\\t\\\"\\00\"", "s.")]
    [InlineData("\"\\u{D800}\"", null)]
    [InlineData("\"\\u{110000}\"", null)]
    [InlineData("\"\\u{}\"", null)]
    [InlineData("\"\\x\"", null)]
    [InlineData("\"\\1\"", null)]
    [InlineData("\"a", null)]
    [InlineData("\"a\n\"", null)]
    [InlineData("\"é\"", "s.")]
    [InlineData("é", null)]
    [InlineData("\u0001", null)]
    [InlineData(";;é", ".")]
    [InlineData("(@a (b) \")\" $ ;;)\n )c", "k.")]
    [InlineData("(@a", null)]
    [InlineData("(@)", null)]
    [InlineData("(@ a)", null)]
    [InlineData("(@\"a\" [{,;}])c", "k.")]
    [InlineData("( @a)", "(r).")]
    public void Text_is_cut_into_tokens(string text, string? kinds)
    {
        if (kinds is null)
            Assert.Throws<WatException>(() => Lex(text));
        else
            Assert.Equal(kinds, Kinds(text));
    }

    [Fact]
    public void Spellings_of_an_identifier_are_one_symbol()
    {
        WatSource source = Lex("$AB $\"AB\" $\"\\41B\" $\"\\u{41}\\u{42}\" $ab");
        Assert.Equal(source[0].Symbol, source[1].Symbol);
        Assert.Equal(source[0].Symbol, source[2].Symbol);
        Assert.Equal(source[0].Symbol, source[3].Symbol);
        Assert.NotEqual(source[0].Symbol, source[4].Symbol);
    }

    [Fact]
    public void Many_identifiers_stay_apart()
    {
        var table = new SymbolTable();
        for (int i = 0; i < 5000; i++)
            Assert.Equal(i, table.Intern(Encoding.UTF8.GetBytes($"name{i}")));
        for (int i = 0; i < 5000; i++)
            Assert.Equal(i, table.Intern(Encoding.UTF8.GetBytes($"name{i}")));
    }

    [Fact]
    public void An_error_says_where()
    {
        WatException error = Assert.Throws<WatException>(() => Lex("(module\n  \u0001)"));
        Assert.Equal((2, 3), (error.Line, error.Column));
        Assert.Equal("t.wat:2:3: illegal character", error.Message);
        error = Assert.Throws<WatException>(() => WatLexer.Run([(byte)'a', (byte)'\n', 0xC3], "t.wat"));
        Assert.Equal("t.wat:2:1: malformed UTF-8 encoding", error.Message);
    }
}
