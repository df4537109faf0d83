namespace Anneal.Ebpf.Assembly;

/// <summary>Assembler text isn't a program. Says in which line.</summary>
public sealed class AssemblyException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="line">The line, from 1.</param>
    /// <param name="message">What is wrong.</param>
    public AssemblyException(int line, string message)
        : base($"line {line}: {message}") => Line = line;

    /// <summary>The line, from 1.</summary>
    public int Line { get; }
}
