namespace Anneal.Ebpf.Elf;

/// <summary>A symbol of an ELF file.</summary>
internal sealed record ElfSymbol(string Name, int Kind, bool IsLocal, bool IsWeak, int Section, ulong Value, ulong Size)
{
    public const int Object = 1;
    public const int Function = 2;
    public const int WholeSection = 3;
}
