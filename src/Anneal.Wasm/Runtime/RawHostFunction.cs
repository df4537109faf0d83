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
        for (int i = 0; i < Type.Results.Length; i++)
        {
            if (Type.Results[i] == ValueType.I32 || Type.Results[i] == ValueType.F32) slots[i] = (uint)slots[i];
        }
    }
}
