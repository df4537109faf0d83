namespace Anneal.Runtime;

/// <summary>An exception that tells where the guest was stopped: it collects frames on its way through entries into the guest.</summary>
internal interface IGuestStop
{
    /// <summary>How many frames of one entry into the guest a backtrace shows at either end of a deep stack.</summary>
    const int FramesAtEnd = 100;

    // Once an exception has passed so many frames, through nested entries, further ones aren't noted.
    private const int MostFrames = 1000;

    /// <summary>The frames so far, innermost first.</summary>
    List<GuestFrame> Frames { get; }

    /// <summary>Whether frames of outer calls are still wanted.</summary>
    bool WantsFrames => Frames.Count < MostFrames;

    /// <summary>Adds the frames of an outer call into the guest, as the exception passes the host function between.</summary>
    void AppendFrames(List<GuestFrame> outer) => Frames.AddRange(outer);
}
