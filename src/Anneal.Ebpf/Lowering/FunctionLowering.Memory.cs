// Loads, stores, atomics and the legacy packet loads.

using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Ebpf.Lowering;

internal sealed partial class FunctionLowering
{
    // The section cells of a sandboxed program: one for the stack, the others by instruction.
    private const int StackCell = 0;

    private void Load(int slot, Instruction i)
    {
        int d = Slots.Of(i.Destination), a = Slots.Of(i.Source);
        if (facts is not null && facts.Instructions[slot].IsContextAccess && PointerField(i) is { } field)
        {
            writer.I64Load(d, a, Memory(slot, i.Source), (ulong)field.HostOffset);
            return;
        }

        MemoryOperand memory = Memory(slot, i.Source);
        ulong offset = (ulong)(long)i.Offset;
        bool signed = i.Mode == AccessMode.MemorySignExtending;
        _ = (i.SizeInBytes, signed) switch
        {
            (1, true) => writer.I64Load8S(d, a, memory, offset),
            (1, false) => writer.I64Load8U(d, a, memory, offset),
            (2, true) => writer.I64Load16S(d, a, memory, offset),
            (2, false) => writer.I64Load16U(d, a, memory, offset),
            (4, true) => writer.I64Load32S(d, a, memory, offset),
            (4, false) => writer.I64Load32U(d, a, memory, offset),
            _ => writer.I64Load(d, a, memory, offset),
        };
    }

    private ContextField? PointerField(Instruction i)
    {
        ContextField? field = program.Type.Context?.Find(i.Offset, i.SizeInBytes);
        return field is null || field.Kind == ContextFieldKind.Scalar ? null : field;
    }

    private void Store(int slot, Instruction i)
    {
        if (i.Mode == AccessMode.Atomic)
        {
            Atomic(slot, i);
            return;
        }

        int a = Slots.Of(i.Destination);
        int b = i.Class == InstructionClass.St ? Constant(i.Immediate) : Slots.Of(i.Source);
        MemoryOperand memory = Memory(slot, i.Destination);
        ulong offset = (ulong)(long)i.Offset;
        _ = i.SizeInBytes switch
        {
            1 => writer.I64Store8(a, b, memory, offset),
            2 => writer.I64Store16(a, b, memory, offset),
            4 => writer.I64Store32(a, b, memory, offset),
            _ => writer.I64Store(a, b, memory, offset),
        };
    }

    private void Atomic(int slot, Instruction i)
    {
        int a = Slots.Of(i.Destination), b = Slots.Of(i.Source);
        MemoryOperand m = Memory(slot, i.Destination);
        ulong o = (ulong)(long)i.Offset;
        bool wide = i.Size == AccessSize.DoubleWord;
        _ = i.AtomicOperation switch
        {
            AtomicOperation.Add => wide ? writer.I64AtomicAdd(a, b, m, o) : writer.I32AtomicAdd(a, b, m, o),
            AtomicOperation.Or => wide ? writer.I64AtomicOr(a, b, m, o) : writer.I32AtomicOr(a, b, m, o),
            AtomicOperation.And => wide ? writer.I64AtomicAnd(a, b, m, o) : writer.I32AtomicAnd(a, b, m, o),
            AtomicOperation.Xor => wide ? writer.I64AtomicXor(a, b, m, o) : writer.I32AtomicXor(a, b, m, o),
            AtomicOperation.FetchAdd => wide ? writer.I64AtomicFetchAdd(b, a, m, o, b) : writer.I32AtomicFetchAdd(b, a, m, o, b),
            AtomicOperation.FetchOr => wide ? writer.I64AtomicFetchOr(b, a, m, o, b) : writer.I32AtomicFetchOr(b, a, m, o, b),
            AtomicOperation.FetchAnd => wide ? writer.I64AtomicFetchAnd(b, a, m, o, b) : writer.I32AtomicFetchAnd(b, a, m, o, b),
            AtomicOperation.FetchXor => wide ? writer.I64AtomicFetchXor(b, a, m, o, b) : writer.I32AtomicFetchXor(b, a, m, o, b),
            AtomicOperation.Exchange => wide ? writer.I64AtomicExchange(b, a, m, o, b) : writer.I32AtomicExchange(b, a, m, o, b),
            _ => wide
                ? writer.I64AtomicCompareExchange(Slots.Result, a, m, o, Slots.Result, b)
                : writer.I32AtomicCompareExchange(Slots.Result, a, m, o, Slots.Result, b),
        };
    }

    // r0 = the packet's bytes at immediate + source register, in network order; where they aren't all there, the program
    // ends with 0. The context is in r6. What is looked at is the context's pointers, so adjusted packets are right too.
    private void PacketLoad(Instruction i)
    {
        ContextField? data = program.Type.Context?.Find(ContextFieldKind.Packet);
        ContextField? end = program.Type.Context?.Find(ContextFieldKind.PacketEnd);
        int size = i.SizeInBytes;
        if (!program.Type.HasLegacyPacketLoads || data is null || end is null)
            throw new InvalidOperationException("a legacy packet load in a program of a type that has none was let through");
        const int R0 = Slots.Result;
        int context = Slots.Of(6);
        BytecodeLabel outside = writer.NewLabel(argumentBase), inside = writer.NewLabel(argumentBase);
        // r0 = the index as an unsigned 32-bit number: a negative one is beyond any packet.
        writer.Const(R0, (uint)i.Immediate);
        if (i.Mode == AccessMode.Indirect) writer.I32Add(R0, R0, Slots.Of(i.Source));
        int start = Temporary(), limit = Temporary(), length = Temporary(), last = Temporary();
        LoadPointer(limit, context, end);
        LoadPointer(start, context, data);
        writer.I64Sub(length, limit, start);
        // The last index that fits; negative when the packet is shorter than the access.
        writer.I64AddK(last, length, -size);
        writer.Branch(Op.BrI64LtS, last, R0, outside);
        int origin = Temporary(), address = Temporary();
        LoadPointer(origin, context, data);
        writer.I64Add(address, origin, R0);
        MemoryOperand memory = IsSandboxed ? new MemoryOperand(1, AddressingMode.Sectioned) : Host;
        switch (size)
        {
            case 1:
                writer.I64Load8U(R0, address, memory, 0);
                break;
            case 2:
                writer.I64Load16U(R0, address, memory, 0);
                writer.I32Bswap(R0, R0);
                writer.I32ShrUK(R0, R0, 16);
                break;
            default:
                writer.I64Load32U(R0, address, memory, 0);
                writer.I32Bswap(R0, R0);
                break;
        }

        writer.Br(inside);
        writer.Bind(outside);
        writer.Const(R0, 0);
        writer.Ret1(R0);
        writer.Bind(inside);
    }

    // A pointer field of the context: the host's 64-bit address, or the guest address that the program itself sees.
    private void LoadPointer(int d, int context, ContextField field)
    {
        if (IsSandboxed) writer.I64Load32U(d, context, new MemoryOperand(2, AddressingMode.Sectioned), (ulong)field.Offset);
        else writer.I64Load(d, context, Host, (ulong)field.HostOffset);
    }

    private MemoryOperand Memory(int slot, int baseRegister)
    {
        if (!IsSandboxed) return Host;
        int cell = baseRegister == 10 ? StackCell : 1 + (slot % (SectionCell.Count - 1));
        return new MemoryOperand(cell, AddressingMode.Sectioned);
    }
}
