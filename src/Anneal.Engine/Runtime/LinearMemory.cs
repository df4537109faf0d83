// A guest's linear memory. Its base never moves: address space for the largest size is reserved at creation, growing makes
// more of it accessible. A guarded memory reserves 8 GiB + 64 KiB, all that a 32-bit index plus a 32-bit offset can reach, so
// that emitted code needs no bound check. Where that much address space isn't to be had the memory is Checked.
//
// Spans over the memory point at native memory that the collector doesn't know. So Dispose gives the pages back to the
// system but leaves the addresses mapped (they read as zero); only the finalizer, when nothing refers to the memory any
// more, unmaps. A span is safe as long as its memory, or a store or instance that holds it, is reachable.

using System.Runtime.InteropServices;
using Anneal.Bytecode;

namespace Anneal.Runtime;

/// <summary>The owner of one linear memory; may be shared by several instances, stores and threads.</summary>
internal sealed unsafe class LinearMemory : IDisposable
{
    /// <summary>The unit that memory.size and memory.grow count in.</summary>
    public const ulong PageBytes = 64 << 10;

    private const ulong GuardedReservation = (8UL << 30) + (64 << 10);
    private const ulong Granularity = 4096;
    private readonly Lock gate = new();
    private readonly ulong reserved;
    private MemoryState* state;
    private GCHandle self;
    private bool disposed;

    /// <param name="length">The initial length in bytes.</param>
    /// <param name="maximum">The most bytes that it may grow to; at most 4 GiB for guarded memories.</param>
    /// <param name="preferred">Guarded, or Checked.</param>
    /// <exception cref="OutOfMemoryException">The system refuses the address space or the memory.</exception>
    public LinearMemory(ulong length, ulong maximum, AddressingMode preferred)
    {
        maximum = Math.Max(maximum, length);
        byte* start = null;
        Mode = preferred;
        if (preferred == AddressingMode.Guarded && maximum <= 1UL << 32)
        {
            reserved = GuardedReservation;
            start = Reserve(reserved);
        }

        if (start == null)
        {
            Mode = AddressingMode.Checked;
            reserved = Math.Max(Granularity, Round(maximum));
            start = Reserve(reserved);
            if (start == null)
            {
                reserved = Math.Max(Granularity, Round(length));
                start = Reserve(reserved);
            }

            if (start == null) throw new OutOfMemoryException($"no address space for a memory of {length} bytes");
        }

        Maximum = maximum;
        state = (MemoryState*)NativeMemory.AllocZeroed((nuint)sizeof(MemoryState));
        state->Base = start;
        self = GCHandle.Alloc(this, GCHandleType.Weak);
        state->Owner = GCHandle.ToIntPtr(self);
        if (!TryExtend(length))
        {
            Dispose();
            throw new OutOfMemoryException($"the system refuses a memory of {length} bytes");
        }
    }

    ~LinearMemory() => Unmap();

    /// <summary>Guarded or Checked.</summary>
    public AddressingMode Mode { get; }

    /// <summary>The most bytes that it may grow to.</summary>
    public ulong Maximum { get; }

    public MemoryState* State => state;

    /// <summary>The first byte; valid until the object is finalized.</summary>
    public byte* Base => state->Base;

    /// <summary>The accessible length in bytes; 0 after Dispose.</summary>
    public ulong Length => Volatile.Read(ref state->Length);

    /// <summary>Asked before each growth with the current and the wanted length; false refuses it. Null allows all.</summary>
    public Func<ulong, ulong, bool>? GrowthLimit { get; set; }

    /// <summary>The managed owner of a state that is in use.</summary>
    public static LinearMemory Of(MemoryState* state) => (LinearMemory)GCHandle.FromIntPtr(state->Owner).Target!;

    /// <summary>Makes the memory longer by <paramref name="delta"/> bytes.</summary>
    /// <returns>Whether it could be; the previous length in any case.</returns>
    public bool TryGrow(ulong delta, out ulong previous)
    {
        lock (gate)
        {
            previous = state->Length;
            ObjectDisposedException.ThrowIf(disposed, this);
            if (delta > Maximum - previous) return false;
            if (delta == 0) return true;
            if (GrowthLimit is { } limit && !limit(previous, previous + delta)) return false;
            return TryExtend(previous + delta);
        }
    }

    /// <summary>Gives the pages back; the addresses stay mapped until nothing refers to the object any more.</summary>
#pragma warning disable CA1816 // The finalizer still has the addresses to unmap.
    public void Dispose()
#pragma warning restore CA1816
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            if (state->Length != 0) _ = Libc.Advise(state->Base, (nuint)Round(state->Length), Libc.AdviseDontNeed);
            Volatile.Write(ref state->Length, 0);
        }
    }

    private static ulong Round(ulong bytes) => (bytes + Granularity - 1) & ~(Granularity - 1);

    private static byte* Reserve(ulong bytes)
    {
        if (bytes > (ulong)nint.MaxValue) return null;
        byte* start = TryReserve(bytes);
        if (start != null) return start;
        // Memories that nothing refers to keep their addresses until they are finalized.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return TryReserve(bytes);
    }

    private static byte* TryReserve(ulong bytes)
    {
        void* start = Libc.Map(null, (nuint)bytes, Libc.ProtNone, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
        return start == Libc.MapFailed ? null : (byte*)start;
    }

    private bool TryExtend(ulong length)
    {
        ulong old = Round(state->Length);
        ulong wanted = Round(length);
        if (wanted > reserved) return false;
        if (wanted > old && Libc.Protect(state->Base + old, (nuint)(wanted - old), Libc.ProtRead | Libc.ProtWrite) != 0) return false;
        Volatile.Write(ref state->Length, length);
        return true;
    }

    private void Unmap()
    {
        if (state == null) return;
        _ = Libc.Unmap(state->Base, (nuint)reserved);
        NativeMemory.Free(state);
        state = null;
        if (self.IsAllocated) self.Free();
    }
}
