// br_table. Its branches carry the same values to targets that want them in different slots, so a branch that has values
// to move goes to a stub behind the table, one a target frame.

using Anneal.Bytecode;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    private void BranchTable(ref WasmReader reader)
    {
        int count = reader.ReadCount(1, ModuleLimits.BranchTableTargets, "branch table targets");
        if (tableDepths.Length <= count) tableDepths = new int[Math.Max(count + 1, tableDepths.Length * 2)];
        for (int i = 0; i <= count; i++) tableDepths[i] = (int)reader.ReadUnsigned32();
        int index;
        if (count > MaxTableTargets)
        {
            // The index is read once a chunk and counted down, so it must be in a local of its own.
            needsRetained = true;
            if (retained < 0) return;
            SetLocal(retained);
            index = locals[retained].Slot;
        }
        else
        {
            index = PopSlot();
        }

        tableNumber++;
        int stubs = 0;
        int start = 0;
        for (; count - start > MaxTableTargets; start += MaxTableTargets)
        {
            BytecodeLabel next = NewLabel(NextSlot);
            EmitTable(index, start, MaxTableTargets, ref stubs);
            writer.TableTarget(next);
            Bind(next);
            int chunk = NextSlot;
            highWater = Math.Max(highWater, chunk + 1);
            EmitConstant(chunk, MaxTableTargets);
            EmitValue(Op.I32Sub, index, index, chunk);
        }

        EmitTable(index, start, count - start, ref stubs);
        writer.TableTarget(TableLabel(tableDepths[count], ref stubs));
        EmitStubs(stubs);
        EndPath(ref reader);
    }

    private void EmitTable(int index, int start, int count, ref int stubs)
    {
        Emit(Op.BrTable, index, count);
        for (int i = start; i < start + count; i++) writer.TableTarget(TableLabel(tableDepths[i], ref stubs));
    }

    private BytecodeLabel TableLabel(int depth, ref int stubs)
    {
        int index = controlCount - 1 - depth;
        ref ControlFrame target = ref control[index];
        if (target.StubTable == tableNumber) return target.Stub;
        bool isInPlace = AreInPlace(in target);
        target.StubTable = tableNumber;
        target.Stub = isInPlace ? target.Label : NewLabel(NextSlot);
        if (isInPlace)
        {
            target.IsTargeted = true;
            return target.Label;
        }

        if (stubs == stubFrames.Length) Array.Resize(ref stubFrames, stubs * 2);
        stubFrames[stubs++] = index;
        return target.Stub;
    }

    private void EmitStubs(int stubs)
    {
        for (int i = 0; i < stubs; i++)
        {
            ref ControlFrame target = ref control[stubFrames[i]];
            Bind(target.Stub);
            EmitLeave(ref target);
            CheckSize();
        }
    }
}
