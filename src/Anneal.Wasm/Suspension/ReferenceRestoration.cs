// From the references of an image to those of a store. Code trusts references to be of their static type, so that is checked.

using Anneal.Runtime;
using Anneal.Wasm.Runtime;

namespace Anneal.Wasm.Suspension;

/// <summary>Makes an image's references values of slots.</summary>
internal sealed unsafe class ReferenceRestoration(Store store, Instance[] instances)
{
    /// <summary>The value of a slot for a reference. A new handle of a host object is the caller's to store before the store can collect it.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="type">The type of the place that it's for.</param>
    /// <param name="where">That place, for the exception.</param>
    /// <exception cref="StateImageException">The reference isn't one of the type, or of this store.</exception>
    public ulong SlotOf(ReferenceImage reference, ValueType type, string where)
    {
        if (reference.IsNull) return 0;
        if (ReferenceKinds.IsObject(type))
        {
            if (reference.Object is null || type.Heap != HeapKind.Extern) throw Wrong(reference, type, where);
            return store.Objects.HandleOf(reference.Object);
        }

        FunctionReference* function = FunctionOf(reference, where);
        bool fits = type.IsConcrete ? function->Type == (uint)type.CanonicalId : type.Heap == HeapKind.Func;
        return fits ? (ulong)function : throw Wrong(reference, type, where);
    }

    /// <summary>The same check without making a handle.</summary>
    public void Check(ReferenceImage reference, ValueType type, string where)
    {
        if (!ReferenceKinds.IsObject(type)) SlotOf(reference, type, where);
        else if (!reference.IsNull && (reference.Object is null || type.Heap != HeapKind.Extern)) throw Wrong(reference, type, where);
    }

    private FunctionReference* FunctionOf(ReferenceImage reference, string where)
    {
        if (reference.Object is { } value)
        {
            if (value is not Function function) throw new StateImageException($"{where}: {reference} in place of a function");
            if (function.Store != store) throw new StateImageException($"{where}: a host function that no instance imports can be resumed only in the store that it belongs to");
            return function.Reference;
        }

        if (reference.Instance >= instances.Length) throw new StateImageException($"{where}: function of instance {reference.Instance}, of {instances.Length}");
        GuestInstance guest = instances[reference.Instance].State;
        if ((uint)reference.Function >= (uint)guest.Code.Layout.Counts.Functions) throw new StateImageException($"{where}: no function {reference.Function} in instance {reference.Instance}");
        return guest.Functions[reference.Function];
    }

    private static StateImageException Wrong(ReferenceImage reference, ValueType type, string where) => new($"{where}: {reference} in place of a {type}");
}
