namespace Anneal.Bytecode;

/// <summary>A body breaks a rule of the bytecode: a fault of whoever wrote it, never of a guest's input.</summary>
internal sealed class InvalidBytecodeException(int pc, string reason) : Exception($"bytecode at {pc}: {reason}")
{
    /// <summary>The position of the offending instruction; -1 for the body as a whole.</summary>
    public int Pc { get; } = pc;

    /// <summary>Which rule is broken.</summary>
    public string Reason { get; } = reason;
}
