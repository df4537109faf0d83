namespace Anneal.Runtime;

/// <summary>Finds the function that an address of emitted code, or of a predecoded stream, belongs to. Thread-safe.</summary>
internal sealed class CodeMap
{
    private readonly Lock gate = new();
    private readonly List<CodeRange> functions = [];

    public void Add(CodeRange function)
    {
        lock (gate)
        {
            int index = IndexOf(function.Start);
            functions.Insert(index, function);
        }
    }

    /// <summary>Forgets the functions of a unit, in one pass.</summary>
    public void Remove(CodeRange?[] gone, CodeRange?[] alsoGone)
    {
        var starts = new HashSet<nint>();
        foreach (CodeRange? function in gone)
        {
            if (function is not null) starts.Add(function.Start);
        }

        foreach (CodeRange? function in alsoGone)
        {
            if (function is not null) starts.Add(function.Start);
        }

        if (starts.Count == 0) return;
        lock (gate) functions.RemoveAll(function => starts.Contains(function.Start));
    }

    /// <summary>The function whose code or stream holds the address; null if none does.</summary>
    public CodeRange? Find(nint address)
    {
        lock (gate)
        {
            // A return address may be just behind the last instruction, where the next function begins; but no function's
            // first address is a site.
            int index = IndexOf(address) - 1;
            if (index < 0) return null;
            CodeRange candidate = functions[index];
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
