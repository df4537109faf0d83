namespace Anneal.Tiering;

/// <summary>The guest has been stopped at a poll, and its frames lifted: what unwinds the native ones, up to who asked for it.</summary>
/// <param name="frames">The frames of the entry, innermost first.</param>
internal sealed class GuestSuspension(FrameState[] frames) : Exception("the guest has been suspended")
{
    public FrameState[] Frames { get; } = frames;
}
