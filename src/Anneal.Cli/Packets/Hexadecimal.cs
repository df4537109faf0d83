namespace Anneal.Cli.Packets;

/// <summary>Bytes in hexadecimal digits, with space anywhere between them.</summary>
internal static class Hexadecimal
{
    /// <summary>Reads them; false if the text is something else.</summary>
    public static bool TryParse(string text, out byte[] bytes)
    {
        string digits = string.Concat(text.Where(character => !char.IsWhiteSpace(character)));
        bytes = [];
        if (digits.Length % 2 != 0 || digits.Any(character => !char.IsAsciiHexDigit(character))) return false;
        bytes = Convert.FromHexString(digits);
        return true;
    }
}
