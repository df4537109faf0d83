// Loads, stores, atomic operations and immediates. Every access ends in CheckRange (or the stack's own check).

using System.Buffers.Binary;

namespace Anneal.Ebpf.Verification;

internal sealed partial class Exploration
{
    private const string Mixed = "the instruction accesses the context on one path and other memory on another";

    private enum Access
    {
        Read,
        Write,
    }

    private void Load(Instruction i)
    {
        ref RegisterState pointer = ref Initialized(i.Source);
        int size = i.SizeInBytes;
        bool signed = i.Mode == AccessMode.MemorySignExtending;
        RegisterState loaded = Read(i.Source, pointer, i.Offset, size, signed);
        if (signed)
        {
            loaded = RegisterState.Of(Scalar.SignExtend(loaded.Number, size * 8, 64));
        }

        Top.Registers[i.Destination] = loaded;
    }

    private RegisterState Read(int register, in RegisterState pointer, int offset, int size, bool signed)
    {
        switch (pointer.Kind)
        {
            case RegisterKind.Stack:
                Record(AccessRegion.Stack);
                return ReadStack(register, pointer, offset, size, signed);
            case RegisterKind.Context:
                return ReadContext(register, pointer, offset, size, signed);
            default:
                CheckRange(register, pointer, offset, size, Access.Read);
                Record(RegionOf(pointer.Kind));
                return pointer.Kind == RegisterKind.MapValue && FrozenValue(pointer, offset, size) is { } known
                    ? RegisterState.Constant(known)
                    : UnknownOfSize(size);
        }
    }

    private static RegisterState UnknownOfSize(int size) =>
        size == 8 ? RegisterState.Unknown : RegisterState.Of(Scalar.Range(0, Interval.MaskOf(size * 8)));

    private static AccessRegion RegionOf(RegisterKind kind) => kind switch
    {
        RegisterKind.MapValue => AccessRegion.MapValue,
        RegisterKind.Memory => AccessRegion.Memory,
        _ => AccessRegion.Packet,
    };

    private RegisterState ReadContext(int register, in RegisterState pointer, int offset, int size, bool signed)
    {
        if (!pointer.IsUnmodified) throw Refuse($"r{register} ({Describe(pointer)}): the context is accessed through its own address only");
        int at = offset;
        ContextField? field = program.Type.Context!.Find(at, size);
        if (field is null) throw Refuse($"no field of the {program.Type.Name} context holds {size} bytes at offset {at}");
        RecordContext(at);
        if (field.Kind == ContextFieldKind.Scalar) return UnknownOfSize(size);
        if (at != field.Offset || size != field.Size || signed)
            throw Refuse($"{field.Name} of the {program.Type.Name} context is an address, loaded as {field.Size} bytes at offset {field.Offset} only");
        return RegisterState.Pointer(field.Kind switch
        {
            ContextFieldKind.Packet => RegisterKind.Packet,
            ContextFieldKind.PacketEnd => RegisterKind.PacketEnd,
            _ => RegisterKind.PacketMeta,
        });
    }

    // The lowering rewrites context accesses, so an instruction that makes one may do nothing else on other paths.
    private void RecordContext(int at)
    {
        if (!facts.Context(slot, at)) throw Refuse(Mixed);
    }

    private void Record(AccessRegion region)
    {
        if (!facts.Access(slot, region)) throw Refuse(Mixed);
    }

