// A perf event array: a buffer of records for each processor. Programs put records out (perf_event_output), the host takes them. In
// the kernel the host opens an event for each entry; here all processors' buffers are open from the start.

using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf;

/// <summary>Buffers of records from programs to the host, one for each processor.</summary>
public sealed unsafe class PerfEventArray : EbpfMap
{
    private readonly PerfEventBuffer[] buffers;
    private readonly Lock consuming = new();

    internal PerfEventArray(MapDefinition definition, MapSpace space)
        : base(definition, space)
    {
        // No entries means one for each processor.
        int count = definition.MaxEntries == 0 ? space.Processors : Math.Min(definition.MaxEntries, space.Processors);
        buffers = new PerfEventBuffer[count];
        for (int i = 0; i < count; i++) buffers[i] = new PerfEventBuffer(space.PerfEventBytes);
    }

    /// <summary>The records that wait, on all processors.</summary>
    public override int Count
    {
        get
        {
            int count = 0;
            foreach (PerfEventBuffer buffer in buffers) count += buffer.Count;
            return count;
        }
    }

    /// <summary>The processors that have a buffer.</summary>
    public int Buffers => buffers.Length;

    /// <summary>Records that found no room, on all processors.</summary>
    public ulong Lost
    {
        get
        {
            ulong lost = 0;
            foreach (PerfEventBuffer buffer in buffers) lost += buffer.Lost;
            return lost;
        }
    }

    internal override MapMemory? ValueMemory => null;

    /// <summary>Records of one processor that found no room.</summary>
    public ulong LostOn(int processor) => buffers[processor].Lost;

    /// <summary>Takes the records that wait, processor by processor, in the order in which each processor put them out.</summary>
    /// <returns>How many there were.</returns>
    public int Consume(PerfEventConsumer consumer)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        CheckUsable();
        int taken = 0;
        using Lock.Scope one = consuming.EnterScope();
        for (int i = 0; i < buffers.Length; i++)
        {
            // Not more than there are now: programs may go on adding.
            for (int rest = buffers[i].Count; rest > 0 && buffers[i].Take() is { } record; rest--)
            {
                taken++;
                consumer(i, record);
            }
        }

        return taken;
    }

    /// <summary>Adds a record of two parts; 0 or a negative error number.</summary>
    internal long Output(ulong index, ReadOnlySpan<byte> record, ReadOnlySpan<byte> packet)
    {
        if (MaxEntries != 0 && index >= (ulong)MaxEntries) return MapError.TooBig;
        if (index >= (ulong)buffers.Length) return MapError.NoEntry;
        return buffers[index].TryAdd(record, packet) ? MapError.None : MapError.NoSpace;
    }

    internal override byte* Lookup(byte* key, int processor) => null;

    internal override long Update(byte* key, byte* value, ulong flags, int processor) => MapError.Invalid;

    internal override long Delete(byte* key) => MapError.Invalid;

    internal override long Read(byte* key, Span<byte> value) => MapError.NotSupported;

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags) => MapError.NotSupported;

    internal override int Next(int position, Span<byte> key) => -1;
}
