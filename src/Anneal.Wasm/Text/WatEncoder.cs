// The text format's front door: a whole text to a binary module. The binary then goes through the same decoder and validator
// as any other, which is why nothing here checks validity.

namespace Anneal.Wasm.Text;

internal static class WatEncoder
{
    /// <summary>Encodes a text that is one `(module ...)` or the fields of one.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="fileName">What error messages call it.</param>
    /// <exception cref="WatException">The text is not well-formed.</exception>
    public static byte[] Encode(ReadOnlySpan<byte> utf8, string? fileName = null) =>
        Encode(WatLexer.Run(utf8.ToArray(), fileName));

    internal static byte[] Encode(WatSource source)
    {
        var cursor = new WatCursor(source, 0);
        bool wrapped = cursor.TryOpen("module"u8);
        int symbol = wrapped ? cursor.Identifier() : SymbolTable.None;
        byte[] module = WatModuleEncoder.Encode(source, cursor.Position, symbol, out int end);
        cursor.Position = end;
        if (wrapped)
            cursor.Close();
        cursor.Take(WatTokenKind.End);
        return module;
    }
}
