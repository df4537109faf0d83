// Charging fuel. What a basic block costs is counted while its instructions are lowered, and stands in one op at its start,
// which is written before the first instruction that costs anything. Guest instructions are counted, not those of the bytecode,
// so no choice of lowering changes a count. Blocks are those of the guest: what lowering adds to move values around is free.
// Code that can't be reached isn't lowered and costs nothing. Each cycle has a branch or a call, so none is free.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    private readonly bool charges = options.Fuel;

    // The fuel op of the block being lowered; -1 while it has none.
    private int chargePc;

    // What an instruction costs by itself. Marks of blocks are no work; memory.grow is a system call.
    private static uint CostOf(WasmOpcode opcode) => opcode switch
    {
        WasmOpcode.Block or WasmOpcode.Loop or WasmOpcode.Else or WasmOpcode.End => 0,
        WasmOpcode.MemoryGrow => 1 + FuelRates.MemoryGrow,
        _ => 1,
    };

    // Control comes here from elsewhere, or may have gone elsewhere: what follows is paid by itself.
    private void BeginChargedBlock() => chargePc = -1;

    // A call zeroes the callee's locals: the callee pays, but not for one that lowering has added.
    private void ChargeLocals(ref WasmReader reader)
    {
        writer.At(reader.Position);
        int end = retained < 0 ? temporaryBase : locals[retained].Slot;
        Charge((uint)(end - signature.ParameterSlots) >> FuelRates.ElementsShift);
    }

    private void Charge(uint cost)
    {
        if (cost == 0) return;
        if (chargePc >= 0 && writer.ChargeAt(chargePc) > FuelRates.MaximumOfBlock - cost) BeginChargedBlock();
        if (chargePc < 0) chargePc = writer.Fuel(0, Physical(NextSlot));
        writer.AddCharge(chargePc, cost);
    }

    // Charges for the length that an entry holds, which is being consumed: its slot. The charge copies it to the entry's own slot.
    private int UseCharged(Op op, ref StackEntry length)
    {
        int from = Use(ref length);
        if (!charges) return from;
        EmitValue(op, length.Slot, from, 0);
        return length.Slot;
    }
}
