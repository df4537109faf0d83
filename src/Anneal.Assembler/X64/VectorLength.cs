namespace Anneal.Assembler;

/// <summary>How much of the vector registers a packed VEX instruction works on.</summary>
internal enum VectorLength : byte
{
    V128,
    V256,
}
