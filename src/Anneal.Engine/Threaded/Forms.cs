using Anneal.Bytecode;

namespace Anneal.Threaded;

/// <summary>The numbers that <see cref="HandlerKey.Form"/> has, by shape; 0 is what is most frequent.</summary>
internal static class Forms
{
    // Memory accesses.
    public const int Guarded = 0;
    public const int OtherGuarded = 1;
    public const int Checked = 2;
    public const int Trusted = 3;
    public const int GuardedAtZero = 4;

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

    /// <summary>The form of an access; -1 if there's none for its mode.</summary>
    public static int Of(MemoryOperand memory) => memory.Mode switch
    {
        AddressingMode.Guarded => memory.Memory == 0 ? Guarded : OtherGuarded,
        AddressingMode.Checked => Checked,
        AddressingMode.Trusted => Trusted,
        _ => -1,
    };

    /// <summary>A memory operand of that form.</summary>
    public static MemoryOperand Memory(int form) => form switch
    {
        Guarded or GuardedAtZero => new MemoryOperand(0, AddressingMode.Guarded),
        OtherGuarded => new MemoryOperand(1, AddressingMode.Guarded),
        Checked => new MemoryOperand(0, AddressingMode.Checked),
        _ => new MemoryOperand(0, AddressingMode.Trusted),
    };
}
