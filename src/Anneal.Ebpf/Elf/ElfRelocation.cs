namespace Anneal.Ebpf.Elf;

/// <summary>A relocation: the place in its section, the kind, the symbol.</summary>
internal sealed record ElfRelocation(long Offset, uint Kind, ElfSymbol Symbol)
{
    /// <summary>A 64-bit immediate's value.</summary>
    public const uint Immediate64 = 1;

    /// <summary>A 64-bit word of data.</summary>
    public const uint Data64 = 2;

    /// <summary>A call's target.</summary>
    public const uint Call = 10;
}
