// Arrays: entries by 32-bit index, all there from the start, values in one run of memory. Per-processor arrays have that once
// for each processor, one behind the other.

using System.Buffers.Binary;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Maps;

/// <summary>An array, or an array for each processor.</summary>
internal sealed unsafe class ArrayMap : EbpfMap
{
    private readonly MapMemory memory;
    private readonly byte* values;
    private readonly long stride;
    private readonly long processorStride;

    public ArrayMap(MapDefinition definition, MapSpace space)
        : base(definition, space)
    {
        stride = definition.ValueStride;
        long bytes = stride * definition.MaxEntries;
        processorStride = IsPerProcessor ? bytes : 0;
        memory = new MapMemory(IsPerProcessor ? bytes * space.Processors : bytes);
        values = memory.Start;
        PublishValues(values);
        if (!definition.InitialValue.IsEmpty) definition.InitialValue.Span.CopyTo(new Span<byte>(values, definition.ValueSize));
    }

    public override int Count => MaxEntries;

    public override int HostValueSize => IsPerProcessor ? (int)stride * Processors : ValueSize;

    internal override MapMemory ValueMemory => memory;

    private bool IsPerProcessor => Type == MapType.PerCpuArray;

    internal override byte* Lookup(byte* key, int processor)
    {
        uint index = IndexOf(key);
        return index < (uint)MaxEntries ? values + (index * stride) + (processor * processorStride) : null;
    }

    internal override long Update(byte* key, byte* value, ulong flags, int processor) =>
        IsReadOnlyToPrograms ? MapError.NotPermitted : Set(key, value, flags, processor);

    internal override long Delete(byte* key) => MapError.Invalid;

    internal override long Read(byte* key, Span<byte> value)
    {
        if (!IsPerProcessor)
        {
            byte* place = Lookup(key, 0);
            if (place == null) return MapError.NoEntry;
            new ReadOnlySpan<byte>(place, ValueSize).CopyTo(value);
            return MapError.None;
        }

        for (int i = 0; i < Processors; i++)
        {
            byte* place = Lookup(key, i);
            if (place == null) return MapError.NoEntry;
            new ReadOnlySpan<byte>(place, (int)stride).CopyTo(value[(int)(i * stride)..]);
        }

        return MapError.None;
    }

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags)
    {
        if (Definition.IsFrozen) return MapError.NotPermitted;
        for (int i = 0; i < (IsPerProcessor ? Processors : 1); i++)
        {
            fixed (byte* source = value[(int)(i * (IsPerProcessor ? stride : 0))..])
            {
                long result = Set(key, source, flags, i);
                if (result != MapError.None) return result;
            }
        }

        return MapError.None;
    }

    internal override int Next(int position, Span<byte> key)
    {
        int next = position + 1;
        if (next >= MaxEntries) return -1;
        BinaryPrimitives.WriteInt32LittleEndian(key, next);
        return next;
    }

    // An array's keys aren't in memory: who walks has to make one.
    internal override int NextElement(int position, int processor, out byte* key, out byte* value)
    {
        key = null;
        int next = position + 1;
        value = next < MaxEntries ? values + (next * stride) + (processor * processorStride) : null;
        return next < MaxEntries ? next : -1;
    }

    private long Set(byte* key, byte* value, ulong flags, int processor)
    {
        if (flags > (ulong)MapUpdate.Exist) return MapError.Invalid;
        byte* place = Lookup(key, processor);
        if (place == null) return MapError.TooBig;
        if (flags == (ulong)MapUpdate.NoExist) return MapError.Exists;
        Buffer.MemoryCopy(value, place, ValueSize, ValueSize);
        return MapError.None;
    }

    private static uint IndexOf(byte* key) => BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(key, sizeof(uint)));
}
