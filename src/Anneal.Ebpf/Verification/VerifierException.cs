namespace Anneal.Ebpf;

/// <summary>The verifier refuses a program.</summary>
public sealed class VerifierException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="slot">The instruction that is refused, or -1.</param>
    /// <param name="message">Why.</param>
    /// <param name="log">What the verifier did up to there, for people.</param>
    public VerifierException(string program, int slot, string message, string log)
        : base(slot < 0 ? $"{program}: {message}" : $"{program}: instruction {slot}: {message}")
    {
        Program = program;
        Slot = slot;
        Log = log;
    }

    /// <summary>The program's name.</summary>
    public string Program { get; }

    /// <summary>The instruction slot, or -1.</summary>
    public int Slot { get; }

    /// <summary>The log.</summary>
    public string Log { get; }
}
