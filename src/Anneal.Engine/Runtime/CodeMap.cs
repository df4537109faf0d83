namespace Anneal.Runtime;

/// <summary>Finds the function that an address of emitted code belongs to. Thread-safe.</summary>
internal sealed class CodeMap
{
    private readonly Lock gate = new();
    private readonly List<CompiledFunction> functions = [];

    public void Add(CompiledFunction function)
    {
        lock (gate)
        {
            int index = IndexOf(function.Start);
            functions.Insert(index, function);
        }
    }

    public void Remove(CompiledFunction function)
    {
        lock (gate) functions.Remove(function);
    }

    /// <summary>The function whose code holds the address; null if none does.</summary>
    public CompiledFunction? Find(nint address)
    {
        lock (gate)
        {
            int index = IndexOf(address + 1) - 1;
            if (index < 0) return null;
            CompiledFunction candidate = functions[index];
            // A return address may be just behind the last instruction.
            return address - candidate.Start <= candidate.Length ? candidate : null;
        }
    }

    // The first function that starts at or behind the address.
    private int IndexOf(nint address)
    {
        int low = 0, high = functions.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (functions[middle].Start < address) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
