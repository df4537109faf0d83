namespace Anneal.Runtime;

/// <summary>
/// The array without elements of a type. Unlike <c>Array.Empty</c>, and so <c>[]</c>, it's precompiled also for our own structs:
/// the framework's generic types over them are compiled at each start of a process.
/// </summary>
internal static class EmptyArray<T>
{
#pragma warning disable CA1825 // The rule wants Array.Empty.
    public static readonly T[] Value = new T[0];
#pragma warning restore CA1825
}
