using Anneal.Runtime;

namespace Anneal.Wasm.Runtime;

/// <summary>A host function of one store. Derived classes hold what to call.</summary>
internal abstract unsafe class StoreFunction(Store store, FunctionType type)
    : HostFunction((uint)type.CanonicalId, type.ParameterSlots, type.ResultSlots)
{
    protected readonly Store Store = store;

    public FunctionType Type { get; } = type;

    protected Caller CallerOf(Execution execution, InstanceState* caller) => new(Store, execution, caller);
}
