// The one error of the text format: thrown by the lexer, the module encoder and the script parser, shown by the command line.
// The message begins with the position, so it can be printed as it is.

namespace Anneal.Wasm.Text;

/// <summary>A WebAssembly text that is not well-formed; the message says where (file:line:column) and what.</summary>
public sealed class WatException : Exception
{
    /// <summary>Makes an error without a position.</summary>
    public WatException() : this("malformed WebAssembly text") { }

    /// <summary>Makes an error without a position.</summary>
    /// <param name="message">What is wrong.</param>
    public WatException(string message) : base(message) => Reason = message;

    /// <summary>Makes an error without a position.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public WatException(string message, Exception innerException) : base(message, innerException) => Reason = message;

    internal WatException(string? fileName, int line, int column, string reason)
        : base($"{fileName ?? "<text>"}:{line}:{column}: {reason}")
    {
        Line = line;
        Column = column;
        Reason = reason;
    }

    /// <summary>The line, from 1; 0 when the error has no position.</summary>
    public int Line { get; }

    /// <summary>The column in bytes, from 1; 0 when the error has no position.</summary>
    public int Column { get; }

    /// <summary>What is wrong, without the position.</summary>
    public string Reason { get; }
}
