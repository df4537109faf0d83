// Accesses in sectioned mode: a cell of the execution (SectionCell) remembers a section; an access inside of it takes four
// instructions more than a raw one. A miss goes out of line to the runtime, which fills the cell or traps.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Templates;

internal sealed unsafe partial class Templates<TOperands>
{
    private enum Access
    {
        Read,
        Write,

        /// <summary>Reads and writes; the address must be a multiple of the width.</summary>
        Atomic,
    }

    // The host's address of an access, in a register of the template's own.
    private Gpr SectionedAddress(Source a, int cell, ulong offset, int width, Access access)
    {
        Gpr guest = operands.Use(a);
        Gpr address = operands.Temporary();
        if (offset == 0)
        {
            asm.Mov(Q, address, guest);
        }
        else if ((long)offset == (int)offset)
        {
            asm.Lea(Q, address, Mem.At(guest, (int)offset));
        }
        else
        {
            operands.LoadOffset(address, offset, 0);
            asm.Add(Q, address, guest);
        }

        var request = SectionRequest.Of(cell, width, access != Access.Read, (int)address);
        if (access == Access.Atomic) TrapUnaligned(address, width);
        Label miss = asm.Code.NewLabel();
        Label resume = asm.Code.NewLabel();
        asm.Sub(Q, address, CellField(request, SectionCell.LowerOffset));
        asm.Cmp(Q, address, CellField(request, SectionCell.CountsOffset + (request.WidthLog * sizeof(ulong))));
        asm.Jcc(Condition.AE, miss);
        asm.Add(Q, address, CellField(request, SectionCell.HostOffset));
        asm.Code.Bind(resume);
        operands.Later(miss, OutOfLine.SectionMiss, new CallOperand(request.Bits), resume);
        return address;
    }

    private void MissSection(SectionRequest request)
    {
        var address = (Gpr)request.Register;
        asm.Mov(Q, Registers.Scratch, address);
        asm.Add(Q, Registers.Scratch, CellField(request, SectionCell.LowerOffset));
        asm.Mov(Q, Mem.At(Registers.Execution, Offsets.SectionRequest), (int)request.Bits);
        asm.CallExternal(target.Stubs.SectionMiss);
        operands.Site(SiteKind.Call);
        asm.Mov(Q, address, Registers.Scratch);
    }

    private static Mem CellField(SectionRequest request, int field) =>
        Mem.At(Registers.Execution, Offsets.SectionCells + request.CellOffset + field);
}
