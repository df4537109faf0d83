// Calls. Arguments stand in their natural slots, which are adjacent; the first is the callee's slot 0, and results come
// back from there up, which is where the operand stack wants them.

using System.Collections.Immutable;
using Anneal.Bytecode;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    // What a field for the argument base says when the arguments are copied up: FunctionBody.FarArgumentBase.
    private int farBase;
    private int farCallSlots;
    private bool usesFarCalls;

    private void Call(int function)
    {
        FunctionType type = module.Functions[function];
        int first = PopArguments(type);
        EmitCall(CallOp(function, Op.Call, Op.CallImport), first, type, new CallOperand(function, CallOperand.NoSite, type.ParameterSlots));
        PushResults(type.Results);
    }

    private void TailCall(ref WasmReader reader)
    {
        int function = (int)reader.ReadUnsigned32();
        FunctionType type = module.Functions[function];
        int first = PopArguments(type);
        EmitTailCall(CallOp(function, Op.Tail, Op.TailImport), first, type, new CallOperand(function, CallOperand.NoSite, type.ParameterSlots));
        EndPath(ref reader);
    }

    private void CallIndirect(ref WasmReader reader)
    {
        FunctionType type = reader.ReadTypeIndex();
        int table = Field((int)reader.ReadUnsigned32(), "table");
        int index = PopSlot();
        int first = PopArguments(type);
        EmitCall(Op.CallIndirect, first, type, SiteOperand(type), index, table);
        PushResults(type.Results);
    }

    private void TailCallIndirect(ref WasmReader reader)
    {
        FunctionType type = reader.ReadTypeIndex();
        int table = Field((int)reader.ReadUnsigned32(), "table");
        int index = PopSlot();
        int first = PopArguments(type);
        EmitTailCall(Op.TailIndirect, first, type, SiteOperand(type), index, table);
        EndPath(ref reader);
    }

    private void CallReference(FunctionType type)
    {
        int function = PopSlot();
        int first = PopArguments(type);
        EmitCall(Op.CallRef, first, type, SiteOperand(type), function);
        PushResults(type.Results);
    }

    private void TailCallReference(ref WasmReader reader)
    {
        FunctionType type = reader.ReadTypeIndex();
        int function = PopSlot();
        int first = PopArguments(type);
        EmitTailCall(Op.TailRef, first, type, SiteOperand(type), function);
        EndPath(ref reader);
    }

    private Op CallOp(int function, Op own, Op imported) => function < module.ImportedFunctionCount ? imported : own;

    private CallOperand SiteOperand(FunctionType type) => new(type.CanonicalId, site++, type.ParameterSlots);

    // Brings the arguments to their natural slots and pops them; the slot of the first.
    private int PopArguments(FunctionType type)
    {
        int count = type.Parameters.Length;
        MaterializeTop(count);
        stackCount -= count;
        return NextSlot;
    }

    private void PushResults(ImmutableArray<ValueType> results)
    {
        foreach (ValueType result in results) Push(result, EntryKind.Temporary);
    }

    private void EmitCall(Op op, int first, FunctionType type, CallOperand operand, int callee = -1, int table = 0)
    {
        int place = PlaceArguments(first, type, Math.Max(type.ParameterSlots, type.ResultSlots));
        EmitCallWord(op, place, operand, callee, table);
        if (place == first) return;
        for (int i = 0; i < type.ResultSlots; i++) writer.MovFar(Physical(first + i), Physical(farBase + i));
    }

    private void EmitTailCall(Op op, int first, FunctionType type, CallOperand operand, int callee = -1, int table = 0)
    {
        int place = PlaceArguments(first, type, type.ParameterSlots);
        EmitCallWord(op, place, operand, callee, table);
    }

    private void EmitCallWord(Op op, int place, CallOperand operand, int callee, int table)
    {
        if (callee < 0) Emit(op, place, 0, 0, operand.Bits);
        else Emit(op, callee, place, table, operand.Bits);
    }

    // The argument base as an instruction names it. If it's far, the arguments are copied above all other slots.
    private int PlaceArguments(int first, FunctionType type, int windowSlots)
    {
        if (!isFar || first + windowSlots <= FirstScratch) return first;
        farCallSlots = usesFarCalls ? Math.Max(farCallSlots, windowSlots) : windowSlots;
        usesFarCalls = true;
        for (int i = 0; i < type.ParameterSlots; i++) writer.MovFar(Physical(farBase + i), Physical(first + i));
        return FunctionBody.FarArgumentBaseField;
    }
}
