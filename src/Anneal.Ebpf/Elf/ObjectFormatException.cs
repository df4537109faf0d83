namespace Anneal.Ebpf;

/// <summary>A file isn't an eBPF object, or has something in it that isn't supported. Says where.</summary>
public class ObjectFormatException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="where">The part of the file: a section's name, "header".</param>
    /// <param name="offset">The offset in that part, or -1.</param>
    /// <param name="message">What is wrong.</param>
    public ObjectFormatException(string where, long offset, string message)
        : base(offset < 0 ? $"{where}: {message}" : $"{where}+0x{offset:x}: {message}")
    {
        Where = where;
        Offset = offset;
    }

    /// <summary>The part of the file.</summary>
    public string Where { get; }

    /// <summary>The offset in that part, or -1.</summary>
    public long Offset { get; }
}
