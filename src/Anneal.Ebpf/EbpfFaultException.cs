namespace Anneal.Ebpf;

/// <summary>
/// A sandboxed program called a helper with arguments that aren't its own memory, or otherwise not what the helper takes, or came to
/// an instruction for which a CO-RE relocation has no value.
/// </summary>
public sealed class EbpfFaultException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="program">The program.</param>
    /// <param name="helper">The helper that it called.</param>
    /// <param name="message">What is wrong with the call.</param>
    public EbpfFaultException(string program, string helper, string message)
        : base($"{program}: call of {helper}: {message}")
    {
        Program = program;
        Helper = helper;
    }

    /// <summary>Makes the exception for an instruction that can't be run.</summary>
    /// <param name="program">The program.</param>
    /// <param name="message">What is missing.</param>
    public EbpfFaultException(string program, string message)
        : base($"{program}: {message}")
    {
        Program = program;
        Helper = "";
    }

    /// <summary>The program.</summary>
    public string Program { get; }

    /// <summary>The helper; empty if it's no call.</summary>
    public string Helper { get; }
}
