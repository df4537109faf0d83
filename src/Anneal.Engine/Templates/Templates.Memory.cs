// Loads, stores, and the instance's globals and tables. A guarded access is one instruction: the index is zero-extended
// in its slot and the reservation behind the memory covers every index plus offset, so the hardware checks it.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Templates;

internal sealed unsafe partial class Templates<TOperands>
{
    private const int PageShift = 16;

    public void I32Load(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Plain32, d, a, m, o, 4);

    public void I64Load(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Plain64, d, a, m, o, 8);

    public void F32Load(int d, Source a, MemoryOperand m, ulong o) => LoadX(Width.F32, d, a, m, o, 4);

    public void F64Load(int d, Source a, MemoryOperand m, ulong o) => LoadX(Width.F64, d, a, m, o, 8);

    public void I32Load8S(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Signed8To32, d, a, m, o, 1);

    public void I32Load8U(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Unsigned8, d, a, m, o, 1);

    public void I32Load16S(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Signed16To32, d, a, m, o, 2);

    public void I32Load16U(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Unsigned16, d, a, m, o, 2);

    public void I64Load8S(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Signed8To64, d, a, m, o, 1);

    public void I64Load8U(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Unsigned8, d, a, m, o, 1);

    public void I64Load16S(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Signed16To64, d, a, m, o, 2);

    public void I64Load16U(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Unsigned16, d, a, m, o, 2);

    public void I64Load32S(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Signed32To64, d, a, m, o, 4);

    public void I64Load32U(int d, Source a, MemoryOperand m, ulong o) => Load(LoadKind.Plain32, d, a, m, o, 4);

    public void I32Store(Source a, Source b, MemoryOperand m, ulong o) => Store(Size.Dword, a, b, m, o, 4);

    public void I64Store(Source a, Source b, MemoryOperand m, ulong o) => Store(Size.Qword, a, b, m, o, 8);

    public void F32Store(Source a, Source b, MemoryOperand m, ulong o) => StoreX(Width.F32, a, b, m, o, 4);

    public void F64Store(Source a, Source b, MemoryOperand m, ulong o) => StoreX(Width.F64, a, b, m, o, 8);

    public void I32Store8(Source a, Source b, MemoryOperand m, ulong o) => Store(Size.Byte, a, b, m, o, 1);

    public void I32Store16(Source a, Source b, MemoryOperand m, ulong o) => Store(Size.Word, a, b, m, o, 2);

    public void I64Store8(Source a, Source b, MemoryOperand m, ulong o) => Store(Size.Byte, a, b, m, o, 1);

    public void I64Store16(Source a, Source b, MemoryOperand m, ulong o) => Store(Size.Word, a, b, m, o, 2);

    public void I64Store32(Source a, Source b, MemoryOperand m, ulong o) => Store(Size.Dword, a, b, m, o, 4);

    public void MemorySize(int d, int memory)
    {
        Gpr result = operands.Define(d);
        asm.Mov(Q, result, operands.InstanceAt(InstanceField.Memory, target.Layout.Memories + (memory * 8)));
        asm.Mov(Q, result, Mem.At(result, (int)Offsets.MemoryLength));
        asm.Shr(Q, result, PageShift);
        operands.Commit(d, result);
    }

    public void GlobalGet(int d, int global)
    {
        Gpr result = operands.Define(d);
        asm.Mov(Q, result, GlobalCell(global));
        operands.Commit(d, result);
    }

    public void FglobalGet(int d, int global)
    {
        Xmm result = operands.DefineX(d);
        asm.Movsd(result, GlobalCell(global));
        operands.Commit(d, result);
    }

    public void GlobalSet(Source a, int global)
    {
        if (TryImmediate(Q, a, out int immediate))
        {
            asm.Mov(Q, GlobalCell(global), immediate);
            return;
        }

        Gpr value = operands.Use(a);
        asm.Mov(Q, GlobalCell(global), value);
    }

