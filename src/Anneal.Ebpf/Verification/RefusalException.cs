namespace Anneal.Ebpf.Verification;

/// <summary>Ends a walk that has no log, after so many steps. Never leaves the verifier.</summary>
internal sealed class RefusalException(long steps) : Exception
{
    public long Steps { get; } = steps;
}
