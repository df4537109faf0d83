namespace Anneal;

/// <summary>How accesses to linear memories are kept inside.</summary>
public enum MemoryChecks
{
    /// <summary>By the hardware: each memory reserves 8 GiB of address space and a fault becomes a trap. Falls back to <see cref="Explicit"/> for a memory that can't have the address space.</summary>
    Hardware = 0,

    /// <summary>By a comparison before each access.</summary>
    Explicit = 1,
}
