namespace Anneal.Ebpf.Elf;

/// <summary>A section of an ELF file; its place in the file has been checked.</summary>
internal sealed record ElfSection(int Index, string Name, uint Type, ulong Flags, int Offset, long Size, int Link, int Info)
{
    public const uint Bits = 1;
    public const uint Symbols = 2;
    public const uint Strings = 3;
    public const uint RelocationsWithAddends = 4;
    public const uint NoBits = 8;
    public const uint Relocations = 9;

    private const ulong Executable = 4;

    public bool IsCode => Type == Bits && (Flags & Executable) != 0;
}
