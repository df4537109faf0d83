namespace Anneal.Wasm.Suspension;

/// <summary>
/// A reference without a store: null; a function, by an instance of the image and the function's number in that (an import's
/// number for a host function); or an object: a host object, or the <see cref="Function"/> of a host function that no instance imports.
/// </summary>
/// <param name="Instance">The instance's number in the image; -1 for null and for objects.</param>
/// <param name="Function">The function's number in the instance.</param>
/// <param name="Object">The object.</param>
internal readonly record struct ReferenceImage(int Instance, int Function, object? Object)
{
    public static ReferenceImage Null => new(-1, -1, null);

    public bool IsNull => Instance < 0 && Object is null;

    public static ReferenceImage OfFunction(int instance, int function) => new(instance, function, null);

    public static ReferenceImage OfObject(object value) => new(-1, -1, value);

    public override string ToString()
    {
        if (IsNull) return "null";
        return Object is { } value ? value is Function ? "a host function" : $"object {value.GetType().Name}" : $"function[{Function}] of instance {Instance}";
    }
}
