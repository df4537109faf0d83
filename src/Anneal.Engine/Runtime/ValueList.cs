// A growing list for structs of ours on the way to a guest's first instruction: List<T> over them would be compiled at each
// start of a process, this is precompiled.

namespace Anneal.Runtime;

/// <summary>A list of structs.</summary>
internal sealed class ValueList<T>
    where T : struct
{
    private T[] items = EmptyArray<T>.Value;

    public int Count { get; private set; }

    /// <summary>The elements, until the next change.</summary>
    public ReadOnlySpan<T> Items => new(items, 0, Count);

    public ref T this[int index] => ref items[index];

    /// <summary>Removes all elements and keeps the room.</summary>
    public void Restart() => Count = 0;

    public void Add(T item)
    {
        if (Count == items.Length)
        {
            var larger = new T[Math.Max(4, Count * 2)];
            Array.Copy(items, larger, Count);
            items = larger;
        }

        items[Count++] = item;
    }

    /// <summary>Removes the elements that a condition holds for; the others keep their order.</summary>
    public void RemoveAll(Predicate<T> condition)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (!condition(items[i])) items[kept++] = items[i];
        }

        Array.Clear(items, kept, Count - kept);
        Count = kept;
    }

    public void Clear()
    {
        items = EmptyArray<T>.Value;
        Count = 0;
    }

    public T[] ToArray()
    {
        if (Count == 0) return EmptyArray<T>.Value;
        var copy = new T[Count];
        Array.Copy(items, copy, Count);
        return copy;
    }
}
