// Objects that are costly to make and used by one thread at a time. Not a ConcurrentBag: that is an assembly to load and
// thread-local lists to build at each start of a process, for pools of a few elements.

using System.Diagnostics.CodeAnalysis;

namespace Anneal.Runtime;

/// <summary>Unused objects of a kind, last in, first out. Thread-safe.</summary>
/// <param name="capacity">How many are kept at most.</param>
internal sealed class Pool<T>(int capacity)
    where T : class
{
    private readonly Lock gate = new();
    private readonly List<T> items = [];

    public bool TryTake([NotNullWhen(true)] out T? item)
    {
        lock (gate)
        {
            item = items.Count == 0 ? null : items[^1];
            if (item is not null) items.RemoveAt(items.Count - 1);
        }

        return item is not null;
    }

    /// <summary>Keeps an object for the next one who wants it.</summary>
    /// <returns>False if there are enough already.</returns>
    public bool TryAdd(T item)
    {
        lock (gate)
        {
            if (items.Count >= capacity) return false;
            items.Add(item);
            return true;
        }
    }
}
