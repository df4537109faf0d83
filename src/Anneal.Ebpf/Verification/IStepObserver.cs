namespace Anneal.Ebpf.Verification;

/// <summary>Sees each state before the instruction that it meets: what a test needs to compare with concrete runs.</summary>
internal interface IStepObserver
{
    /// <summary>The walk is at <paramref name="slot"/> in a state that may change right after.</summary>
    void Step(int slot, PathState path);
}
