// Where the baseline tier keeps slots while it walks through a function: each slot's value is in its home (the slot's
// memory), in a register, or a known constant; a register or constant may be newer than the home ("dirty").
//
// Invariants: a register holds at most one slot and a slot is in at most one register. Reserved registers (handed to the
// current template) are never taken for something else before Release. At a branch target, all live slots are in their
// homes, and the registers that hold the same slot on every way there still hold it.
//
// .Merging.cs has the other half: stores to homes, and what survives where ways meet.
//
// Temporaries are dead once read (FunctionBody's rule): reading one notes it, Release forgets it without a store.

using System.Numerics;
using System.Runtime.CompilerServices;
using Anneal.Assembler;
using Anneal.Templates;

namespace Anneal.Baseline;

/// <summary>The block-local register cache of the baseline tier.</summary>
internal sealed partial class RegisterCache(X64Assembler asm)
{
    // A slot's location: 0 its home, 1..16 a general register, 17..32 a float register, 33 a constant.
    private const byte Home = 0;
    private const byte FirstGpr = 1;
    private const byte FirstXmm = 17;
    private const byte Constant = 33;
    private const byte LocationMask = 0x3F;
    private const byte Listed = 0x40;
    private const byte Dirty = 0x80;
    private const int Nothing = -1;

    // rax is the templates' scratch; rbx, rsp, rbp, r12, r13 and r14 are pinned. rcx and rdx, which shifts and divisions
    // want, are taken last.
    private const uint AllocatableGprs = 0b1000_1111_1100_0110;
    private const uint PreferredGprs = 0b1000_1111_1100_0000;
    private const uint AllocatableXmms = 0x7FFF;

    private readonly int[] holds = new int[32];
    private readonly int[] noted = new int[16];
    private byte[] location = new byte[64];
    private long[] constants = new long[64];
    private int[] constantSlots = new int[64];
    private int constantCount;
    private int notedCount;
    private int temporaryBase;
    private uint mappedGprs;
    private uint mappedXmms;
    private uint reservedGprs;
    private uint reservedXmms;
    private int clock;

