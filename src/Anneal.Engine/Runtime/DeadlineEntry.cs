namespace Anneal.Runtime;

/// <summary>A deadline's place in the queue of the deadline thread, which doesn't keep the deadline alive: a call does.</summary>
internal sealed class DeadlineEntry(Deadline deadline)
{
    /// <summary>When the thread will look at the deadline; <see cref="Deadline.Never"/> if it isn't queued. Written under the thread's lock.</summary>
    public long NextLook = Anneal.Runtime.Deadline.Never;

    /// <summary>The position in the queue; -1 if it isn't there.</summary>
    public int Position = -1;

    public WeakReference<Deadline> Deadline { get; } = new(deadline);
}