    public void FglobalSet(Source a, int global)
    {
        Xmm value = operands.UseX(a);
        asm.Movsd(GlobalCell(global), value);
    }

    public void TableGet(int d, Source a, int table)
    {
        Gpr index = operands.Use(a);
        Gpr result = operands.Define(d);
        Mem element = TableElement(index, table);
        asm.Mov(Q, result, element);
        operands.Commit(d, result);
    }

    public void TableSet(Source a, Source b, int table)
    {
        Gpr value = operands.Use(b);
        Gpr index = operands.Use(a);
        asm.Mov(Q, TableElement(index, table), value);
    }

    public void TableSize(int d, int table)
    {
        Gpr result = operands.Define(d);
        asm.Mov(Q, result, operands.InstanceAt(InstanceField.Table, target.Layout.Tables + (table * 8)));
        asm.Mov(Q, result, Mem.At(result, (int)Offsets.TableLength));
        operands.Commit(d, result);
    }

    public void NullCheck(Source a)
    {
        Gpr value = operands.Use(a);
        asm.Test(Q, value, value);
        asm.Jcc(Condition.E, operands.TrapLabel(TrapKind.NullReference));
    }

    private enum LoadKind
    {
        Plain32,
        Plain64,
        Unsigned8,
        Unsigned16,
        Signed8To32,
        Signed16To32,
        Signed8To64,
        Signed16To64,
        Signed32To64,
    }

    private void Load(LoadKind kind, int d, Source a, MemoryOperand memory, ulong offset, int width)
    {
        Mem address = Address(a, memory, offset, width);
        Gpr result = operands.Define(d);
        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        switch (kind)
        {
            case LoadKind.Plain32: asm.Mov(D, result, address); break;
            case LoadKind.Plain64: asm.Mov(Q, result, address); break;
            case LoadKind.Unsigned8: asm.Movzx(Size.Byte, result, address); break;
            case LoadKind.Unsigned16: asm.Movzx(Size.Word, result, address); break;
            case LoadKind.Signed8To32: asm.Movsx(D, Size.Byte, result, address); break;
            case LoadKind.Signed16To32: asm.Movsx(D, Size.Word, result, address); break;
            case LoadKind.Signed8To64: asm.Movsx(Q, Size.Byte, result, address); break;
            case LoadKind.Signed16To64: asm.Movsx(Q, Size.Word, result, address); break;
            default: asm.Movsxd(result, address); break;
        }

        operands.Commit(d, result);
    }

    private void LoadX(Width floatWidth, int d, Source a, MemoryOperand memory, ulong offset, int width)
    {
        Mem address = Address(a, memory, offset, width);
        Xmm result = operands.DefineX(d);
        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        if (floatWidth == Width.F64) asm.Movsd(result, address);
        else asm.Movss(result, address);
        operands.Commit(d, result);
    }

    private void Store(Size size, Source a, Source b, MemoryOperand memory, ulong offset, int width)
    {
        if (TryImmediate(size == Q ? Q : D, b, out int immediate))
        {
            Mem place = Address(a, memory, offset, width, Access.Write);
            operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
            asm.Mov(size, place, size == Size.Byte ? (sbyte)immediate : size == Size.Word ? (short)immediate : immediate);
            return;
        }

        Gpr value = operands.Use(b);
        Mem address = Address(a, memory, offset, width, Access.Write);
        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        asm.Mov(size, address, value);
    }

    private void StoreX(Width floatWidth, Source a, Source b, MemoryOperand memory, ulong offset, int width)
    {
        Xmm value = operands.UseX(b);
        Mem address = Address(a, memory, offset, width, Access.Write);
        operands.Site((SiteKind)TrapKind.MemoryOutOfBounds);
        if (floatWidth == Width.F64) asm.Movsd(address, value);
        else asm.Movss(address, value);
    }

