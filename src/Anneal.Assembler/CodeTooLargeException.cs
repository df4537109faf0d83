namespace Anneal.Assembler;

/// <summary>Emitted code would exceed the limit of its buffer; the function is left to a tier that emits less.</summary>
internal sealed class CodeTooLargeException : Exception
{
    public CodeTooLargeException(long requested, int limit)
        : base($"Emitted code of {requested} bytes exceeds the code buffer's limit of {limit} bytes.")
    {
        Requested = requested;
        Limit = limit;
    }

    /// <summary>Bytes that the buffer would have needed.</summary>
    public long Requested { get; }

    /// <summary>Bytes that the buffer may have at most.</summary>
    public int Limit { get; }
}
