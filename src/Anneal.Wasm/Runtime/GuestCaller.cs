using Anneal.Runtime;

namespace Anneal.Wasm.Runtime;

/// <summary>What the typed callers of a guest function share. Derived classes have an <c>Invoke</c> of the delegate's signature.</summary>
internal abstract unsafe class GuestCaller(Function function)
{
    /// <summary>Owns the reference, and keeps it valid as long as it isn't disposed, which <see cref="Anneal.Wasm.Store.Enter"/> checks.</summary>
    protected readonly Store Store = function.Store;

    protected readonly FunctionReference* Reference = function.Reference;

    /// <summary>Slots that a call's arguments and results take.</summary>
    protected readonly int Slots = function.WindowSlots;
}
