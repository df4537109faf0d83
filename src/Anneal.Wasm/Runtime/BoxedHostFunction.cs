using System.Reflection;
using System.Runtime.CompilerServices;
using Anneal.Runtime;

namespace Anneal.Wasm.Runtime;

/// <summary>A host function with more parameters or results than the closed generic classes have: called with boxed values.</summary>
internal sealed unsafe class BoxedHostFunction(Store store, FunctionType type, Delegate body, Signature signature) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots)
    {
        object?[] arguments = new object?[signature.Parameters.Length];
        int first = 0;
        if (signature.TakesCaller) arguments[first++] = CallerOf(execution, caller);
        for (int i = first; i < arguments.Length; i++)
            arguments[i] = ToParameter(BoxedValue.FromSlot(slots[i - first], Type.Parameters[i - first], Store), signature.Parameters[i]);
        object? result = signature.Method.Invoke(body, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        Store.CollectObjects();
        if (Type.Results.Length == 0) return;
        if (Type.Results.Length == 1 && result is not ITuple)
        {
            slots[0] = BoxedValue.ToSlot(result, Type.Results[0], Store);
            return;
        }

        var tuple = (ITuple)result!;
        for (int i = 0; i < Type.Results.Length; i++) slots[i] = BoxedValue.ToSlot(tuple[i], Type.Results[i], Store);
    }

    /// <summary>Boxed values are signed; a parameter may be unsigned.</summary>
    internal static object? ToParameter(object? value, Type type)
    {
        if (type == typeof(uint)) return (uint)(int)value!;
        if (type == typeof(ulong)) return (ulong)(long)value!;
        return value;
    }
}
