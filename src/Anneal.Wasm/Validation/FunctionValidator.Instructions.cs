// The whole instruction set, a case each, in the order of section 3.4. Opcodes whose operand and result types stand in
// their table row need no case beyond that of their immediate.

using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Validation;

internal sealed unsafe partial class FunctionValidator
{
    // Validates the instruction at `position` and moves past it.
    private void Slow()
    {
        WasmReader reader = Reader();
        WasmOpcode opcode = reader.ReadOpcode();
        switch (opcode)
        {
            case WasmOpcode.Block:
                EnterBlock(FrameKind.Block, reader.ReadBlockType());
                break;
            case WasmOpcode.Loop:
                EnterBlock(FrameKind.Loop, reader.ReadBlockType());
                break;
            case WasmOpcode.If:
                BlockType type = reader.ReadBlockType();
                Pop(ValueType.I32);
                EnterBlock(FrameKind.If, type);
                break;
            case WasmOpcode.Else:
                Else();
                break;
            case WasmOpcode.End:
                End(reader.Position);
                break;
            case WasmOpcode.Br:
                Pop(LabelTypes(in Label(reader.ReadUnsigned32())));
                SetUnreachable();
                break;
            case WasmOpcode.BrIf:
            {
                uint label = reader.ReadUnsigned32();
                Pop(ValueType.I32);
                Retype(LabelTypes(in Label(label)));
                break;
            }

            case WasmOpcode.BrTable:
                BranchTable(ref reader);
                break;
            case WasmOpcode.Return:
                Pop(Results(in frames[0]));
                SetUnreachable();
                break;
            case WasmOpcode.Unreachable:
                SetUnreachable();
                break;
            case WasmOpcode.Call:
                Call(Function(reader.ReadUnsigned32()));
                break;
            case WasmOpcode.ReturnCall:
                TailCall(Function(reader.ReadUnsigned32()));
                break;
            case WasmOpcode.CallIndirect:
                Call(IndirectCallee(ref reader));
                break;
            case WasmOpcode.ReturnCallIndirect:
                TailCall(IndirectCallee(ref reader));
                break;
            case WasmOpcode.CallRef:
                Call(ReferencedCallee(ref reader));
                break;
            case WasmOpcode.ReturnCallRef:
                TailCall(ReferencedCallee(ref reader));
                break;
            case WasmOpcode.Drop:
                Pop();
                break;
            case WasmOpcode.Select:
                Select();
                break;
            case WasmOpcode.SelectTyped:
                SelectTyped(ref reader);
                break;
            case WasmOpcode.LocalGet or WasmOpcode.LocalSet or WasmOpcode.LocalTee:
                Local(opcode, reader.ReadUnsigned32());
                break;
            case WasmOpcode.GlobalGet:
                Push(Global(reader.ReadUnsigned32()).Content);
                break;
            case WasmOpcode.GlobalSet:
                GlobalSet(reader.ReadUnsigned32());
                break;
            default:
                if (!Reference(opcode, ref reader) && !Table(opcode, ref reader)) Simple(opcode, ref reader);
                break;
        }

        position = reader.Position;
    }

    // An instruction whose types are all in its row; what is left is to check its immediates.
    private void Simple(WasmOpcode opcode, ref WasmReader reader)
    {
        OpcodeInfo row = WasmOpcodes.Find(opcode)!;
        switch (row.Immediate)
        {
            case ImmediateKind.MemoryArgument:
                MemoryArgument argument = reader.ReadMemoryArgument();
                CheckMemory(argument.Memory);
                if (1UL << (int)argument.AlignmentLog2 > (uint)row.AccessSize) throw Invalid("alignment must not be larger than natural");
                if (argument.Offset > uint.MaxValue) throw Invalid($"offset out of range: {argument.Offset}");
                break;
            case ImmediateKind.Memory:
                CheckMemory(reader.ReadUnsigned32());
                break;
            case ImmediateKind.MemoryAndMemory:
                CheckMemory(reader.ReadUnsigned32());
                CheckMemory(reader.ReadUnsigned32());
                break;
            case ImmediateKind.Data:
                CheckData(ref reader);
                break;
            case ImmediateKind.DataAndMemory:
                CheckData(ref reader);
                CheckMemory(reader.ReadUnsigned32());
                break;
            case ImmediateKind.Element:
                Element(reader.ReadUnsigned32());
                break;
            default:
                reader.SkipImmediate(row.Immediate);
                break;
        }

        for (int i = row.Operands!.Length - 1; i >= 0; i--) Pop(WasmOpcodes.TypeOf(row.Operands[i]));
        foreach (char result in row.Results!) Push(WasmOpcodes.TypeOf(result));
    }

