namespace Anneal.Assembler;

/// <summary>What a relocation writes once the address of the code is known.</summary>
internal enum RelocationKind : byte
{
    /// <summary>32-bit distance from the end of the field to the absolute address <see cref="Relocation.Target"/>.</summary>
    Relative32,

    /// <summary>64-bit address of the label whose id is <see cref="Relocation.Target"/>.</summary>
    LabelAddress64,

    /// <summary>32-bit distance from label <see cref="Relocation.Base"/> to label <see cref="Relocation.Target"/>.</summary>
    LabelDifference32,
}

/// <summary>A field of emitted code whose value is known only when the code is copied to its final place.</summary>
internal readonly record struct Relocation(int Offset, RelocationKind Kind, long Target, int Base);
