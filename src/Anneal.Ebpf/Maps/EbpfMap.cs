// A map: what programs and the host share. Keys and values are bytes; the typed access is in the .Typed part. The memory of
// values is unmanaged and never moves, and only values are in it: keys and links are apart, where a sandboxed program can't
// write.
//
// Thread-safe. Programs look up without a lock; whatever changes the structure takes the map's lock.

using System.Runtime.InteropServices;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf;

/// <summary>A map of the kind that eBPF programs use.</summary>
public abstract unsafe partial class EbpfMap : IDisposable
{
    private readonly Maps.MapHeader* header;
    private bool isDisposed;

    private protected EbpfMap(MapDefinition definition, MapSpace space)
    {
        Definition = definition;
        Space = space;
        Processors = space.Processors;
        Number = space.NextNumber();
        header = (Maps.MapHeader*)NativeMemory.AllocZeroed((nuint)sizeof(Maps.MapHeader));
        header->Owner = GCHandle.ToIntPtr(GCHandle.Alloc(this, GCHandleType.Weak));
    }

    /// <summary>Frees the map's handle; its memory goes with the last program that can reach it.</summary>
    ~EbpfMap()
    {
        // Null if the constructor failed.
        if (header == null) return;
        GCHandle.FromIntPtr(header->Owner).Free();
        NativeMemory.Free(header);
    }

    /// <summary>The definition that the map was made from.</summary>
    public MapDefinition Definition { get; }

    /// <summary>The map's name.</summary>
    public string Name => Definition.Name;

    /// <summary>Its kind.</summary>
    public MapType Type => Definition.Type;

    /// <summary>Bytes of a key.</summary>
    public int KeySize => Definition.KeySize;

    /// <summary>Bytes of a value.</summary>
    public int ValueSize => Definition.ValueSize;

    /// <summary>The largest number of entries.</summary>
    public int MaxEntries => Definition.MaxEntries;

    /// <summary>The number of entries that there are.</summary>
    public abstract int Count { get; }

    /// <summary>The number of values that an entry of a per-processor map has.</summary>
    public int Processors { get; }

    /// <summary>Bytes that the host reads and writes as an entry's value: all processors' values, each rounded up to eight bytes, for per-processor maps.</summary>
    public virtual int HostValueSize => ValueSize;

    /// <summary>What takes the map's lock does it on this.</summary>
    private protected Lock Gate { get; } = new();

    /// <summary>What the maps of its runtime share; maps of different runtimes don't go together.</summary>
    internal MapSpace Space { get; }

    /// <summary>Whether programs may only read the values.</summary>
    private protected bool IsReadOnlyToPrograms => (Definition.Flags & MapFlags.ProgramReadOnly) != 0;

    /// <summary>The map's number in its runtime, from 1.</summary>
    internal int Number { get; }

    /// <summary>The address that stands for the map in verified programs.</summary>
    internal ulong Handle => (ulong)header;

    /// <summary>The memory of the values; null where programs see none.</summary>
    internal abstract Maps.MapMemory? ValueMemory { get; }

    /// <summary>The memory of the keys that programs may read in callbacks; null where there's none.</summary>
    internal virtual Maps.MapMemory? KeyMemory => null;

    /// <summary>The map that <see cref="Handle"/> stands for.</summary>
    internal static EbpfMap OfHandle(ulong handle) => (EbpfMap)GCHandle.FromIntPtr(((Maps.MapHeader*)handle)->Owner).Target!;

    /// <summary>The value of a key, for a program on that processor; null if there's none.</summary>
    internal abstract byte* Lookup(byte* key, int processor);

    /// <summary>Makes or changes an entry, for a program on that processor; 0 or a negative error number.</summary>
    internal abstract long Update(byte* key, byte* value, ulong flags, int processor);

    /// <summary>Removes an entry; 0 or a negative error number.</summary>
    internal abstract long Delete(byte* key);

    /// <summary>Copies an entry's value for the host; 0 or a negative error number.</summary>
    internal abstract long Read(byte* key, Span<byte> value);

    /// <summary>Makes or changes an entry for the host; 0 or a negative error number.</summary>
    internal abstract long Write(byte* key, ReadOnlySpan<byte> value, ulong flags);

    /// <summary>The key after a position, from -1 on; the next position, or -1 at the end.</summary>
    internal abstract int Next(int position, Span<byte> key);

    /// <summary>As <see cref="Next"/>, with addresses that a callback can be given; -1 at the end, and for maps that programs can't walk through.</summary>
    internal virtual int NextElement(int position, int processor, out byte* key, out byte* value)
    {
        key = value = null;
        return -1;
    }

    /// <summary>Gives back a reserved record that nobody will submit; only ring buffers have such.</summary>
    internal virtual void Discard(byte* record)
    {
    }

    /// <summary>
    /// Ends the host's use of the map. Programs that were loaded with it go on using it, and its memory is freed when none of
    /// them is left.
    /// </summary>
#pragma warning disable CA1816 // The finalizer must still run: programs may go on using the handle.
    public void Dispose()
    {
        isDisposed = true;
    }
#pragma warning restore CA1816

    /// <summary>Puts the first value's address where emitted code finds it by the map's handle.</summary>
    private protected void PublishValues(byte* values) => header->Values = values;

    private protected void CheckUsable() => ObjectDisposedException.ThrowIf(isDisposed, this);
}
