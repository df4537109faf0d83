namespace Anneal;

/// <summary>What becomes of a guest that has used up what it was given.</summary>
public enum StopBehavior
{
    /// <summary>Its call ends with an exception, and it can't go on.</summary>
    Throw,

    /// <summary>It's suspended, and can go on.</summary>
    Suspend,
}
