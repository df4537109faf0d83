// Ruby and its host pass values as handles: numbers that the host gives out. Behind a handle stands the value's address in the
// guest, which only the guest can use. The guest asks for handles through two imports (see RubyVm.DefineImports).

namespace EmbedRuby;

/// <summary>Gives small numbers to the values that cross the border between Ruby and the host.</summary>
internal sealed class HandleTable
{
    private readonly List<int?> values = [];
    private readonly Stack<int> free = [];

    /// <summary>Gives a value a handle.</summary>
    public int Add(int value)
    {
        if (free.TryPop(out int handle))
        {
            values[handle] = value;
            return handle;
        }

        values.Add(value);
        return values.Count - 1;
    }

    /// <summary>The value of a handle.</summary>
    /// <exception cref="InvalidOperationException">The handle isn't in use.</exception>
    public int Get(int handle) => (uint)handle < (uint)values.Count && values[handle] is { } value
        ? value
        : throw new InvalidOperationException($"Ruby used handle {handle}, which belongs to no value.");

    /// <summary>Takes a handle out of use; returns its value.</summary>
    /// <exception cref="InvalidOperationException">The handle isn't in use.</exception>
    public int Remove(int handle)
    {
        int value = Get(handle);
        values[handle] = null;
        free.Push(handle);
        return value;
    }
}
