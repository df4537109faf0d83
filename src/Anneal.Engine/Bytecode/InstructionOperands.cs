// The packed operands that take a whole word or a field of their own. Small value types, one file.

namespace Anneal.Bytecode;

/// <summary>How a memory access finds and checks its address.</summary>
internal enum AddressingMode : byte
{
    /// <summary>A 32-bit index into a reservation of 8 GiB + 64 KiB: no check, the hardware faults.</summary>
    Guarded,

    /// <summary>An explicit comparison with the memory's length.</summary>
    Checked,

    /// <summary>A 64-bit guest address, found through an inline cache over a registry of sections.</summary>
    Sectioned,

    /// <summary>A raw address that a verifier has proven.</summary>
    Trusted,
}

/// <summary>Which memory of the instance is accessed, and how: 14 bits of index and 2 of mode.</summary>
internal readonly record struct MemoryOperand(ushort Bits)
{
    public MemoryOperand(int memory, AddressingMode mode)
        : this((ushort)(memory | ((int)mode << 14)))
    {
    }

    /// <summary>The largest memory index that fits.</summary>
    public const int MaxMemory = (1 << 14) - 1;

    public int Memory => Bits & MaxMemory;

    public AddressingMode Mode => (AddressingMode)(Bits >> 14);
}

/// <summary>Where a branch goes, and how many slots are live there: slots at or above the height are dead at the target.</summary>
internal readonly record struct BranchTarget(ulong Bits)
{
    public BranchTarget(int pc, int liveSlots)
        : this((uint)pc | ((ulong)(ushort)Math.Min(liveSlots, ushort.MaxValue) << 32))
    {
    }

    /// <summary>The bytecode position of the target.</summary>
    public int Pc => (int)(uint)Bits;

    /// <summary>The number of live slots at the target; 65,535 stands for "all".</summary>
    public int LiveSlots => (ushort)(Bits >> 32);
}

/// <summary>
/// The word of a call op. <see cref="Callee"/> is a function of the same code unit (call), an index into the imported
/// functions (call.import), or the expected canonical type (call.indirect, call.ref).
/// </summary>
internal readonly record struct CallOperand(ulong Bits)
{
    public CallOperand(int callee, int site, int argumentSlots)
        : this((uint)callee | ((ulong)(uint)Math.Min(site, NoSite) << 24) | ((ulong)(uint)argumentSlots << 48))
    {
        if ((uint)callee > MaxCallee) throw new ArgumentOutOfRangeException(nameof(callee));
        if ((uint)argumentSlots > ushort.MaxValue) throw new ArgumentOutOfRangeException(nameof(argumentSlots));
    }

    /// <summary>The largest callee number that fits.</summary>
    public const int MaxCallee = (1 << 24) - 1;

    /// <summary>The site number that means "no feedback is kept here".</summary>
    public const int NoSite = (1 << 24) - 1;

    public int Callee => (int)(Bits & MaxCallee);

    /// <summary>The site's number in the code unit's feedback vector.</summary>
    public int Site => (int)((Bits >> 24) & NoSite);

    /// <summary>How many slots from the argument base the arguments take.</summary>
    public int ArgumentSlots => (int)(Bits >> 48);
}

/// <summary>A position of bytecode under construction, bound once, referred to before or after.</summary>
internal readonly record struct BytecodeLabel(int Id);
