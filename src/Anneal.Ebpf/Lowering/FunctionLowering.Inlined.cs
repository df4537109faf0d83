// Helpers whose work is done in bytecode: look-ups in arrays, arrays per processor and arrays of maps, tail calls of verified programs, the
// number of the processor. What these need of the run is in its words (RunWords), at the thread pointer.

using System.Numerics;
using Anneal.Bytecode;
using Anneal.Ebpf.Helpers;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Lowering;

internal sealed partial class FunctionLowering
{
    private static readonly MemoryOperand Host = new(0, AddressingMode.Trusted);

    // False if it has to be a call.
    private bool Inlined(int slot, in CallBinding binding)
    {
        switch (binding.Helper.Id)
        {
            case HelperIds.MapLookup when binding.Map >= 0: return Lookup(slot, program.Maps[binding.Map], binding.Map);
            case HelperIds.MapLookup when facts?.Instructions[slot].InnerMap is { } inner: return Lookup(slot, inner, -1);
            case HelperIds.TailCall when binding.Map >= 0 && !IsSandboxed:
                TailCallInPlace(binding.Map);
                return true;
            case HelperIds.ProcessorId:
                LoadRunWord(Slots.Result, RunWords.ProcessorOffset);
                return true;
            default: return false;
        }
    }

    private bool Lookup(int slot, MapDefinition definition, int map)
    {
        switch (definition.Type)
        {
            case MapType.Array or MapType.PerCpuArray:
                Element(slot, definition, map);
                return true;
            case MapType.ArrayOfMaps when !IsSandboxed && map >= 0:
                InnerMap(slot, definition, map);
                return true;
            default: return false;
        }
    }

    // r0 = key below the number of entries ? address of the first value + key * stride : 0. A map of number -1 is the one in r1.
    private void Element(int slot, MapDefinition definition, int map)
    {
        const int R0 = Slots.Result;
        long key = facts is null ? -1 : facts.Instructions[slot].ConstantKey;
        if (key >= definition.MaxEntries)
        {
            writer.Const(R0, 0);
            return;
        }

        if (key >= 0)
        {
            long offset = key * definition.ValueStride;
            if (map < 0)
            {
                LoadValues(R0);
                if (offset != 0) writer.I64Add(R0, R0, Constant(offset));
            }
            else
            {
                writer.Const(R0, unit.Maps.ValuesOf(map) + (ulong)offset);
            }

            AddProcessor(definition);
            return;
        }

        BytecodeLabel missing = writer.NewLabel(argumentBase), done = writer.NewLabel(argumentBase);
        LoadIndex(slot, definition, missing);
        Multiply(R0, R0, definition.ValueStride);
        int values = Temporary();
        if (map < 0) LoadValues(values);
        else writer.Const(values, unit.Maps.ValuesOf(map));
        writer.I64Add(R0, R0, values);
        AddProcessor(definition);
        OrElseZero(missing, done);
    }

    // r0 = the handle of the map at an index, 0 if there's none.
    private void InnerMap(int slot, MapDefinition definition, int map)
    {
        const int R0 = Slots.Result;
        ulong column = unit.Maps.ColumnOf(map);
        long key = facts!.Instructions[slot].ConstantKey;
        if (key >= definition.MaxEntries)
        {
            writer.Const(R0, 0);
        }
        else if (key >= 0)
        {
            writer.I64Load(R0, Constant((long)(column + ((ulong)key * sizeof(ulong)))), Host, 0);
        }
        else
        {
            BytecodeLabel missing = writer.NewLabel(argumentBase), done = writer.NewLabel(argumentBase);
            LoadIndex(slot, definition, missing);
            writer.I64ShlK(R0, R0, 3);
            writer.I64Add(R0, R0, Constant((long)column));
            writer.I64Load(R0, R0, Host, 0);
            OrElseZero(missing, done);
        }
    }

    // Looks the program up and counts the call; what fails goes on behind, with an error in r0. (A temporary is dead once read, so
    // some values are made twice.)
    private void TailCallInPlace(int map)
    {
        const int R0 = Slots.Result;
        BytecodeLabel failed = writer.NewLabel(argumentBase);
        int checkedIndex = Temporary(), index = Temporary(), offset = Temporary(), place = Temporary();
        writer.I32WrapI64(checkedIndex, Slots.Of(3));
        BranchBeyond(checkedIndex, program.Maps[map].MaxEntries, failed);
        writer.I32WrapI64(index, Slots.Of(3));
        writer.I64ShlK(offset, index, 3);
        writer.I64Add(place, offset, Constant((long)unit.Maps.ColumnOf(map)));
        writer.I64Load(R0, place, Host, 0);
        writer.Branch(Op.BrI64EqK, R0, 0, failed);
        temporaries = Slots.Temporaries;
        int count = Temporary(), next = Temporary(), words = Temporary();
        LoadRunWord(count, RunWords.TailCallsOffset);
        writer.Branch(Op.BrI64GeUK, count, RunWords.MaxTailCalls, failed);
        count = Temporary();
        LoadRunWord(count, RunWords.TailCallsOffset);
        writer.I64AddK(next, count, 1);
        writer.ThreadPointer(words);
        writer.I64Store32(words, next, Host, RunWords.TailCallsOffset);
        JumpTo(R0, failed);
    }

    // r0 = the index at r2, which is below the number of entries.
    private void LoadIndex(int slot, MapDefinition definition, BytecodeLabel missing)
    {
        writer.I64Load32U(Slots.Result, Slots.Of(2), Memory(slot, 2), 0);
        BranchBeyond(Slots.Result, definition.MaxEntries, missing);
    }

    private void BranchBeyond(int index, int count, BytecodeLabel target)
    {
        if (IsShort(count)) writer.Branch(Op.BrI64GeUK, index, (ushort)count, target);
        else writer.Branch(Op.BrI64GeU, index, Constant(count), target);
    }

    private void OrElseZero(BytecodeLabel missing, BytecodeLabel done)
    {
        writer.Br(done);
        writer.Bind(missing);
        writer.Const(Slots.Result, 0);
        writer.Bind(done);
        isBlockStart = true;
    }

    // The address of the first value of the map whose handle is in r1.
    private void LoadValues(int d) => writer.I64Load(d, Slots.Of(1), Host, MapHeader.ValuesOffset);

    // Processors have their values one array behind the other.
    private void AddProcessor(MapDefinition definition)
    {
        if (definition.Type != MapType.PerCpuArray) return;
        int processor = Temporary(), distance = Temporary();
        LoadRunWord(processor, RunWords.ProcessorOffset);
        Multiply(distance, processor, (long)definition.ValueStride * definition.MaxEntries);
        writer.I64Add(Slots.Result, Slots.Result, distance);
    }

    private void LoadRunWord(int d, int offset)
    {
        int words = Temporary();
        writer.ThreadPointer(words);
        writer.I64Load32U(d, words, Host, (ulong)offset);
    }

    private void Multiply(int d, int a, long by)
    {
        if (long.IsPow2(by)) writer.I64ShlK(d, a, BitOperations.TrailingZeroCount(by));
        else if (IsShort(by)) writer.I64MulK(d, a, (short)by);
        else writer.I64Mul(d, a, Constant(by));
    }
}
