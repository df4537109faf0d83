// A ring buffer: programs reserve a record, fill it and submit it (or have it copied in), the host takes them out in order.
// The records' bytes are in the values' memory; where they start and how long they are is known here alone, so nothing that a
// sandboxed program writes can mislead the host. A record never wraps: what is left before the end is skipped.

using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf;

/// <summary>A ring buffer of records from programs to the host.</summary>
public sealed unsafe class RingBuffer : EbpfMap
{
    private const int Overhead = 8;
    private readonly MapMemory memory;
    private readonly Lock consuming = new();
    private Record[] records = new Record[16];
    private int firstRecord;
    private int recordCount;
    private ulong produced;
    private ulong consumed;
    private ulong dropped;

    internal RingBuffer(MapDefinition definition, MapSpace space)
        : base(definition, space) => memory = new MapMemory(definition.MaxEntries);

    private enum RecordState
    {
        Reserved,
        Ready,
        Discarded,
    }

    /// <summary>The records that wait, submitted or not.</summary>
    public override int Count
    {
        get
        {
            lock (Gate) return recordCount;
        }
    }

    /// <summary>Records that found no room.</summary>
    public ulong Dropped => Volatile.Read(ref dropped);

    internal override MapMemory ValueMemory => memory;

    /// <summary>Takes all records that are ready, up to the first that isn't; the number of them.</summary>
    public int Consume(RingBufferConsumer consumer)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        CheckUsable();
        int taken = 0;
        using Lock.Scope one = consuming.EnterScope();
        while (TryPeek(out Record record))
        {
            try
            {
                if (record.State == RecordState.Ready)
                {
                    taken++;
                    consumer(new ReadOnlySpan<byte>(memory.Start + record.Offset, record.Length));
                }
            }
            finally
            {
                lock (Gate)
                {
                    firstRecord = (firstRecord + 1) & (records.Length - 1);
                    recordCount--;
                    consumed = record.End;
                }
            }
        }

        return taken;
    }

    /// <summary>Bytes that are taken by records.</summary>
    internal ulong Used
    {
        get
        {
            lock (Gate) return produced - consumed;
        }
    }

    /// <summary>How far the buffer's two ends have come.</summary>
    internal (ulong Produced, ulong Consumed) Positions
    {
        get
        {
            lock (Gate) return (produced, consumed);
        }
    }

    /// <summary>Reserves a record; null if there's no room.</summary>
    internal byte* Reserve(ulong bytes)
    {
        ulong size = (ulong)MaxEntries;
        if (bytes > size - Overhead) return null;
        ulong total = ((bytes + 7) & ~7ul) + Overhead;
        lock (Gate)
        {
            ulong start = produced;
            ulong offset = start & (size - 1);
            if (offset + total > size)
            {
                start += size - offset;
                offset = 0;
            }

            if (start + total - consumed > size)
            {
                dropped++;
                return null;
            }

            produced = start + total;
            Append(new Record { Offset = (int)offset, Length = (int)bytes, End = produced });
            byte* record = memory.Start + offset;
            new Span<byte>(record, (int)bytes).Clear();
            return record;
        }
    }

    /// <summary>Gives a reserved record to the host.</summary>
    internal void Submit(byte* record) => Finish(record, RecordState.Ready);

    internal override void Discard(byte* record) => Finish(record, RecordState.Discarded);

    /// <summary>Copies a record in; false if there's no room.</summary>
    internal bool Output(byte* bytes, ulong length)
    {
        byte* record = Reserve(length);
        if (record == null) return false;
        Buffer.MemoryCopy(bytes, record, length, length);
        Submit(record);
        return true;
    }

    internal override byte* Lookup(byte* key, int processor) => null;

    internal override long Update(byte* key, byte* value, ulong flags, int processor) => MapError.Invalid;

    internal override long Delete(byte* key) => MapError.Invalid;

    internal override long Read(byte* key, Span<byte> value) => MapError.NotSupported;

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags) => MapError.NotSupported;

    internal override int Next(int position, Span<byte> key) => -1;

    private bool TryPeek(out Record record)
    {
        lock (Gate)
        {
            record = records[firstRecord];
            return recordCount != 0 && record.State != RecordState.Reserved;
        }
    }

    private void Append(Record record)
    {
        if (recordCount == records.Length)
        {
            var larger = new Record[recordCount * 2];
            for (int i = 0; i < recordCount; i++) larger[i] = records[(firstRecord + i) & (recordCount - 1)];
            records = larger;
            firstRecord = 0;
        }

        records[(firstRecord + recordCount++) & (records.Length - 1)] = record;
    }

    // The newest first: that is mostly the one.
    private void Finish(byte* place, RecordState state)
    {
        int offset = (int)(place - memory.Start);
        lock (Gate)
        {
            for (int i = recordCount - 1; i >= 0; i--)
            {
                ref Record record = ref records[(firstRecord + i) & (records.Length - 1)];
                if (record.Offset != offset || record.State != RecordState.Reserved) continue;
                record.State = state;
                return;
            }
        }
    }

    private struct Record
    {
        public int Offset;
        public int Length;
        public ulong End;
        public RecordState State;
    }
}
