// Tail calls in emitted code find their target without asking: for each type of verified programs that uses the array there is a column,
// the addresses of the function references of those programs in it that are verified and of that type, or 0. What is taken
// out is retired, since a run may be about to call it.

using System.Buffers.Binary;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf;

/// <summary>A map of programs by index, for tail calls. A program may only go on with one of its own type and mode.</summary>
public sealed unsafe class ProgramArray : EbpfMap
{
    private readonly LoadedProgram?[] programs;
    private readonly List<(ProgramType Type, MapMemory Memory)> columns = [];

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
            Exchange(index, value);
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
        return Exchange((int)index, null) is null ? MapError.NoEntry : MapError.None;
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

    /// <summary>The column for verified programs of a type: the address of the first of <see cref="EbpfMap.MaxEntries"/> function references.</summary>
    internal ulong ColumnFor(ProgramType type)
    {
        lock (Gate)
        {
            foreach ((ProgramType known, MapMemory memory) in columns)
            {
                if (known == type) return (ulong)memory.Start;
            }

            var added = new MapMemory((long)MaxEntries * sizeof(ulong));
            for (int i = 0; i < programs.Length; i++) SetReference(type, added, i, programs[i]);
            columns.Add((type, added));
            return (ulong)added.Start;
        }
    }

    private static void SetReference(ProgramType type, MapMemory column, int index, LoadedProgram? program)
    {
        bool fits = program is { IsSandboxed: false } && program.Type == type;
        Volatile.Write(ref ((nint*)column.Start)[index], fits ? (nint)program!.ReferenceOf(0) : 0);
    }

    private LoadedProgram? Exchange(int index, LoadedProgram? program)
    {
        LoadedProgram? old;
        lock (Gate)
        {
            old = programs[index];
            Volatile.Write(ref programs[index], program);
            foreach ((ProgramType type, MapMemory memory) in columns) SetReference(type, memory, index, program);
        }

        if (old is not null && old != program) Space.Retirement.Retire(old);
        return old;
    }
}