    /// <summary>Starts a function: everything is in its home.</summary>
    public void Start(int slots, int firstTemporary)
    {
        Reset();
        temporaryBase = firstTemporary;
        for (int i = 0; i < holds.Length; i++) holds[i] = Nothing;
        if (location.Length >= slots) return;
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)slots);
        location = new byte[size];
        constants = new long[size];
    }

    /// <summary>Forgets where everything is; homes must be up to date for what is still needed.</summary>
    public void Reset()
    {
        notedCount = 0;
        reservedGprs = reservedXmms = 0;
        for (uint mask = mappedGprs | (mappedXmms << 16); mask != 0; mask &= mask - 1)
        {
            int register = BitOperations.TrailingZeroCount(mask);
            location[holds[register]] = Home;
            holds[register] = Nothing;
        }

        mappedGprs = mappedXmms = 0;
        for (int i = 0; i < constantCount; i++) location[constantSlots[i]] = Home;
        constantCount = 0;
    }

    /// <summary>The instruction is done: its registers are free, the temporaries that it read are dead.</summary>
    public void Release()
    {
        reservedGprs = reservedXmms = 0;
        if (notedCount != 0) ForgetNoted();
    }

    public bool TryConstant(Source source, out long value)
    {
        if (source.IsConstant)
        {
            value = source.Value;
            return true;
        }

        if ((location[source.Index] & LocationMask) == Constant)
        {
            value = constants[source.Index];
            // The caller may not come back for the operand.
            Note(source.Index);
            return true;
        }

        value = 0;
        return false;
    }

    public Gpr Use(Source source)
    {
        if (source.IsConstant)
        {
            Gpr constant = TakeGpr();
            asm.Mov(constant, source.Value);
            return constant;
        }

        int slot = source.Index;
        int where = location[slot] & LocationMask;
        if (where is >= FirstGpr and < FirstXmm)
        {
            var register = (Gpr)(where - FirstGpr);
            reservedGprs |= 1u << (int)register;
            Note(slot);
            return register;
        }

        Gpr taken = TakeGpr();
        LoadInto(taken, slot);
        if (slot >= temporaryBase) Note(slot);
        else Remap(slot, (int)taken);
        return taken;
    }

    public RegMem UseAny(Source source)
    {
        if (!source.IsConstant && source.Index >= temporaryBase && (location[source.Index] & LocationMask) == Home)
            return Registers.Slot(source.Index);
        return Use(source);
    }

    public Xmm UseX(Source source)
    {
        int slot = source.Index;
        int where = source.IsConstant ? Constant : location[slot] & LocationMask;
        if (where is >= FirstXmm and < Constant)
        {
            var register = (Xmm)(where - FirstXmm);
            reservedXmms |= 1u << (int)register;
            Note(slot);
            return register;
        }

        Xmm taken = TakeXmm();
        LoadInto(taken, source);
        if (source.IsConstant) return taken;
        if (slot >= temporaryBase) Note(slot);
        else Remap(slot, 16 + (int)taken);
        return taken;
    }

    public XmmMem UseAnyX(Source source)
    {
        if (!source.IsConstant && (location[source.Index] & LocationMask) == Constant)
        {
            Note(source.Index);
            return Mem.Rip(asm.Code.Literal64((ulong)constants[source.Index]));
        }

        if (!source.IsConstant && source.Index >= temporaryBase && (location[source.Index] & LocationMask) == Home)
            return Registers.Slot(source.Index);
        return UseX(source);
    }

    /// <summary>Copies the value into that register and reserves it.</summary>
    public void Load(Gpr register, Source source)
    {
        bool allocatable = (AllocatableGprs & (1u << (int)register)) != 0;
        int slot = source.Index;
        bool isThere = allocatable && !source.IsConstant && (location[slot] & LocationMask) == FirstGpr + (int)register;
        if (isThere && slot >= temporaryBase)
        {
            Detach(slot);
            reservedGprs |= 1u << (int)register;
            return;
        }

        // Moving the slot that is there out of the way leaves its value behind.
        if (allocatable) Reserve(register);
        if (isThere) return;
        if (source.IsConstant)
        {
            asm.Mov(register, source.Value);
            return;
        }

        LoadInto(register, slot);
        Note(slot);
    }

    /// <summary>Empties that register and keeps it so until Release.</summary>
    public void Reserve(Gpr register)
    {
        uint bit = 1u << (int)register;
        if ((reservedGprs & bit) != 0 && (mappedGprs & bit) != 0)
            throw new InvalidOperationException("a template reserves a register that it has been given as an operand");
        reservedGprs |= bit;
        if ((mappedGprs & bit) == 0) return;
        int slot = holds[(int)register];
        if ((AllocatableGprs & ~mappedGprs & ~reservedGprs) != 0)
        {
            Gpr other = TakeGpr();
            reservedGprs &= ~(1u << (int)other);
            asm.Mov(Size.Qword, other, register);
            Remap(slot, (int)other);
        }
        else
        {
            Evict((int)register);
        }
    }

    public Gpr TakeGpr()
    {
        uint free = AllocatableGprs & ~mappedGprs & ~reservedGprs;
        if (free == 0) free = 1u << EvictOne(AllocatableGprs & ~reservedGprs, 0);
        uint preferred = free & PreferredGprs;
        int register = BitOperations.TrailingZeroCount(preferred != 0 ? preferred : free);
        reservedGprs |= 1u << register;
        return (Gpr)register;
    }

    public Xmm TakeXmm()
    {
        uint free = AllocatableXmms & ~mappedXmms & ~reservedXmms;
        if (free == 0) free = 1u << (EvictOne((AllocatableXmms & ~reservedXmms) << 16, 16) - 16);
        int register = BitOperations.TrailingZeroCount(free);
        reservedXmms |= 1u << register;
        return (Xmm)register;
    }

    public Gpr DefineFrom(int destination, Source source)
    {
        if (!source.IsConstant)
        {
            int slot = source.Index;
            int where = location[slot] & LocationMask;
            if (where is >= FirstGpr and < FirstXmm && (slot == destination || slot >= temporaryBase))
            {
                // The old value is dead after this instruction: its register becomes the destination's.
                var register = (Gpr)(where - FirstGpr);
                Detach(slot);
                reservedGprs |= 1u << (int)register;
                return register;
            }
        }

        Gpr taken = TakeGpr();
        if (source.IsConstant)
        {
            asm.Mov(taken, source.Value);
        }
        else
        {
            LoadInto(taken, source.Index);
            Note(source.Index);
        }

        return taken;
    }

    public Xmm DefineFromX(int destination, Source source)
    {
        if (!source.IsConstant)
        {
            int slot = source.Index;
            int where = location[slot] & LocationMask;
            if (where is >= FirstXmm and < Constant && (slot == destination || slot >= temporaryBase))
            {
                var register = (Xmm)(where - FirstXmm);
                Detach(slot);
                reservedXmms |= 1u << (int)register;
                return register;
            }
        }

        Xmm taken = TakeXmm();
        LoadInto(taken, source);
        if (!source.IsConstant) Note(source.Index);
        return taken;
    }

    public void Commit(int destination, Gpr register) => Map(destination, (int)register);

    public void Commit(int destination, Xmm register) => Map(destination, 16 + (int)register);

    public void SetConstant(int slot, long value)
    {
        if (notedCount != 0) Unnote(slot);
        Detach(slot);
        constants[slot] = value;
        byte old = location[slot];
        location[slot] = Constant | Dirty | Listed;
        if ((old & Listed) != 0) return;
        if (constantCount == constantSlots.Length) Array.Resize(ref constantSlots, constantCount * 2);
        constantSlots[constantCount++] = slot;
    }

    /// <summary>The destination becomes a copy of the source.</summary>
    public void Move(int destination, Source source, bool preferFloat)
    {
        if (TryConstant(source, out long value))
        {
            SetConstant(destination, value);
            return;
        }

        int slot = source.Index;
        if (slot == destination) return;
        int where = location[slot] & LocationMask;
        if (where == Home)
        {
            if (preferFloat)
            {
                Xmm loaded = TakeXmm();
                asm.Movsd(loaded, Registers.Slot(slot));
                Commit(destination, loaded);
            }
            else
            {
                Gpr loaded = TakeGpr();
                asm.Mov(Size.Qword, loaded, Registers.Slot(slot));
                Commit(destination, loaded);
            }
        }
        else if (slot >= temporaryBase)
        {
            Detach(slot);
            Map(destination, where - FirstGpr);
        }
        else if (where < FirstXmm)
        {
            reservedGprs |= 1u << (where - FirstGpr);
            Gpr copy = TakeGpr();
            asm.Mov(Size.Qword, copy, (Gpr)(where - FirstGpr));
            Commit(destination, copy);
        }
        else
        {
            reservedXmms |= 1u << (where - FirstXmm);
            Xmm copy = TakeXmm();
            asm.Movaps(copy, (Xmm)(where - FirstXmm));
            Commit(destination, copy);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Note(int slot)
    {
        if (slot < temporaryBase) return;
        noted[notedCount++] = slot;
    }

    private void ForgetNoted()
    {
        for (int i = 0; i < notedCount; i++)
        {
            if (noted[i] != Nothing) Detach(noted[i]);
        }

        notedCount = 0;
    }

    // The slot has been written: what is in it now isn't what the instruction read.
    private void Unnote(int slot)
    {
        for (int i = 0; i < notedCount; i++)
        {
            if (noted[i] == slot) noted[i] = Nothing;
        }
    }

    private void Detach(int slot)
    {
        int where = location[slot] & LocationMask;
        if (where is >= FirstGpr and < Constant)
        {
            int register = where - FirstGpr;
            holds[register] = Nothing;
            if (register < 16) mappedGprs &= ~(1u << register);
            else mappedXmms &= ~(1u << (register - 16));
        }

        location[slot] &= Listed;
    }

    private void Map(int slot, int register)
    {
        if (notedCount != 0) Unnote(slot);
        Detach(slot);
        holds[register] = slot;
        location[slot] = (byte)((location[slot] & Listed) | Dirty | (FirstGpr + register));
        if (register < 16) mappedGprs |= 1u << register;
        else mappedXmms |= 1u << (register - 16);
    }

    // The slot's value is now in another register too, which takes over; dirty stays dirty.
    private void Remap(int slot, int register)
    {
        int dirty = location[slot] & Dirty;
        Map(slot, register);
        if (dirty == 0) location[slot] &= unchecked((byte)~Dirty);
    }

    private void LoadInto(Gpr register, int slot)
    {
        int where = location[slot] & LocationMask;
        if (where == Home) asm.Mov(Size.Qword, register, Registers.Slot(slot));
        else if (where == Constant) asm.Mov(register, constants[slot]);
        else if (where < FirstXmm) asm.Mov(Size.Qword, register, (Gpr)(where - FirstGpr));
        else asm.Movq(register, (Xmm)(where - FirstXmm));
    }

    private void LoadInto(Xmm register, Source source)
    {
        int where = source.IsConstant ? Constant : location[source.Index] & LocationMask;
        if (where == Constant)
        {
            ulong value = (ulong)(source.IsConstant ? source.Value : constants[source.Index]);
            if (value == 0) asm.Xorps(register, register);
            else asm.Movsd(register, Mem.Rip(asm.Code.Literal64(value)));
        }
        else if (where == Home)
        {
            asm.Movsd(register, Registers.Slot(source.Index));
        }
        else if (where < FirstXmm)
        {
            asm.Movq(register, (Gpr)(where - FirstGpr));
        }
        else
        {
            asm.Movaps(register, (Xmm)(where - FirstXmm));
        }
    }

    private int EvictOne(uint candidates, int first)
    {
        if (candidates == 0) throw new InvalidOperationException("a template needs more registers than there are");
        int chosen = Nothing;
        for (int i = 0; i < 16; i++)
        {
            int register = first + ((clock + i) & 15);
            if ((candidates & (1u << register)) == 0) continue;
            if ((location[holds[register]] & Dirty) == 0)
            {
                chosen = register;
                break;
            }

            if (chosen == Nothing) chosen = register;
        }

        clock = (chosen + 1) & 15;
        Evict(chosen);
        return chosen;
    }

    private void Evict(int register)
    {
        int slot = holds[register];
        if ((location[slot] & Dirty) != 0) StoreHome(slot, register);
        Detach(slot);
    }
}