    /// <summary>The operand of an access of <paramref name="width"/> bytes, checked as the mode says. May use the scratch register.</summary>
    private Mem Address(Source a, MemoryOperand memory, ulong offset, int width, Access access = Access.Read) => memory.Mode switch
    {
        AddressingMode.Guarded => GuardedAddress(a, memory.Memory, offset),
        AddressingMode.Checked => CheckedAddress(a, memory.Memory, offset, width, access),
        AddressingMode.Trusted => TrustedAddress(a, offset),
        _ => Mem.At(SectionedAddress(a, memory.Memory, offset, width, access)),
    };

    private Mem GuardedAddress(Source a, int memory, ulong offset)
    {
        Gpr origin = memory == 0 ? Registers.MemoryBase : MemoryOrigin(memory, operands.Temporary());
        return operands.Indexed(origin, a, offset);
    }

    // The register that has a memory's base: its own, or the one given.
    private Gpr MemoryOrigin(int memory, Gpr register)
    {
        if (memory == 0) return Registers.MemoryBase;
        asm.Mov(Q, register, operands.InstanceAt(InstanceField.Memory, target.Layout.Memories + (memory * 8)));
        asm.Mov(Q, register, Mem.At(register, (int)Offsets.MemoryBase));
        return register;
    }

    private Mem CheckedAddress(Source a, int memory, ulong offset, int width, Access access)
    {
        Gpr state = CheckBounds(a, memory, offset, width, access);
        asm.Add(Q, Registers.Scratch, Mem.At(state, (int)Offsets.MemoryBase));
        return Mem.At(Registers.Scratch, -width);
    }

    // Leaves the index of the access's end in the scratch register; gives the register that the memory's state is in.
    private Gpr CheckBounds(Source a, int memory, ulong offset, int width, Access access)
    {
        Gpr index = operands.Use(a);
        Gpr state = operands.Temporary();
        // The index is below 2^32 for 32-bit memories; a carry means an address beyond 64 bits.
        Label trap = operands.TrapLabel(TrapKind.MemoryOutOfBounds);
        if (offset + (uint)width < offset) asm.Jmp(trap);
        operands.LoadOffset(Registers.Scratch, offset, width);
        asm.Add(Q, Registers.Scratch, index);
        asm.Jcc(Condition.B, trap);
        if (access == Access.Atomic) TrapUnaligned(Registers.Scratch, width);
        asm.Mov(Q, state, operands.InstanceAt(InstanceField.Memory, target.Layout.Memories + (memory * 8)));
        asm.Cmp(Q, Registers.Scratch, Mem.At(state, (int)Offsets.MemoryLength));
        asm.Jcc(Condition.A, trap);
        return state;
    }

    private Mem TrustedAddress(Source a, ulong offset)
    {
        Gpr address = operands.Use(a);
        if ((long)offset == (int)offset) return Mem.At(address, (int)offset);
        operands.LoadOffset(Registers.Scratch, offset, 0);
        return Mem.At(Registers.Scratch, address);
    }

    private Mem GlobalCell(int global)
    {
        int imported = target.Layout.Counts.ImportedGlobals;
        if (global >= imported)
            return operands.InstanceAt(InstanceField.Global, target.Layout.Cells + ((global - imported) * InstanceLayout.CellBytes));
        asm.Mov(Q, Registers.Scratch, operands.InstanceAt(InstanceField.Global, target.Layout.Globals + (global * 8)));
        return Mem.At(Registers.Scratch);
    }

    /// <summary>The place of a table's element, its index checked. Uses the scratch register.</summary>
    private Mem TableElement(Gpr index, int table)
    {
        asm.Mov(Q, Registers.Scratch, operands.InstanceAt(InstanceField.Table, target.Layout.Tables + (table * 8)));
        asm.Cmp(Q, index, Mem.At(Registers.Scratch, (int)Offsets.TableLength));
        asm.Jcc(Condition.AE, operands.TrapLabel(TrapKind.TableOutOfBounds));
        asm.Mov(Q, Registers.Scratch, Mem.At(Registers.Scratch, (int)Offsets.TableElements));
        return Mem.At(Registers.Scratch, index, 8);
    }
}
