namespace Anneal.Assembler;

/// <summary>Operand size of an integer instruction. A 32-bit result clears the upper half of its register; 8 and 16 don't.</summary>
internal enum Size : byte
{
    Byte,
    Word,
    Dword,
    Qword,
}
