// Makes a body's stream (StreamLayout says how it looks). Three passes over the bytecode: sizes and branch targets; instructions
// with their keys; handlers, once it's known which results stay in an accumulator.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Templates;
using Anneal.Tiering;

namespace Anneal.Threaded;

/// <summary>Predecodes bodies. Reusable, not thread-safe.</summary>
internal sealed unsafe class Predecoder
{
    private readonly Accumulators accumulators = new();
    private int[] offsets = new int[256];
    private bool[] isTarget = new bool[256];
    private HandlerKey[] keys = new HandlerKey[256];
    private int[] places = new int[256];

    // By instruction: whether a branch comes to it, and the last instruction that branches back to it.
    private bool[] isEntered = new bool[256];
    private int[] ends = new int[256];
    private int[] numbers = new int[256];

    private byte[] buffer = new byte[4096];
    private int count;
    private byte* stream;
    private InstanceLayout layout = null!;
    private CodeTarget target = null!;
    private FunctionBody body = null!;
    private bool counting;
    private bool refused;

    /// <summary>The finished stream, to be copied to its place: nothing in it depends on where it is.</summary>
    public ReadOnlySpan<byte> Result => buffer.AsSpan(0, length);

    private int length;

    /// <summary>Predecodes a body; false if it has something that the interpreter doesn't do.</summary>
    /// <exception cref="OutOfMemoryException">The code space has no room for a handler.</exception>
    public bool TryPredecode(FunctionBody function, CodeTarget unit, Handlers handlers, TieringPolicy policy)
    {
        body = function;
        target = unit;
        layout = unit.Layout;
        counting = policy.IsCounting;
        refused = false;
        fixed (ulong* code = function.Code)
        {
            if (!Measure(code)) return false;
            if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, buffer.Length * 2));
            fixed (byte* start = buffer)
            {
                stream = start;
                WriteEnter(policy.EntryHeat);
                WriteInstructions(code, policy.Heat);
                if (refused) return false;
                WriteHandlers(handlers);
            }
        }

        return true;
    }

    private bool Measure(ulong* code)
    {
        int words = body.Code.Length;
        if (offsets.Length <= words)
        {
            int size = Math.Max(words + 1, offsets.Length * 2);
            offsets = new int[size];
            isTarget = new bool[size];
            keys = new HandlerKey[size + 1];
            places = new int[size + 1];
            isEntered = new bool[size + 1];
            ends = new int[size + 1];
            numbers = new int[size];
        }
        else
        {
            Array.Clear(isTarget, 0, words);
        }

        long offset = StreamLayout.EnterBytes;
        for (int pc = 0; pc < words;)
        {
            offsets[pc] = (int)offset;
            ulong word = code[pc];
            var op = (Op)(ushort)word;
            int extra = OpTable.WordsOf(op);
            switch (StreamLayout.ShapeOf(op))
            {
                case Shape.Jump or Shape.Branch: isTarget[new BranchTarget(code[pc + 1]).Pc] = true; break;
                case Shape.BranchTable:
                    int targets = (ushort)(word >> 32) + 1;
                    for (int i = 0; i < targets; i++) isTarget[new BranchTarget(code[pc + 1 + i]).Pc] = true;
                    extra += targets;
                    break;
                case Shape.Unknown: return false;
            }

            offset += StreamLayout.SizeAt(code + pc, counting);
            if (offset > int.MaxValue / 2) return false;
            pc += extra;
        }

        length = (int)offset;
        return true;
    }

    private void WriteEnter(int heat)
    {
        int locals = Math.Max(0, body.TemporaryBase - body.ParameterSlots);
        bool isLarge = locals >= HandlerKey.ManyLocals || body.FrameBytes > Execution.ProbedFrameBytes;
        *(int*)(stream + StreamLayout.EnterFrameBytes) = Math.Max(8, body.FrameBytes);
        *(int*)(stream + StreamLayout.EnterFirstLocal) = body.ParameterSlots * sizeof(ulong);
        *(int*)(stream + StreamLayout.EnterHeat) = heat;
        *(int*)(stream + StreamLayout.EnterLocals) = locals;
        *(long*)(stream + StreamLayout.ThirdExtension) = 0;
        keys[0] = new HandlerKey(HandlerKey.Enter, isLarge ? HandlerKey.ManyLocals : locals);
        places[0] = 0;
        ends[0] = 0;
        count = 1;
    }

    private void WriteInstructions(ulong* code, int heat)
    {
        int words = body.Code.Length;
        accumulators.Clear();
        for (int pc = 0; pc < words;)
        {
            ulong word = code[pc];
            var op = (Op)(ushort)word;
            int place = offsets[pc];
            byte* to = stream + place;
            *(ulong*)(to + StreamLayout.Fields) = word >> 16;
            int extra = OpTable.WordsOf(op);
            var key = new HandlerKey(op);
            switch (StreamLayout.ShapeOf(op))
            {
                case Shape.Fields: break;
                case Shape.Jump or Shape.Branch:
                    int destination = new BranchTarget(code[pc + 1]).Pc;
                    *(int*)(to + StreamLayout.Immediate) = offsets[destination] - place;
                    if (destination <= pc) ends[numbers[destination]] = count;
                    if (counting && op != Op.Br)
                    {
                        *(long*)(to + StreamLayout.Taken) = 0;
                        key = new HandlerKey(op, Forms.Counting);
                    }

                    break;
                case Shape.Loop:
                    *(int*)(to + StreamLayout.LoopHeat) = heat;
                    *(int*)(to + StreamLayout.LoopIndex) = (int)code[pc + 1];
                    *(nint*)(to + StreamLayout.LoopTarget) = 0;
                    if (heat == Tuning.Never) key = new HandlerKey(op, Forms.WithoutHeat);
                    break;
                case Shape.BranchTable:
                    int targets = (ushort)(word >> 32) + 1;
                    *(int*)(to + StreamLayout.Immediate) = targets - 1;
                    for (int i = 0; i < targets; i++)
                    {
                        int aim = new BranchTarget(code[pc + 1 + i]).Pc;
                        *(int*)(to + StreamLayout.Extension + (i * 4)) = offsets[aim] - place;
                        if (aim <= pc) ends[numbers[aim]] = count;
                    }

                    extra += targets;
                    break;
                default: key = WriteOther(code + pc, op, to); break;
            }

            if (isTarget[pc]) accumulators.Clear();
            key = accumulators.Read(code + pc, key, keys);
            if (Accumulators.Survive(op)) accumulators.Write(op, (ushort)(word >> 16), count, body.TemporaryBase);
            else accumulators.Clear();
            keys[count] = key;
            isEntered[count] = isTarget[pc];
            ends[count] = 0;
            numbers[pc] = count;
            places[count++] = place;
            pc += extra;
        }
    }

    // Every instruction has its own handler, so that each can be entered; the first of a fused sequence has that of the sequence.
    private void WriteHandlers(Handlers handlers)
    {
        int loopEnd = 0;
        for (int i = 0; i < count; i++)
        {
            nint handler = 0;
            loopEnd = Math.Max(loopEnd, ends[i]);
            int run = 1;
            if (i < loopEnd && Fusion.CanLead(keys[i]))
            {
                while (run < Fusion.MaximumLength && i + run <= loopEnd && !isEntered[i + run])
                {
                    run++;
                    if (!Fusion.CanLead(keys[i + run - 1])) break;
                }
            }

            if (run > 1) handler = handlers.AddressOf(keys.AsSpan(i, run));
            *(nint*)(stream + places[i]) = handler != 0 ? handler : handlers.AddressOf(keys[i]);
            if (handler == 0) continue;
            for (int inner = i + 1; inner < i + run; inner++)
            {
                loopEnd = Math.Max(loopEnd, ends[inner]);
                *(nint*)(stream + places[inner]) = handlers.AddressOf(keys[inner]);
            }

            i += run - 1;
        }
    }

    // The less frequent shapes.
    private HandlerKey WriteOther(ulong* pc, Op op, byte* to)
    {
        ulong word = *pc;
        switch (StreamLayout.ShapeOf(op))
        {
            case Shape.Access: return WriteAccess(pc, op, to);
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
        if (form is Forms.Guarded or >= Forms.Trusted) return new HandlerKey(op, form);
        *(int*)(to + StreamLayout.Extension) = layout.Memories + (memory.Memory * 8);
        return new HandlerKey(op, Math.Max(form, 0));
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
                return new HandlerKey(op, call.Site == CallOperand.NoSite ? Forms.WithoutSite : 0);
        }
    }
}
