// The host objects that the guests of a store hold: an externref is a handle, this table has the object. A handle is an
// index with a tag in its upper half, so that the conservative scan of the value stack hardly ever takes a number for
// one. Dead handles are found by marking: from globals, tables and passive segments of externref type, which the store
// knows exactly, and from all slots of the value stack below the innermost host call. A free entry's index is reused.


namespace Anneal.Wasm.Runtime;

/// <summary>Maps handles of host objects to the objects. Used by one thread at a time.</summary>
internal sealed unsafe class ObjectTable
{
    private const ulong Tag = 0xA55E_7EF0UL << 32;
    private const int FirstCollection = 1024;
    private readonly Dictionary<object, int> indices = new(ReferenceEqualityComparer.Instance);
    private object?[] objects = new object?[16];
    private bool[] marks = [];
    private readonly Stack<int> free = [];
    private int used;

    /// <summary>How many objects the guests hold, dead ones that aren't found yet included.</summary>
    public int Count => indices.Count;

    /// <summary>Whether so many handles were made since the last collection that another pays.</summary>
    public bool WantsCollection => indices.Count >= Threshold;

    private int Threshold { get; set; } = FirstCollection;

    /// <summary>The object of a handle; null for 0.</summary>
    /// <exception cref="InvalidOperationException">It's no handle of this table: the engine's fault, or a raw callback's.</exception>
    public object? this[ulong handle]
    {
        get
        {
            if (handle == 0) return null;
            return IndexOf(handle) is >= 0 and var index && objects[index] is { } found
                ? found
                : throw new InvalidOperationException($"0x{handle:x} is no reference to a host object of this store");
        }
    }

    /// <summary>The handle of an object: the one it has, or a new one; 0 for null.</summary>
    public ulong HandleOf(object? value)
    {
        if (value is null) return 0;
        if (!indices.TryGetValue(value, out int index))
        {
            if (!free.TryPop(out index))
            {
                if (used == objects.Length) Array.Resize(ref objects, used * 2);
                index = used++;
            }

            objects[index] = value;
            indices.Add(value, index);
        }

        return Tag | (uint)(index + 1);
    }

    /// <summary>Starts a collection: nothing is marked.</summary>
    public void BeginMarking()
    {
        if (marks.Length < objects.Length) marks = new bool[objects.Length];
        else Array.Clear(marks);
    }

    /// <summary>Marks the handles among some slots; whatever else is there is passed over.</summary>
    public void Mark(ulong* slots, ulong count)
    {
        for (ulong i = 0; i < count; i++)
        {
            if (IndexOf(slots[i]) is >= 0 and var index) marks[index] = true;
        }
    }

    /// <summary>Forgets what isn't marked.</summary>
    public void Sweep()
    {
        for (int i = 0; i < used; i++)
        {
            if (marks[i] || objects[i] is not { } dead) continue;
            indices.Remove(dead);
            objects[i] = null;
            free.Push(i);
        }

        Threshold = Math.Max(FirstCollection, indices.Count * 2);
    }

    private int IndexOf(ulong handle)
    {
        if ((handle & 0xFFFF_FFFF_0000_0000) != Tag) return -1;
        uint index = (uint)handle - 1;
        return index < (uint)used ? (int)index : -1;
    }
}
