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
        var memory = new MemoryOperand((ushort)(*pc >> 48));
        int form = Forms.Of(memory);
        ulong offset = pc[1];
        refused |= form < 0 || (form >= Forms.Trusted ? (long)offset != (int)offset : offset > uint.MaxValue);
        *(uint*)(to + StreamLayout.Immediate) = (uint)offset;
        if (form == Forms.Guarded) return new HandlerKey(op, offset == 0 ? Forms.GuardedAtZero : form);
        if (form >= Forms.Trusted) return new HandlerKey(op, form);
        *(int*)(to + StreamLayout.Extension) = layout.Memories + (memory.Memory * 8);
        return new HandlerKey(op, Math.Max(form, 0));
    }

    // The operands beyond the offset take the places that the bytecode's first word has for the memory, and for nothing.
    private HandlerKey WriteAtomic(ulong* pc, Op op, byte* to)
    {
        ulong word = *pc;
        var memory = new MemoryOperand((ushort)(word >> 48));
        ulong offset = pc[1];
        int words = OpTable.WordsOf(op), form = Forms.Of(memory);
        ulong x = words > 2 ? pc[2] : 0, y = words > 3 ? pc[3] : 0;
        refused |= (x | y) > ushort.MaxValue || form < 0 || (form >= Forms.Trusted ? (long)offset != (int)offset : offset > uint.MaxValue);
        *(ulong*)(to + StreamLayout.Fields) = (uint)(word >> 16) | ((ulong)(ushort)x << 32) | (y << 48);
        *(int*)(to + StreamLayout.Extension) = layout.Memories + (memory.Memory * 8);
        *(uint*)(to + StreamLayout.AtomicOffset) = (uint)offset;
        return new HandlerKey(op, form == Forms.Guarded && offset == 0 ? Forms.GuardedAtZero : Math.Max(form, 0));
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
