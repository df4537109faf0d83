// What the less frequent shapes of instructions look like in a stream.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Tiering;

namespace Anneal.Threaded;

internal sealed unsafe partial class Predecoder
{
    // The less frequent shapes.
    private HandlerKey WriteOther(ulong* pc, Op op, byte* to, int heat)
    {
        ulong word = *pc;
        switch (StreamLayout.ShapeOf(op))
        {
            case Shape.Access: return WriteAccess(pc, op, to);
            case Shape.Atomic: return WriteAtomic(pc, op, to);
            case Shape.Loop:
                *(int*)(to + StreamLayout.LoopHeat) = heat;
                *(int*)(to + StreamLayout.LoopIndex) = (int)pc[1];
                *(nint*)(to + StreamLayout.LoopTarget) = 0;
                return new HandlerKey(op, heat == Tuning.Never ? Forms.WithoutHeat : 0);
            case Shape.Const:
                if (StreamLayout.IsShort(pc[1]))
                {
                    *(int*)(to + StreamLayout.Immediate) = (int)pc[1];
                    return new HandlerKey(op);
                }

                *(ulong*)(to + StreamLayout.Extension) = pc[1];
                return new HandlerKey(op, Forms.Long);
            case Shape.Select:
                refused |= pc[1] > ushort.MaxValue;
                *(ulong*)(to + StreamLayout.Fields) = (word >> 16) | (pc[1] << 48);
                return new HandlerKey(op);
            case Shape.Global: return WriteGlobal((int)pc[1], op, to);
            case Shape.FunctionReference:
                *(int*)(to + StreamLayout.Immediate) = layout.Functions + ((int)pc[1] * 8);
                return new HandlerKey(op);
            case Shape.Table:
                int table = op == Op.TableSize ? (ushort)(word >> 32) : (ushort)(word >> 48);
                *(int*)(to + StreamLayout.Immediate) = layout.Tables + (table * 8);
                return new HandlerKey(op);
            case Shape.MemorySize:
                *(int*)(to + StreamLayout.Immediate) = layout.Memories + ((ushort)(word >> 32) * 8);
                return new HandlerKey(op);
            case Shape.Fuel:
                *(int*)(to + StreamLayout.Immediate) = (int)pc[1];
                return new HandlerKey(op);
            case Shape.FarMove:
                *(ulong*)(to + StreamLayout.Fields) = pc[1];
                return new HandlerKey(op);
            case Shape.Trap: return new HandlerKey(op, (ushort)(word >> 16));
            case Shape.Bulk:
                *(int*)(to + StreamLayout.Extension) = layout.Memories + ((int)(uint)pc[1] * 8);
                *(int*)(to + StreamLayout.SecondExtension) = layout.Memories + ((int)(pc[1] >> 32) * 8);
                *(nint*)(to + StreamLayout.ThirdExtension) = (nint)pc;
                return new HandlerKey(op);
            case Shape.Rare:
                *(nint*)(to + StreamLayout.Fields) = (nint)pc;
                return new HandlerKey(op);
            default: return WriteCall(pc, op, to);
        }
    }

    private HandlerKey WriteAccess(ulong* pc, Op op, byte* to)
    {
        *(uint*)(to + StreamLayout.Immediate) = (uint)pc[1];
        return WriteMemory(pc, op, to, OpTable.WidthOf(op));
    }

    // The operands behind the offset take the fields that others have the offset in.
    private HandlerKey WriteAtomic(ulong* pc, Op op, byte* to)
    {
        int words = OpTable.WordsOf(op);
        ulong x = words > 2 ? pc[2] : 0, y = words > 3 ? pc[3] : 0;
        refused |= (x | y) > ushort.MaxValue;
        *(uint*)(to + StreamLayout.Immediate) = (uint)(ushort)x | ((uint)y << 16);
        *(uint*)(to + StreamLayout.AtomicOffset) = (uint)pc[1];
        return WriteMemory(pc, op, to, op >= Op.I64AtomicAdd ? sizeof(ulong) : sizeof(uint));
    }

    // Where the memory is, and what is particular to far offsets.
    private HandlerKey WriteMemory(ulong* pc, Op op, byte* to, int width)
    {
        var memory = new MemoryOperand((ushort)(*pc >> 48));
        ulong offset = pc[1];
        int form = Forms.Of(memory, offset);
        if (StreamLayout.SizeOf(StreamLayout.ShapeOf(op), form) > 16) *(int*)(to + StreamLayout.Extension) = layout.Memories + (memory.Memory * 8);
        refused |= memory.Mode == AddressingMode.Guarded && offset > uint.MaxValue;
        if (form < Forms.Far) return new HandlerKey(op, form);
        *(ulong*)(to + StreamLayout.FarOffset) = offset;
        // No index makes a valid address of that, and handlers take the end for one of 64 bits.
        if (memory.Mode == AddressingMode.Checked && offset + (uint)width < offset) return new HandlerKey(Op.Trap, (int)TrapKind.MemoryOutOfBounds);
        return new HandlerKey(op, form);
    }

    private HandlerKey WriteGlobal(int global, Op op, byte* to)
    {
        int own = global - layout.Counts.ImportedGlobals;
        *(int*)(to + StreamLayout.Immediate) = own < 0 ? layout.Globals + (global * 8) : layout.Cells + (own * InstanceLayout.CellBytes);
        return new HandlerKey(op, own < 0 ? Forms.Imported : 0);
    }

    private HandlerKey WriteCall(ulong* pc, Op op, byte* to)
    {
        ulong word = *pc;
        var call = new CallOperand(pc[1]);
        Shape shape = StreamLayout.ShapeOf(op);
        int argumentBase = (ushort)(word >> (shape == Shape.Call ? 16 : 32));
        if (argumentBase == FunctionBody.FarArgumentBaseField) argumentBase = body.FarArgumentBase;
        *(int*)(to + StreamLayout.Immediate) = argumentBase * sizeof(ulong);
        *(int*)(to + StreamLayout.ThirdExtension) = call.ArgumentSlots;
        switch (shape)
        {
            case Shape.Call when op is Op.Call or Op.Tail:
                *(nint*)(to + StreamLayout.Extension) = target.TrampolineOf(call.Callee);
                return new HandlerKey(op);
            case Shape.Call:
                *(int*)(to + StreamLayout.Extension) = layout.Functions + (call.Callee * 8);
                return new HandlerKey(op);
            case Shape.ReferenceCall: return new HandlerKey(op);
            default:
                *(int*)(to + StreamLayout.Extension) = layout.Tables + ((ushort)(word >> 48) * 8);
                *(int*)(to + StreamLayout.SecondExtension) = layout.Feedback + (call.Site * 8);
                *(int*)(to + StreamLayout.ThirdExtension) = call.Callee;
                *(int*)(to + StreamLayout.FourthExtension) = call.ArgumentSlots;
                *(long*)(to + StreamLayout.Misses) = 0;
                return new HandlerKey(op, call.Site == CallOperand.NoSite ? Forms.WithoutSite : 0);
        }
    }
}
