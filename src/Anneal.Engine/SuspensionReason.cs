namespace Anneal;

/// <summary>Why a guest was suspended.</summary>
public enum SuspensionReason
{
    /// <summary>Its host asked for it, or a token was cancelled that it had registered for that.</summary>
    Requested,

    /// <summary>The time for the call was over.</summary>
    Timeout,

    /// <summary>It had no fuel left for what comes next.</summary>
    OutOfFuel,
}
