// Tokens of the text format. A source is cut into an array of these once; the encoder and the script parser walk that array,
// the encoder twice (names first, then contents).

namespace Anneal.Wasm.Text;

internal enum WatTokenKind : byte
{
    End,
    LeftParen,
    RightParen,
    Keyword,
    /// <summary>Starts with a digit or a sign; whether it is a number is found out where one is expected.</summary>
    Number,
    /// <summary>`$name` or `$"name"`; the token carries its symbol.</summary>
    Identifier,
    String,
    /// <summary>Anything else that the grammar reserves; never accepted outside annotations.</summary>
    Reserved,
}

/// <summary>A token: bytes [Start, Start + Length) of the source; for identifiers also the interned symbol.</summary>
internal readonly record struct WatToken(WatTokenKind Kind, int Start, int Length, int Symbol);

internal enum WatAnnotationKind : byte { Name, Custom }

/// <summary>A kept annotation: it stands before the token of that index and holds the bytes [Start, End).</summary>
internal readonly record struct WatAnnotation(WatAnnotationKind Kind, int TokenIndex, int Start, int End);
