namespace Anneal.Ebpf.Tests.Verification;

/// <summary>Sees a concrete run.</summary>
internal interface IConcreteObserver
{
    /// <summary>Before an instruction.</summary>
    void Step(ConcreteMachine machine, int slot, int frames, ulong[] registers);

    /// <summary>At each memory access; <paramref name="subprograms"/> are those of the frames.</summary>
    void Access(ConcreteMachine machine, int slot, ulong address, int size, int frames, IReadOnlyList<int> subprograms);

    /// <summary>At each map look-up.</summary>
    void LookUp(int slot, int map, uint key);
}
