// Loads, stores, and what else touches memories, tables, globals and segments.

using Anneal.Bytecode;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    // The operand for memory 0, once a function has used it.
    private int memory0;
    private bool hasMemory0;

    private void Load(in LoweringRow row, MemoryArgument argument)
    {
        ref StackEntry top = ref Top;
        int address = Use(ref top);
        top.Type = row.Result;
        EmitValue(row.Op, top.Slot, address, MemoryBits(argument.Memory), argument.Offset);
    }

    private void Store(in LoweringRow row, MemoryArgument argument)
    {
        int value = Use(ref stack[stackCount - 1]);
        int address = Use(ref stack[stackCount - 2]);
        stackCount -= 2;
        Emit(row.Op, address, value, MemoryBits(argument.Memory), argument.Offset);
    }

    private int MemoryBits(uint memory)
    {
        if (memory == 0 && hasMemory0) return memory0;
        if (memory > MemoryOperand.MaxMemory) throw new WasmException($"a function uses memory {memory}; the last one that code can name is {MemoryOperand.MaxMemory}");
        AddressingMode mode = options.AddressingOf is { } addressing ? addressing(module, (int)memory) : options.Addressing;
        int bits = new MemoryOperand((int)memory, mode).Bits;
        if (memory == 0)
        {
            memory0 = bits;
            hasMemory0 = true;
        }

        return bits;
    }

    private void MemorySize(int memory) => PushNumbered(Op.MemorySize, Field(memory, "memory"));

    private void MemoryGrow(int memory)
    {
        ref StackEntry top = ref Top;
        int pages = Use(ref top);
        EmitValue(Op.MemoryGrow, top.Slot, pages, Field(memory, "memory"));
    }

    private void TableSize(int table) => PushNumbered(Op.TableSize, Field(table, "table"));

    private void PushNumbered(Op op, int number)
    {
        ref StackEntry entry = ref Push(ValueType.I32, EntryKind.Temporary);
        EmitValue(op, entry.Slot, number, 0);
    }

    private void TableGet(int table)
    {
        ref StackEntry top = ref Top;
        int index = Use(ref top);
        top.Type = module.Tables[table].Type.Element;
        EmitValue(Op.TableGet, top.Slot, index, Field(table, "table"));
    }

    private void TableSet(int table)
    {
        int value = Use(ref stack[stackCount - 1]);
        int index = Use(ref stack[stackCount - 2]);
        stackCount -= 2;
        Emit(Op.TableSet, index, value, Field(table, "table"));
    }

    private void TableGrow(uint table)
    {
        int delta = UseCharged(Op.FuelElements, ref stack[stackCount - 1]);
        ref StackEntry result = ref stack[stackCount - 2];
        int value = Use(ref result);
        stackCount--;
        result.Type = ValueType.I32;
        EmitValue(Op.TableGrow, result.Slot, value, delta, table);
    }

    private void GlobalGet(int global)
    {
        ref StackEntry entry = ref Push(module.Globals[global].Type.Content, EntryKind.Temporary);
        EmitValue(entry.IsFloat ? Op.FglobalGet : Op.GlobalGet, entry.Slot, 0, 0, (uint)global);
    }

    private void GlobalSet(int global)
    {
        bool isFloat = Top.IsFloat;
        Emit(isFloat ? Op.FglobalSet : Op.GlobalSet, PopSlot(), 0, 0, (uint)global);
    }

    private void BulkPair(Op op, Op charge, uint first, uint second) => Bulk(op, charge, first | ((ulong)second << 32));

    // A bulk op keeps its progress in its operands: they must be temporaries of its own.
    private void Bulk(Op op, Op charge, ulong word)
    {
        MaterializeTop(3);
        UseCharged(charge, ref Top);
        stackCount -= 3;
        Emit(op, stack[stackCount].Slot, stack[stackCount + 1].Slot, stack[stackCount + 2].Slot, word);
    }

    private void Drop(Op op, uint segment) => Emit(op, 0, 0, 0, segment);

    private static int Field(int number, string what) =>
        (uint)number <= ushort.MaxValue ? number : throw new WasmException($"a function uses {what} {number}; the last one that code can name is {ushort.MaxValue}");
}
