// The guest's descriptor numbers. A number names at most one open descriptor; a new one takes the lowest free number, as POSIX
// programs expect. Reads take no lock (the array is replaced, never resized in place), changes do.

namespace Anneal.Wasm.Wasi.Descriptors;

/// <summary>Maps a guest's descriptor numbers to what they stand for.</summary>
/// <param name="maximum">The most descriptors that may be open at once.</param>
internal sealed class DescriptorTable(int maximum) : IDisposable
{
    /// <summary>The most descriptors that may be open at once.</summary>
    public int Maximum => maximum;

    private readonly Lock changes = new();
    private volatile Descriptor?[] slots = new Descriptor?[8];
    private int firstMaybeFree;
    private bool disposed;

    /// <summary>The open descriptor of a number, or null.</summary>
    public Descriptor? Find(uint number)
    {
        Descriptor?[] current = slots;
        return number < (uint)current.Length ? current[number] : null;
    }

    /// <summary>Gives a descriptor the lowest free number. On failure the descriptor is disposed.</summary>
    public WasiErrno Add(Descriptor descriptor, out uint number)
    {
        lock (changes)
        {
            int index = firstMaybeFree;
            while (index < slots.Length && slots[index] is not null) index++;
            if (!disposed && index < maximum)
            {
                if (index == slots.Length)
                {
                    var grown = new Descriptor?[Math.Min(Math.Max(8, index * 2), Math.Max(maximum, index + 1))];
                    slots.CopyTo(grown, 0);
                    slots = grown;
                }
                slots[index] = descriptor;
                firstMaybeFree = index + 1;
                number = (uint)index;
                return WasiErrno.Success;
            }
        }
        descriptor.Dispose();
        number = 0;
        return WasiErrno.TooManyFiles;
    }

    /// <summary>Frees a number and closes what it stood for.</summary>
    public WasiErrno Close(uint number)
    {
        Descriptor? closed;
        lock (changes)
        {
            closed = Find(number);
            if (closed is null) return WasiErrno.BadDescriptor;
            slots[number] = null;
            firstMaybeFree = Math.Min(firstMaybeFree, (int)number);
        }
        closed.Dispose();
        return WasiErrno.Success;
    }

    /// <summary>Moves a descriptor to another open number, closing what that one stood for.</summary>
    public WasiErrno Renumber(uint from, uint to)
    {
        Descriptor? replaced;
        lock (changes)
        {
            Descriptor? moved = Find(from);
            replaced = Find(to);
            if (moved is null || replaced is null) return WasiErrno.BadDescriptor;
            if (from == to) return WasiErrno.Success;
            slots[to] = moved;
            slots[from] = null;
            firstMaybeFree = Math.Min(firstMaybeFree, (int)from);
        }
        replaced.Dispose();
        return WasiErrno.Success;
    }

    /// <summary>All numbers' descriptors, up to the highest that is open.</summary>
    public ReadOnlySpan<Descriptor?> Snapshot()
    {
        Descriptor?[] current = slots;
        int count = current.Length;
        while (count > 0 && current[count - 1] is null) count--;
        return current.AsSpan(0, count);
    }

    /// <summary>Puts other descriptors in place of all, and closes those that aren't among them.</summary>
    public void Replace(Descriptor?[] descriptors)
    {
        Descriptor?[] replaced;
        lock (changes)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            replaced = slots;
            slots = descriptors;
            firstMaybeFree = 0;
        }

        var kept = new HashSet<Descriptor?>(descriptors, ReferenceEqualityComparer.Instance);
        foreach (Descriptor? descriptor in replaced)
        {
            if (!kept.Contains(descriptor)) descriptor?.Dispose();
        }
    }

    public void Dispose()
    {
        Descriptor?[] closing;
        lock (changes)
        {
            disposed = true;
            closing = slots;
            slots = [];
            firstMaybeFree = 0;
        }
        foreach (Descriptor? descriptor in closing) descriptor?.Dispose();
    }
}
