namespace Anneal.Runtime;

/// <summary>Byte offsets of fields that emitted code names; a test compares them with the structs.</summary>
internal static class Offsets
{
    public const int StackLimit = 0;
    public const int EntryStack = 8;
    public const int FaultPc = 16;
    public const int FaultAddress = 24;
    public const int FaultSignal = 32;
    public const int ValueStackEnd = 72;
    public const int Fuel = 88;
    public const int SavedRegisters = 96;
    public const int ResumePosition = 224;
    public const int EntriesAtLoops = 232;
    public const int ThreadPointer = 240;
    public const int SectionRequest = 248;
    public const int SectionCells = 256;

    public const int MemoryBase = 0;
    public const int MemoryLength = 8;

    public const int TableElements = 0;
    public const int TableLength = 8;

    public const int ReferenceEntry = 0;
    public const int ReferenceInstance = 8;
    public const int ReferenceType = 16;

    public const int InstanceMemoryBase = 0;
}
