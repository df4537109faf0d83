// Values in their boxed form, checked against the WebAssembly type: for signatures that aren't known when the host is compiled,
// and for reference types whose values need a check that the typed path doesn't make (non-null, a certain function type).


namespace Anneal.Wasm.Runtime;

/// <summary>Converts boxed values to slots and back.</summary>
internal static unsafe class BoxedValue
{
    /// <summary>The slot of a value.</summary>
    /// <exception cref="ArgumentException">The value isn't one of the type.</exception>
    public static ulong ToSlot(object? value, ValueType type, Store store)
    {
        if (type == ValueType.I32)
        {
            switch (value)
            {
                case int number: return (uint)number;
                case uint number: return number;
            }
        }
        else if (type == ValueType.I64)
        {
            switch (value)
            {
                case long number: return (ulong)number;
                case ulong number: return number;
                case int number: return (ulong)number;
                case uint number: return number;
            }
        }
        else if (type == ValueType.F32)
        {
            if (value is float number) return BitConverter.SingleToUInt32Bits(number);
        }
        else if (type == ValueType.F64)
        {
            switch (value)
            {
                case double number: return BitConverter.DoubleToUInt64Bits(number);
                case float number: return BitConverter.DoubleToUInt64Bits(number);
            }
        }
        else if (ReferenceKinds.IsObject(type))
        {
            if (value is null ? type.IsNullable : type.Heap == HeapKind.Extern) return store.Objects.HandleOf(value);
        }
        else if (type.IsReference)
        {
            if (value is null && type.IsNullable) return 0;
            if (value is Function function && Fits(function, type)) return store.SlotOf(function);
        }

        throw new ArgumentException($"A value of type {type} is needed, not {Describe(value)}.");
    }

    /// <summary>The value in a slot, boxed.</summary>
    public static object? FromSlot(ulong slot, ValueType type, Store store)
    {
        if (type == ValueType.I32) return (int)slot;
        if (type == ValueType.I64) return (long)slot;
        if (type == ValueType.F32) return BitConverter.UInt32BitsToSingle((uint)slot);
        if (type == ValueType.F64) return BitConverter.UInt64BitsToDouble(slot);
        if (ReferenceKinds.IsObject(type)) return store.Objects[slot];
        if (type.IsReference) return store.FunctionAt(slot);
        throw new NotSupportedException($"values of type {type} have no .NET form");
    }

    /// <summary>The results of a call: null for none, the value of a single one, else an array.</summary>
    public static object? ReadResults(ulong* slots, FunctionType type, Store store)
    {
        if (type.Results.Length == 0) return null;
        if (type.Results.Length == 1) return FromSlot(slots[0], type.Results[0], store);
        object?[] results = new object?[type.Results.Length];
        for (int i = 0; i < results.Length; i++) results[i] = FromSlot(slots[i], type.Results[i], store);
        return results;
    }

    private static bool Fits(Function function, ValueType type) =>
        type.IsConcrete ? function.Type.CanonicalId == type.CanonicalId : type.Heap == HeapKind.Func;

    private static string Describe(object? value) => value switch
    {
        null => "null",
        Function function => $"a function {function.Type}",
        _ => $"a {value.GetType().Name}",
    };
}
