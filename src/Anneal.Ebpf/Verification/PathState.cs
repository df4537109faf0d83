// The state of one explored path: its call frames and the references that it holds. Pooled.

namespace Anneal.Ebpf.Verification;

/// <summary>Frames and references at a point of a path.</summary>
internal sealed class PathState
{
    public const int MaxFrames = 8;
    public const int MaxReferences = 64;

    public readonly FrameState?[] Frames = new FrameState?[MaxFrames];
    public readonly uint[] References = new uint[MaxReferences];
    public readonly int[] ReferenceSlots = new int[MaxReferences];
    public int FrameCount;
    public int ReferenceCount;

    public FrameState Top => Frames[FrameCount - 1]!;

    public bool Holds(uint reference) => References.AsSpan(0, ReferenceCount).Contains(reference);

    public void Drop(uint reference)
    {
        int index = References.AsSpan(0, ReferenceCount).IndexOf(reference);
        if (index < 0) return;
        ReferenceCount--;
        for (int i = index; i < ReferenceCount; i++)
        {
            References[i] = References[i + 1];
            ReferenceSlots[i] = ReferenceSlots[i + 1];
        }
    }
}
