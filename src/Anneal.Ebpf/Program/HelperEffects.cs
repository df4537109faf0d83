namespace Anneal.Ebpf;

/// <summary>What a helper does beside computing its result.</summary>
[Flags]
public enum HelperEffects
{
    /// <summary>Nothing that a verifier must know.</summary>
    None = 0,

    /// <summary>Packet pointers made before are invalid afterwards.</summary>
    ChangesPacket = 1 << 0,

    /// <summary>A returned pointer that isn't null must be given back before the program ends.</summary>
    Acquires = 1 << 1,

    /// <summary>Gives its <see cref="ArgumentType.AcquiredMemory"/> argument back.</summary>
    Releases = 1 << 2,

    /// <summary>Does not return when it succeeds.</summary>
    TailCall = 1 << 3,
}
