namespace Anneal.Assembler;

/// <summary>Operand size of an integer instruction. Only a 32-bit result clears the rest of its register.</summary>
internal enum Size : byte
{
    Byte,
    Word,
    Dword,
    Qword,
}
