// A state that was stored at a join, in the tree of walked paths: a node is open as long as a path from it is unfinished, and only
// open nodes can be ancestors of the path being walked.

namespace Anneal.Ebpf.Verification;

/// <summary>A stored state.</summary>
internal sealed class PathNode
{
    /// <summary>The state; null once it was evicted.</summary>
    public PathState? State;

    /// <summary>The stored state that the path came from.</summary>
    public PathNode? Parent;

    /// <summary>The next stored state at the same slot.</summary>
    public PathNode? Next;

    /// <summary>Unfinished paths and nodes below.</summary>
    public int Open;

    public int Hits, Misses;

    /// <summary>At the call of a helper that calls back: which call this is a round of (see <see cref="FrameState.CallbackCall"/>).</summary>
    public uint CallbackCall;
}
