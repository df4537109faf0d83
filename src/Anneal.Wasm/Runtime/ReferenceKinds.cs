namespace Anneal.Wasm.Runtime;

/// <summary>What a reference type's values are for the host: objects or functions.</summary>
internal static class ReferenceKinds
{
    /// <summary>Whether values are handles of host objects.</summary>
    public static bool IsObject(ValueType type) => type.IsReference && !type.IsConcrete && type.Heap is HeapKind.Extern or HeapKind.NoExtern;

    /// <summary>Whether values are references to functions.</summary>
    public static bool IsFunction(ValueType type) => type.IsReference && !IsObject(type);
}
