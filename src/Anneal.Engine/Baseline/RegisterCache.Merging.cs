// What the register cache does where control flow leaves or joins: stores to homes, and snapshots of registers that the
// ways to one place are intersected into. All slots in a snapshot are in their homes as well.

using System.Numerics;
using System.Runtime.Intrinsics;
using Anneal.Assembler;
using Anneal.Templates;

namespace Anneal.Baseline;

internal sealed partial class RegisterCache
{
    /// <summary>Brings the homes of all slots below <paramref name="liveSlots"/> up to date. Changes no flags; may use rax.</summary>
    public void Flush(int liveSlots)
    {
        for (uint mask = mappedGprs | (mappedXmms << 16); mask != 0; mask &= mask - 1)
        {
            int register = BitOperations.TrailingZeroCount(mask);
            int slot = holds[register];
            ref byte where = ref location[slot];
            if ((where & Dirty) == 0 || slot >= liveSlots) continue;
            StoreHome(slot, register);
            where &= unchecked((byte)~Dirty);
        }

        for (int i = 0; i < constantCount; i++)
        {
            int slot = constantSlots[i];
            ref byte where = ref location[slot];
            if ((where & (LocationMask | Dirty)) != (Constant | Dirty) || slot >= liveSlots) continue;
            StoreConstant(slot, constants[slot]);
            where &= unchecked((byte)~Dirty);
        }
    }

    /// <summary>Writes, for each of the 32 registers, the slot below <paramref name="liveSlots"/> that it holds, or -1.</summary>
    public void Snapshot(Span<int> registers, int liveSlots)
    {
        Vector128<int> limit = Vector128.Create(liveSlots);
        for (int i = 0; i < 32; i += Vector128<int>.Count)
        {
            Vector128<int> slots = Vector128.LoadUnsafe(ref holds[i]);
            Select(Vector128.LessThan(slots, limit), slots).StoreUnsafe(ref registers[i]);
        }
    }

    /// <summary>Keeps in the snapshot only what the registers hold now as well.</summary>
    public void Intersect(Span<int> registers)
    {
        for (int i = 0; i < 32; i += Vector128<int>.Count)
        {
            Vector128<int> slots = Vector128.LoadUnsafe(ref registers[i]);
            Select(Vector128.Equals(slots, Vector128.LoadUnsafe(ref holds[i])), slots).StoreUnsafe(ref registers[i]);
        }
    }

    // The lanes where the condition holds; -1, which is "nothing", in the others.
    private static Vector128<int> Select(Vector128<int> condition, Vector128<int> slots) => slots | ~condition;

    /// <summary>Forgets everything and takes the registers to hold what the snapshot says, all homes being up to date.</summary>
    public void Restore(ReadOnlySpan<int> registers)
    {
        Reset();
        for (int i = 0; i < 32; i++)
        {
            int slot = registers[i];
            if (slot < 0) continue;
            holds[i] = slot;
            location[slot] = (byte)(FirstGpr + i);
            if (i < 16) mappedGprs |= 1u << i;
            else mappedXmms |= 1u << (i - 16);
        }
    }

    private void StoreHome(int slot, int register)
    {
        if (register < 16) asm.Mov(Size.Qword, Registers.Slot(slot), (Gpr)register);
        else asm.Movsd(Registers.Slot(slot), (Xmm)(register - 16));
    }

    private void StoreConstant(int slot, long value)
    {
        if (value == (int)value)
        {
            asm.Mov(Size.Qword, Registers.Slot(slot), (int)value);
        }
        else
        {
            asm.Mov(Registers.Scratch, value);
            asm.Mov(Size.Qword, Registers.Slot(slot), Registers.Scratch);
        }
    }
}