    // What a program loads from a constant place of memory that can't change any more is known.
    private ulong? FrozenValue(in RegisterState pointer, int offset, int size)
    {
        MapDefinition map = maps[pointer.Object];
        if (!map.IsFrozen || (map.Flags & MapFlags.ProgramReadOnly) == 0 || map.Type != MapType.Array || map.MaxEntries != 1 || !pointer.Number.IsConstant) return null;
        int at = pointer.Offset + offset + (int)pointer.Number.ConstantValue;
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        ReadOnlySpan<byte> initial = map.InitialValue.Span;
        if (at < initial.Length) initial[at..Math.Min(initial.Length, at + size)].CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private void Store(Instruction i, RegisterState value)
    {
        ref RegisterState pointer = ref Initialized(i.Destination);
        int size = i.SizeInBytes;
        if (pointer.Kind == RegisterKind.Stack)
        {
            Record(AccessRegion.Stack);
            if (i.Class == InstructionClass.Stx && size == 8 && value.Kind == RegisterKind.Scalar && value.Id == 0 && !value.Number.IsConstant)
            {
                // The stored copy and the register are the same number.
                value.Id = NewId();
                Top.Registers[i.Source].Id = value.Id;
            }

            WriteStack(i.Destination, pointer, i.Offset, size, value, i.Source);
            return;
        }

        if (value.IsPointer && !options.AllowPointerLeaks)
            throw Refuse($"r{i.Source} ({Describe(value)}) would be stored where its address can be read as a number: r{i.Destination} ({Describe(pointer)})");
        if (pointer.Kind == RegisterKind.Context)
        {
            WriteContext(i.Destination, pointer, i.Offset, size);
            return;
        }

        CheckRange(i.Destination, pointer, i.Offset, size, Access.Write);
        Record(RegionOf(pointer.Kind));
    }

    private void WriteContext(int register, in RegisterState pointer, int offset, int size)
    {
        if (!pointer.IsUnmodified) throw Refuse($"r{register} ({Describe(pointer)}): the context is accessed through its own address only");
        int at = offset;
        ContextField? field = program.Type.Context!.Find(at, size);
        if (field is null) throw Refuse($"no field of the {program.Type.Name} context holds {size} bytes at offset {at}");
        if (!field.IsWritable || field.Kind != ContextFieldKind.Scalar) throw Refuse($"{field.Name} of the {program.Type.Name} context can't be written");
        RecordContext(at);
    }

    private void Atomic(Instruction i)
    {
        ref RegisterState pointer = ref Initialized(i.Destination);
        ref RegisterState source = ref Initialized(i.Source);
        int size = i.SizeInBytes;
        bool exchanges = i.AtomicOperation is AtomicOperation.CompareExchange or AtomicOperation.Exchange;
        if (source.IsPointer && !options.AllowPointerLeaks) throw Refuse($"atomic operation with r{i.Source}, which is a pointer ({Describe(source)})");
        if (i.AtomicOperation == AtomicOperation.CompareExchange && Initialized(0).IsPointer && !options.AllowPointerLeaks)
            throw Refuse($"atomic comparison with r0, which is a pointer ({Describe(Top.Registers[0])})");
        if (pointer.Kind is not (RegisterKind.Stack or RegisterKind.MapValue or RegisterKind.Memory))
            throw Refuse($"atomic operation on r{i.Destination}, which isn't stack, map value or allocated memory ({Describe(pointer)})");
        Tnum address = Tnum.Add(pointer.Number.Full.Bits, Tnum.Constant((ulong)(pointer.Offset + i.Offset)));
        if ((address.Max & (ulong)(size - 1)) != 0) throw Refuse($"atomic operation on {size} bytes that may not be aligned: r{i.Destination} ({Describe(pointer)})");

        RegisterState old = UnknownOfSize(size);
        if (pointer.Kind == RegisterKind.Stack)
        {
            Record(AccessRegion.Stack);
            RegisterState before = ReadStack(i.Destination, pointer, i.Offset, size, signed: true);
            if (before.IsPointer) throw Refuse("atomic operation on a stored pointer");
            old = RegisterState.Of(before.Number);
            WriteStack(i.Destination, pointer, i.Offset, size, RegisterState.Unknown, -1);
        }
        else
        {
            CheckRange(i.Destination, pointer, i.Offset, size, Access.Read);
            CheckRange(i.Destination, pointer, i.Offset, size, Access.Write);
            Record(RegionOf(pointer.Kind));
        }

        bool fetches = exchanges || (i.Immediate & Opcodes.AtomicFetch) != 0;
        if (fetches) Top.Registers[i.AtomicOperation == AtomicOperation.CompareExchange ? 0 : i.Source] = old;
    }

    private void LoadImmediate(Instruction i)
    {
        ref RegisterState destination = ref Registers[i.Destination];
        switch ((PseudoSource)i.Source)
        {
            case PseudoSource.None:
                destination = RegisterState.Constant(program.WideImmediate(slot));
                break;
            case PseudoSource.Map:
                destination = RegisterState.Pointer(RegisterKind.Map, i.Immediate);
                break;
            case PseudoSource.MapValue:
                MapDefinition map = maps[i.Immediate];
                int offset = code[slot + 1].Immediate;
                if (map.Type != MapType.Array || map.MaxEntries != 1) throw Refuse($"the address of a value of map {map.Name}, which isn't an array of one");
                if (offset < 0 || offset >= map.ValueSize) throw Refuse($"offset {offset} into the {map.ValueSize} bytes of map {map.Name}'s value");
                destination = RegisterState.Pointer(RegisterKind.MapValue, i.Immediate, offset);
                break;
            default:
                int subprogram = program.SubprogramAt(program.CallTarget(slot));
                if (program.Subprograms[subprogram].Start != program.CallTarget(slot)) throw Refuse("function address that isn't a function's start");
                destination = RegisterState.Pointer(RegisterKind.Subprogram, subprogram);
                break;
        }
    }

    // Legacy packet loads: r6 must be the context; a load outside of the packet ends the program with 0.
    private void LoadLegacy(Instruction i)
    {
        if (!program.Type.HasLegacyPacketLoads) throw Refuse($"programs of type {program.Type.Name} have no legacy packet loads");
        if (path.FrameCount > 1) throw Refuse("legacy packet load outside of the program's first function, which it may end");
        if (path.ReferenceCount > 0) throw Refuse($"legacy packet load, which may end the program, while the memory acquired at instruction {path.ReferenceSlots[0]} is held");
        if (Initialized(6) is not { Kind: RegisterKind.Context, IsUnmodified: true }) throw Refuse($"legacy packet load needs the context in r6, which is {Describe(Registers[6])}");
        if (i.Mode == AccessMode.Indirect) NumberOf(i.Source, "legacy packet load at an offset");
        ForgetArguments();
        Registers[0] = UnknownOfSize(i.SizeInBytes);
    }

    /// <summary>Checks that <paramref name="size"/> bytes from the pointer plus <paramref name="offset"/> may be accessed. Not for stack and context.</summary>
    private void CheckRange(int register, in RegisterState pointer, long offset, long size, Access access)
    {
        if (pointer.Kind == RegisterKind.Scalar) throw Refuse($"r{register} is a number, not a pointer ({Describe(pointer)})");
        if (pointer.MaybeNull) throw Refuse($"r{register} may be null ({Describe(pointer)}): compare it with 0 first");
        long min = pointer.Number.Full.SMin, max = pointer.Number.Full.SMax;
        if (min < -MaxOffset || max > MaxOffset)
            throw Refuse($"the offset of r{register} ({Describe(pointer)}) isn't bounded{(max <= MaxOffset ? " below" : min >= -MaxOffset ? " above" : "")}");
        min += pointer.Offset + offset;
        max += pointer.Offset + offset + size;
        switch (pointer.Kind)
        {
            case RegisterKind.MapValue:
                MapDefinition map = maps[pointer.Object];
                if (min < 0 || max > map.ValueSize)
                    throw Refuse($"bytes {min} to {max} of the {map.ValueSize}-byte value of map {map.Name} through r{register} ({Describe(pointer)})");
                if (access == Access.Write && map.IsReadOnlyToPrograms) throw Refuse($"store into map {map.Name}, which programs may only read");
                if (access == Access.Read && (map.Flags & MapFlags.ProgramWriteOnly) != 0) throw Refuse($"load from map {map.Name}, which programs may only write");
                break;
            case RegisterKind.Memory:
                if (min < 0 || max > pointer.Extent) throw Refuse($"bytes {min} to {max} of {pointer.Extent} bytes of memory through r{register} ({Describe(pointer)})");
                if (access == Access.Write && pointer.IsReadOnly) throw Refuse($"store through r{register} into memory that may only be read ({Describe(pointer)})");
                break;
            case RegisterKind.Packet or RegisterKind.PacketMeta:
                // The end is known relative to where the variable part leads; the start absolutely.
                long end = pointer.Offset + offset + size;
                if (min < 0) throw Refuse($"bytes from {min} of the packet through r{register} ({Describe(pointer)})");
                if (end > pointer.Extent)
                    throw Refuse($"{size} bytes of the packet through r{register} ({Describe(pointer)}) at offset {pointer.Offset + offset}: only {pointer.Extent} are known to be there");
                if (access == Access.Write && !program.Type.CanWritePacket) throw Refuse($"programs of type {program.Type.Name} may not write packets");
                break;
            default:
                throw Refuse($"r{register} can't be used to access memory ({Describe(pointer)})");
        }
    }
}
