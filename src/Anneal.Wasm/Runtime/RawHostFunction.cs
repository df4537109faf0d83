using Anneal.Runtime;

namespace Anneal.Wasm.Runtime;

/// <summary>A host function that reads and writes slots itself.</summary>
internal sealed unsafe class RawHostFunction(Store store, FunctionType type, HostCallback body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots)
    {
        Store.CollectObjects();
        body(CallerOf(execution, caller), new Span<ulong>(slots, Math.Max(ParameterSlots, ResultSlots)));
        // The slot invariant isn't left to the host: guarded accesses rely on it.
        foreach (ValueType result in Type.Results)
        {
            if (result == ValueType.I32 || result == ValueType.F32) *slots = (uint)*slots;
            slots += result.SlotCount;
        }
    }
}
