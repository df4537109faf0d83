using System.Buffers.Binary;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf;

/// <summary>A map of programs by index, for tail calls. A program may only go on with one of its own type and mode.</summary>
public sealed unsafe class ProgramArray : EbpfMap
{
    private readonly LoadedProgram?[] programs;

    internal ProgramArray(MapDefinition definition, MapSpace space)
        : base(definition, space) => programs = new LoadedProgram?[definition.MaxEntries];

    /// <inheritdoc/>
    public override int Count
    {
        get
        {
            int count = 0;
            foreach (LoadedProgram? program in programs)
            {
                if (program is not null) count++;
            }

            return count;
        }
    }

    /// <summary>The program at an index, or null. Setting it takes effect for tail calls from then on; null removes it.</summary>
    public LoadedProgram? this[int index]
    {
        get => Volatile.Read(ref programs[index]);
        set
        {
            CheckUsable();
            if (value is not null && value.Runtime.MapSpace != Space) throw new ArgumentException($"program {value.Name} belongs to another runtime", nameof(value));
            Volatile.Write(ref programs[index], value);
        }
    }

    internal override MapMemory? ValueMemory => null;

    /// <summary>The program at an index that a program gave, or null.</summary>
    internal LoadedProgram? Find(ulong index) => index < (ulong)programs.Length ? Volatile.Read(ref programs[(int)index]) : null;

    internal override byte* Lookup(byte* key, int processor) => null;

    internal override long Update(byte* key, byte* value, ulong flags, int processor) => MapError.Invalid;

    internal override long Delete(byte* key)
    {
        uint index = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(key, sizeof(uint)));
        if (index >= (uint)programs.Length) return MapError.TooBig;
        return Interlocked.Exchange(ref programs[index], null) is null ? MapError.NoEntry : MapError.None;
    }

    internal override long Read(byte* key, Span<byte> value) => MapError.NotSupported;

    internal override long Write(byte* key, ReadOnlySpan<byte> value, ulong flags) => MapError.NotSupported;

    internal override int Next(int position, Span<byte> key)
    {
        for (int i = position + 1; i < programs.Length; i++)
        {
            if (Volatile.Read(ref programs[i]) is null) continue;
            BinaryPrimitives.WriteInt32LittleEndian(key, i);
            return i;
        }

        return -1;
    }
}
