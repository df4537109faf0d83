namespace Anneal.Ebpf;

/// <summary>How a program is kept from doing harm.</summary>
public enum SafetyMode
{
    /// <summary>It's verified before it runs, and then runs without checks.</summary>
    Verified,

    /// <summary>It runs unverified, each memory access checked: it faults, never escapes.</summary>
    Sandboxed,
}
