// Blocks, branches and their labels. Frames are explicit: nesting costs no native stack. Code that can't be reached is
// passed over, never lowered.

using Anneal.Bytecode;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    // The most targets of one br_table op.
    private const int MaxTableTargets = ushort.MaxValue;

    private ControlFrame[] control = new ControlFrame[64];
    private int controlCount;
    private int[] tableDepths = new int[64];
    private int[] stubFrames = new int[16];
    private int tableNumber;

    // A branch condition: the branch taken when it holds, and its operands as raw fields.
    private readonly record struct Condition(Op Taken, int First, int Second)
    {
        public Op NotTaken => CompareOps.NegateBranch(Taken);
    }

    private ref ControlFrame Target(int depth) => ref control[controlCount - 1 - depth];

    private ref ControlFrame PushControl(ControlKind kind, BlockType type, int parameters, BytecodeLabel label)
    {
        if (controlCount == control.Length) Array.Resize(ref control, controlCount * 2);
        int height = stackCount - parameters;
        ref ControlFrame frame = ref control[controlCount++];
        frame = new ControlFrame
        {
            Kind = kind,
            Type = type,
            Height = height,
            BaseSlot = parameters == 0 ? NextSlot : stack[height].Slot,
            Label = label,
        };
        return ref frame;
    }

    private void Block(BlockType type)
    {
        MaterializeLocals();
        ref ControlFrame frame = ref PushControl(ControlKind.Block, type, type.Function?.Parameters.Length ?? 0, default);
        frame.Label = NewLabel(frame.BaseSlot + frame.ResultSlots);
    }

    private void Loop(BlockType type)
    {
        MaterializeLocals();
        ref ControlFrame frame = ref PushControl(ControlKind.Loop, type, type.Function?.Parameters.Length ?? 0, default);
        MaterializeTop(frame.ParameterCount);
        int live = frame.BaseSlot + frame.ParameterSlots;
        frame.Label = NewLabel(live);
        Bind(frame.Label);
        writer.LoopHeader(Physical(live));
        BeginChargedBlock();
    }

    private void If(BlockType type)
    {
        Condition condition = PopCondition();
        MaterializeLocals();
        ref ControlFrame frame = ref PushControl(ControlKind.If, type, type.Function?.Parameters.Length ?? 0, default);
        MaterializeTop(frame.ParameterCount);
        frame.Label = NewLabel(frame.BaseSlot + frame.ResultSlots);
        frame.ElseLabel = NewLabel(frame.BaseSlot + frame.ParameterSlots);
        EmitBranch(condition.NotTaken, condition.First, condition.Second, frame.ElseLabel);
        BeginChargedBlock();
    }

    private void Else()
    {
        ref ControlFrame frame = ref Target(0);
        if (isReachable)
        {
            MaterializeTop(frame.ResultCount);
            EmitBranch(Op.Br, 0, 0, frame.Label);
            frame.IsTargeted = true;
        }

        DropTo(frame.Height);
        Bind(frame.ElseLabel);
        BeginChargedBlock();
        foreach (ValueType parameter in frame.Parameters) Push(parameter, EntryKind.Temporary);
        frame.Kind = ControlKind.Else;
        isReachable = true;
    }

    private void End(ref WasmReader reader)
    {
        ref ControlFrame frame = ref Target(0);
        switch (frame.Kind)
        {
            case ControlKind.Function:
                EndFunction(in frame);
                return;
            case ControlKind.If:
                // Without an else, the parameters are the results, in the same slots.
                Join(ref frame);
                Bind(frame.ElseLabel);
                isReachable = true;
                break;
            case ControlKind.Block or ControlKind.Else when frame.IsTargeted:
                Join(ref frame);
                break;
        }

        controlCount--;
        if (!isReachable) SkipUnreachable(ref reader);
    }

    // The end of a block that branches lead to.
    private void Join(ref ControlFrame frame)
    {
        if (isReachable) MaterializeTop(frame.ResultCount);
        DropTo(frame.Height);
        if (frame.IsTargeted) Bind(frame.Label);
        BeginChargedBlock();
        if (frame.Type.Function is not { } function)
        {
            if (frame.Type.Result != ValueType.Bottom) Push(frame.Type.Result, EntryKind.Temporary);
        }
        else
        {
            foreach (ValueType result in function.Results) Push(result, EntryKind.Temporary);
        }

        isReachable = true;
    }

    private void EndFunction(in ControlFrame frame)
    {
        // Only branches without values come here; those with results return where they are.
        if (frame.IsTargeted) Bind(frame.Label);
        if (isReachable || frame.IsTargeted) EmitReturn();
        controlCount--;
    }

    private void Unreachable(ref WasmReader reader)
    {
        Emit(Op.Trap); // number 0: TrapKind.Unreachable
        EndPath(ref reader);
    }

    private void Return(ref WasmReader reader)
    {
        EmitReturn();
        EndPath(ref reader);
    }

    private void Branch(ref WasmReader reader)
    {
        EmitLeave(ref Target((int)reader.ReadUnsigned32()));
        EndPath(ref reader);
    }

    private void BranchIf(int depth)
    {
        Condition condition = PopCondition();
        EmitConditionalLeave(condition, ref Target(depth));
    }

    // Control doesn't get past the instruction just lowered.
    private void EndPath(ref WasmReader reader)
    {
        DropTo(Target(0).Height);
        isReachable = false;
        SkipUnreachable(ref reader);
    }

    // Passes over code to the else or end that closes the innermost frame.
    private void SkipUnreachable(ref WasmReader reader)
    {
        for (int nesting = 0; ;)
        {
            int at = reader.Position;
            WasmOpcode opcode = reader.ReadOpcode();
            switch (opcode)
            {
                case WasmOpcode.Block or WasmOpcode.Loop or WasmOpcode.If:
                    nesting++;
                    break;
                case WasmOpcode.Else or WasmOpcode.End when nesting == 0:
                    reader.Position = at;
                    return;
                case WasmOpcode.End:
                    nesting--;
                    break;
                case WasmOpcode.CallIndirect or WasmOpcode.CallRef or WasmOpcode.ReturnCallIndirect or WasmOpcode.ReturnCallRef:
                    site++;
                    break;
            }

            reader.SkipImmediate(WasmOpcodes.Find(opcode)!.Immediate);
        }
    }

    // Takes the top entry as a condition. A compare that has just been written becomes part of the branch.
    private Condition PopCondition()
    {
        ref StackEntry top = ref Top;
        if (IsJustProduced(in top))
        {
            ulong word = writer.WordAt(producer);
            int start = producer;
            bool isNegated = floatCompare >= 0 && floatCompare == producer - 1 && (Op)(ushort)word == Op.I32EqK;
            if (isNegated) word = writer.WordAt(--start);
            Op branch = CompareOps.BranchOf((Op)(ushort)word);
            if (branch != Op.Nop)
            {
                writer.Truncate(start);
                floatCompare = producerEnd = -1;
                stackCount--;
                return new Condition(isNegated ? CompareOps.NegateBranch(branch) : branch, (ushort)(word >> 32), (ushort)(word >> 48));
            }
        }

        return new Condition(Op.BrI32NeK, PopSlot(), 0);
    }

    // Whether the values that a branch carries are where the target wants them.
    private bool AreInPlace(in ControlFrame target)
    {
        int count = target.LabelCount;
        if (count == 0) return true;
        int first = stackCount - count;
        if (target.Kind == ControlKind.Function || stack[first].Slot != target.LabelSlot) return false;
        for (int i = first; i < stackCount; i++)
        {
            if (stack[i].Kind != EntryKind.Temporary) return false;
        }

        return true;
    }

    private void EmitConditionalLeave(Condition condition, ref ControlFrame target)
    {
        if (AreInPlace(in target))
        {
            EmitBranch(condition.Taken, condition.First, condition.Second, target.Label);
            target.IsTargeted = true;
            BeginChargedBlock();
            return;
        }

        BytecodeLabel over = NewLabel(NextSlot);
        EmitBranch(condition.NotTaken, condition.First, condition.Second, over);
        EmitLeave(ref target);
        Bind(over);
        BeginChargedBlock();
    }

    // Moves the values and goes to the target. The stack stays as it is.
    private void EmitLeave(ref ControlFrame target)
    {
        if (target.Kind == ControlKind.Function)
        {
            EmitReturn();
            return;
        }

        int to = target.LabelSlot;
        for (int i = stackCount - target.LabelCount; i < stackCount; i++)
        {
            // Ascending order is safe: no destination is above its source.
            EmitPlace(to, in stack[i]);
            to += stack[i].Type.SlotCount;
        }

        EmitBranch(Op.Br, 0, 0, target.Label);
        target.IsTargeted = true;
    }

    private void EmitPlace(int to, in StackEntry entry)
    {
        if (entry.Kind == EntryKind.Constant) EmitConstant(to, entry.Constant);
        else if (SlotOf(in entry) is var from && from != to) EmitMove(to, from, entry.IsFloat);
    }

    private int SlotOf(in StackEntry entry) => entry.Kind == EntryKind.Local ? locals[entry.Local].Slot : entry.Slot;

    // Returns with the results on the stack, which stays as it is.
    private void EmitReturn()
    {
        int count = signature.Results.Length;
        if (count == 0)
        {
            Emit(Op.Ret);
        }
        else if (count == 1)
        {
            ref StackEntry top = ref Top;
            Emit(top.IsFloat ? Op.Fret1 : Op.Ret1, Peek(in top));
        }
        else
        {
            EmitResults(stackCount - count);
            Emit(Op.Ret);
        }
    }

    // Several results go to slots 0.., where locals are: one whose local is overwritten before its turn is moved out first.
    private void EmitResults(int first)
    {
        for (int i = first, to = 0; i < stackCount; to += stack[i++].Type.SlotCount)
        {
            if (IsOverwritten(in stack[i], to)) EmitMove(stack[i].Slot, locals[stack[i].Local].Slot, stack[i].IsFloat);
        }

        for (int i = first, to = 0; i < stackCount; to += stack[i++].Type.SlotCount)
        {
            ref StackEntry entry = ref stack[i];
            if (IsOverwritten(in entry, to)) EmitMove(to, entry.Slot, entry.IsFloat);
            else EmitPlace(to, in entry);
        }
    }

    private bool IsOverwritten(in StackEntry entry, int to) => entry.Kind == EntryKind.Local && locals[entry.Local].Slot < to;
}
