// The state of one explored path: its call frames and the references that it holds. Pooled.

namespace Anneal.Ebpf.Verification;

/// <summary>Frames and references at a point of a path.</summary>
internal sealed class PathState
{
    public const int MaxFrames = 8;
    public const int MaxReferences = 64;

    public readonly FrameState?[] Frames = new FrameState?[MaxFrames];
    public uint[] References = [];

    /// <summary>The calls that acquired them.</summary>
    public int[] ReferenceSlots = [];

    public int FrameCount;
    public int ReferenceCount;

    public FrameState Top => Frames[FrameCount - 1]!;

    public bool Holds(uint reference) => References.AsSpan(0, ReferenceCount).Contains(reference);

    public void Add(uint reference, int slot)
    {
        Reserve(ReferenceCount + 1);
        References[ReferenceCount] = reference;
        ReferenceSlots[ReferenceCount++] = slot;
    }

    public void CopyReferences(PathState other)
    {
        Reserve(other.ReferenceCount);
        ReferenceCount = other.ReferenceCount;
        other.References.AsSpan(0, ReferenceCount).CopyTo(References);
        other.ReferenceSlots.AsSpan(0, ReferenceCount).CopyTo(ReferenceSlots);
    }

    private void Reserve(int count)
    {
        if (count <= References.Length) return;
        Array.Resize(ref References, MaxReferences);
        Array.Resize(ref ReferenceSlots, MaxReferences);
    }

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
