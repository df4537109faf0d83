// A guest's table of references: native memory, so that emitted code indexes it directly. Elements are 64-bit: pointers to
// FunctionReference or handles of host objects. The elements move when the table grows; only the TableState is stable.

using System.Runtime.InteropServices;

namespace Anneal.Runtime;

/// <summary>The owner of one table; may be shared by several instances of a store.</summary>
internal sealed unsafe class ReferenceTable : IDisposable
{
    private TableState* state;
    private ulong capacity;
    private GCHandle self;

    /// <param name="length">The initial number of elements.</param>
    /// <param name="maximum">The most elements that it may grow to.</param>
    /// <param name="fill">The value of each initial element.</param>
    /// <exception cref="OutOfMemoryException">The system refuses the memory.</exception>
    public ReferenceTable(ulong length, ulong maximum, ulong fill)
    {
        Maximum = maximum;
        capacity = Math.Max(length, 1);
        state = (TableState*)NativeMemory.AllocZeroed((nuint)sizeof(TableState));
        try
        {
            state->Elements = (ulong*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(ulong));
        }
        catch
        {
            NativeMemory.Free(state);
            state = null;
            throw;
        }

        state->Length = length;
        if (fill != 0) Fill(0, length, fill);
        self = GCHandle.Alloc(this, GCHandleType.Weak);
        state->Owner = GCHandle.ToIntPtr(self);
    }

    ~ReferenceTable() => Free();

    public TableState* State => state;

    /// <summary>The most elements that it may grow to.</summary>
    public ulong Maximum { get; }

    /// <summary>The number of elements.</summary>
    public ulong Length => state->Length;

    /// <summary>Asked before each growth with the current and the wanted number of elements; false refuses it. Null allows all.</summary>
    public Func<ulong, ulong, bool>? GrowthLimit { get; set; }

    /// <summary>The managed owner of a state that is in use.</summary>
    public static ReferenceTable Of(TableState* state) => (ReferenceTable)GCHandle.FromIntPtr(state->Owner).Target!;

    /// <summary>Adds elements of the given value at the end.</summary>
    /// <returns>Whether it could be; the previous length in any case.</returns>
    public bool TryGrow(ulong delta, ulong fill, out ulong previous)
    {
        previous = state->Length;
        if (delta > Maximum - previous) return false;
        if (delta == 0) return true;
        ulong wanted = previous + delta;
        if (GrowthLimit is { } limit && !limit(previous, wanted)) return false;
        if (wanted > capacity)
        {
            ulong larger = Math.Max(wanted, Math.Min(capacity * 2, Maximum));
            try
            {
                state->Elements = (ulong*)NativeMemory.Realloc(state->Elements, (nuint)(larger * sizeof(ulong)));
            }
            catch (OutOfMemoryException)
            {
                return false;
            }

            capacity = larger;
        }

        state->Length = wanted;
        Fill(previous, delta, fill);
        return true;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Fill(ulong start, ulong count, ulong value)
    {
        for (ulong i = 0; i < count; i++) state->Elements[start + i] = value;
    }

    private void Free()
    {
        if (state == null) return;
        NativeMemory.Free(state->Elements);
        NativeMemory.Free(state);
        state = null;
        if (self.IsAllocated) self.Free();
    }
}
