// Fuel. A charge compares first and stores the rest only if it isn't negative: who finds too little has taken nothing, stops
// out of line and, should it be let go on, starts over at the charge. These are safe points: all slots are at home and no
// register holds one, so a frame can be stopped here and go on in another tier.

using Anneal.Assembler;
using Anneal.Runtime;

namespace Anneal.Templates;

internal sealed unsafe partial class Templates<TOperands>
{
    /// <summary>Charges for the basic block that starts here.</summary>
    public void Fuel(int cost, int liveSlots)
    {
        operands.Spill(liveSlots);
        Label again = BeginCharge();
        Source amount = Source.Constant(cost);
        if (TryImmediate(Q, amount, out int immediate))
        {
            asm.Mov(Q, Registers.Scratch, Left);
            asm.Sub(Q, Registers.Scratch, immediate);
        }
        else
        {
            Gpr register = operands.Use(amount);
            asm.Mov(Q, Registers.Scratch, Left);
            asm.Sub(Q, Registers.Scratch, register);
        }

        EndCharge(Registers.Scratch, again);
    }

    public void FuelBytes(int d, Source a) => ChargeLength(d, a, FuelRates.BytesShift);

    public void FuelElements(int d, Source a) => ChargeLength(d, a, FuelRates.ElementsShift);

    private static Mem Left => Mem.At(Registers.Execution, Offsets.Fuel);

    // Rounds up; a length is an i32, zero-extended, so the sum doesn't overflow.
    private void ChargeLength(int d, Source a, int shift)
    {
        operands.Spill(ushort.MaxValue);
        Label again = BeginCharge();
        Gpr length = operands.DefineFrom(d, a);
        Gpr rest = operands.Temporary();
        asm.Lea(Q, Registers.Scratch, Mem.At(length, (1 << shift) - 1));
        asm.Shr(Q, Registers.Scratch, (byte)shift);
        asm.Mov(Q, rest, Left);
        asm.Sub(Q, rest, Registers.Scratch);
        EndCharge(rest, again);
        operands.Commit(d, length);
    }

    private Label BeginCharge()
    {
        Label again = asm.Code.NewLabel();
        asm.Code.Bind(again);
        return again;
    }

    // Fuel is never negative, so a borrow means that there's less than wanted.
    private void EndCharge(Gpr rest, Label again)
    {
        Label stop = asm.Code.NewLabel();
        asm.Jcc(Condition.B, stop);
        asm.Mov(Q, Left, rest);
        operands.Later(stop, OutOfLine.OutOfFuel, default, again);
    }
}
