using Anneal.Bytecode;

namespace Anneal.Threaded;

/// <summary>The numbers that <see cref="HandlerKey.Form"/> has, by shape, up to 31; 0 is what is most frequent.</summary>
internal static class Forms
{
    // Memory accesses.
    public const int Guarded = 0;
    public const int OtherGuarded = 1;
    public const int Checked = 2;
    public const int Trusted = 3;
    public const int GuardedAtZero = 4;

    // From here on: sectioned, one form for each cell that handlers use.
    public const int FirstSectioned = 5;
    private const int SectionedForms = 11;

    // Added to all but the guarded ones: the offset has 64 bits.
    public const int Far = 16;

    // Constants.
    public const int Long = 1;

    // Globals.
    public const int Imported = 1;

    // Indirect calls.
    public const int WithoutSite = 1;

    // Loop headers.
    public const int WithoutHeat = 1;

    // Branches.
    public const int Counting = 1;

    /// <summary>The form of an access. A guarded one's offset has 32 bits.</summary>
    public static int Of(MemoryOperand memory, ulong offset) => memory.Mode switch
    {
        AddressingMode.Guarded => memory.Memory != 0 ? OtherGuarded : offset == 0 ? GuardedAtZero : Guarded,
        AddressingMode.Checked => offset <= uint.MaxValue ? Checked : Checked | Far,
        AddressingMode.Trusted => IsSigned32(offset) ? Trusted : Trusted | Far,
        _ => (FirstSectioned + (memory.Memory % SectionedForms)) | (IsSigned32(offset) ? 0 : Far),
    };

    /// <summary>Whether the offset of an access of that form is taken for a signed one.</summary>
    public static bool IsSigned(int form) => (form & ~Far) is Trusted or >= FirstSectioned;

    /// <summary>A memory operand of that form.</summary>
    public static MemoryOperand Memory(int form) => (form & ~Far) switch
    {
        Guarded or GuardedAtZero => new MemoryOperand(0, AddressingMode.Guarded),
        OtherGuarded => new MemoryOperand(1, AddressingMode.Guarded),
        Checked => new MemoryOperand(0, AddressingMode.Checked),
        Trusted => new MemoryOperand(0, AddressingMode.Trusted),
        int sectioned => new MemoryOperand(sectioned - FirstSectioned, AddressingMode.Sectioned),
    };

    private static bool IsSigned32(ulong offset) => (long)offset == (int)offset;
}
