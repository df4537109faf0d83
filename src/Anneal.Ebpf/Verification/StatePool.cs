// States that are free for reuse, so that exploring allocates only while the number of states that are alive grows.

namespace Anneal.Ebpf.Verification;

/// <summary>Free states of one verification.</summary>
internal sealed class StatePool
{
    private readonly Stack<FrameState> frames = new();
    private readonly Stack<PathState> paths = new();

    /// <summary>About how much memory all states take, free ones included: what hostile programs would let grow.</summary>
    public long Bytes { get; private set; }

    public FrameState TakeFrame(int subprogram, int callSlot, uint activation)
    {
        FrameState frame = frames.TryPop(out FrameState? free) ? free : new FrameState();
        frame.Reset(subprogram, callSlot, activation);
        return frame;
    }

    public void Give(FrameState frame) => frames.Push(frame);

    public PathState TakeEmpty()
    {
        PathState path = paths.TryPop(out PathState? free) ? free : new PathState();
        path.FrameCount = path.ReferenceCount = 0;
        return path;
    }

    public PathState TakeCopy(PathState other)
    {
        PathState path = TakeEmpty();
        path.FrameCount = other.FrameCount;
        path.CopyReferences(other);
        for (int i = 0; i < other.FrameCount; i++)
        {
            FrameState frame = frames.TryPop(out FrameState? free) ? free : new FrameState();
            frame.CopyFrom(other.Frames[i]!);
            path.Frames[i] = frame;
            int footprint = frame.Footprint;
            Bytes += footprint - frame.CountedBytes;
            frame.CountedBytes = footprint;
        }

        return path;
    }

    public void Give(PathState path)
    {
        for (int i = 0; i < path.FrameCount; i++)
        {
            frames.Push(path.Frames[i]!);
            path.Frames[i] = null;
        }

        path.FrameCount = 0;
        paths.Push(path);
    }
}
