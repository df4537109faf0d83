namespace Anneal.Tiering;

/// <summary>Ways to make rare moves between tiers frequent, for tests.</summary>
internal enum TierStress
{
    None,

    /// <summary>At every loop header the frame goes over from the interpreter to compiled code, or back.</summary>
    AlternateAtLoops,

    /// <summary>At every poll the guest is stopped, its frames are lifted, and it goes on in the next tier.</summary>
    SuspendAtPolls,
}