    private void Else()
    {
        if (frames[depth - 1].Kind != FrameKind.If) throw new MalformedModuleException("END opcode expected: else without if", position);
        CloseFrame();

        // The frame just closed is still there to be opened again.
        ref ControlFrame frame = ref frames[depth];
        PushFrame(FrameKind.Else, new BlockType(frame.Function, frame.Result));
        Push(Parameters(in frames[depth - 1]));
    }

    private void End(int after)
    {
        CloseFrame();
        ref ControlFrame frame = ref frames[depth];
        if (frame.Kind == FrameKind.If && !Subtyping.Matches(Parameters(in frame), Results(in frame)))
            throw Invalid("type mismatch: an if without else must give what it takes");
        if (depth == 0)
        {
            if (after != end) throw new MalformedModuleException("section size mismatch: code after the function's end", after);
            return;
        }

        Push(Results(in frame));
    }

    // Conditional branches leave the label's types, not the operands' own.
    private void Retype(ReadOnlySpan<ValueType> types)
    {
        if (types.IsEmpty) return;
        Pop(types);
        Push(types);
    }

    private void BranchTable(ref WasmReader reader)
    {
        int count = reader.ReadCount(1, ModuleLimits.BranchTableTargets, "branch table targets");
        Pop(ValueType.I32);
        branchTables++;
        int arity = -1;
        for (int i = 0; i <= count; i++)
        {
            ref ControlFrame label = ref Label(reader.ReadUnsigned32());
            if (label.Stamp == branchTables) continue;
            label.Stamp = branchTables;
            ReadOnlySpan<ValueType> types = LabelTypes(in label);
            if (arity >= 0 && types.Length != arity)
                throw Invalid("type mismatch: labels of a branch table differ in arity");
            arity = types.Length;
            Peek(types);
        }

        SetUnreachable();
    }

    private FunctionType Function(uint index)
    {
        if (index >= (uint)module.Functions.Length) throw Invalid($"unknown function {index}");
        return module.Functions[index];
    }

    private FunctionType IndirectCallee(ref WasmReader reader)
    {
        FunctionType type = reader.ReadTypeIndex();
        ValueType element = TableAt(reader.ReadUnsigned32()).Element;
        if (!Subtyping.Matches(element, ValueType.FuncRef)) throw Invalid($"type mismatch: call through a table of {element}");
        Pop(ValueType.I32);
        callSites++;
        return type;
    }

    private FunctionType ReferencedCallee(ref WasmReader reader)
    {
        FunctionType type = reader.ReadTypeIndex();
        Pop(ValueType.Concrete(type.CanonicalId, nullable: true));
        callSites++;
        return type;
    }

    private void Call(FunctionType type)
    {
        Pop(type.Parameters.AsSpan());
        Push(type.Results.AsSpan());
    }

    private void TailCall(FunctionType type)
    {
        if (!Subtyping.Matches(type.Results.AsSpan(), Results(in frames[0])))
            throw Invalid("type mismatch: tail call of a function with other results");
        Pop(type.Parameters.AsSpan());
        SetUnreachable();
    }

    private void Select()
    {
        Pop(ValueType.I32);
        ValueType second = Pop();
        ValueType first = Pop();
        if (first.IsReference || second.IsReference) throw Invalid("type mismatch: select of references needs a type");
        if (first != second && first != ValueType.Bottom && second != ValueType.Bottom) throw Mismatch(first, second);
        Push(first == ValueType.Bottom ? second : first);
    }

    private void SelectTyped(ref WasmReader reader)
    {
        int count = reader.ReadCount(1, ModuleLimits.Results, "types");
        ValueType type = default;
        for (int i = 0; i < count; i++) type = reader.ReadValueType();
        if (count != 1) throw Invalid("invalid result arity: select has one result");
        Pop(ValueType.I32);
        Pop(type);
        Pop(type);
        Push(type);
    }

    private void Local(WasmOpcode opcode, uint index)
    {
        if (index >= locals.Count) throw Invalid($"unknown local {index}");
        ValueType type = locals[index];
        if (opcode == WasmOpcode.LocalGet)
        {
            if (!type.IsDefaultable && !locals.IsAssigned(index)) throw Invalid($"uninitialized local {index}");
        }
        else
        {
            Pop(type);
            if (!type.IsDefaultable) locals.Assign(index);
        }

        if (opcode != WasmOpcode.LocalSet) Push(type);
    }

    private GlobalType Global(uint index)
    {
        if (index >= (uint)module.Globals.Length) throw Invalid($"unknown global {index}");
        return module.Globals[index].Type;
    }

    private void GlobalSet(uint index)
    {
        GlobalType type = Global(index);
        if (!type.IsMutable) throw Invalid($"global is immutable: {index}");
        Pop(type.Content);
    }
}
