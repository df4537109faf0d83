namespace Anneal.Runtime;

/// <summary>How long backtraces get, the same in every tier.</summary>
internal static class BacktraceLimits
{
    /// <summary>The frames that are shown of one entry at either end; a deeper stack loses its middle.</summary>
    public const int End = 100;

    /// <summary>Once a trap has passed so many frames, through nested entries, further ones aren't noted.</summary>
    public const int Most = 1000;
}
