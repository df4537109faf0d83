namespace Anneal.Ebpf.Verification;

/// <summary>Ends a walk that has no log. Never leaves the verifier.</summary>
internal sealed class RefusalException : Exception;
