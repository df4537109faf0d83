namespace Anneal.Ebpf;

/// <summary>A program isn't well formed: an instruction that doesn't exist, a jump to nowhere. Says where.</summary>
public sealed class InvalidEbpfProgramException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="slot">The instruction slot that is wrong, or -1 if none in particular.</param>
    /// <param name="message">What is wrong.</param>
    public InvalidEbpfProgramException(string program, int slot, string message)
        : base(slot < 0 ? $"{program}: {message}" : $"{program}: instruction {slot}: {message}")
    {
        Program = program;
        Slot = slot;
    }

    /// <summary>The program's name.</summary>
    public string Program { get; }

    /// <summary>The instruction slot, or -1.</summary>
    public int Slot { get; }
}
