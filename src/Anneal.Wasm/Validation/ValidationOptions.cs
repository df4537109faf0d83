namespace Anneal.Wasm.Validation;

/// <summary>How validation goes about its work; none of it changes the answer.</summary>
internal sealed record ValidationOptions
{
    /// <summary>The most threads that validate functions; -1 for as many as there are processors.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>Every instruction takes the general path. For tests: the fast ones must accept exactly the same.</summary>
    public bool SlowPathOnly { get; init; }

    /// <summary>Modules with fewer bytes of code are validated on the calling thread: waking the pool would take longer.</summary>
    public int ParallelThresholdBytes { get; init; } = 64 * 1024;
}
