// The numbers of the instruction encoding (RFC 9669, sections 3 to 5). Tiny enums that are read together share the file.

#pragma warning disable CA1027 // Values are bit fields of an opcode byte, not flags to be combined.

namespace Anneal.Ebpf;

/// <summary>The class of an instruction: the opcode's low three bits.</summary>
public enum InstructionClass : byte
{
    /// <summary>Loads of immediates and legacy packet loads.</summary>
    Ld = 0,

    /// <summary>Loads into a register.</summary>
    Ldx = 1,

    /// <summary>Stores of an immediate.</summary>
    St = 2,

    /// <summary>Stores of a register, and atomics.</summary>
    Stx = 3,

    /// <summary>32-bit arithmetic.</summary>
    Alu = 4,

    /// <summary>64-bit jumps, calls and exit.</summary>
    Jmp = 5,

    /// <summary>32-bit jumps.</summary>
    Jmp32 = 6,

    /// <summary>64-bit arithmetic.</summary>
    Alu64 = 7,
}

/// <summary>Arithmetic operations: the opcode's high four bits.</summary>
public enum AluOperation : byte
{
    /// <summary>Addition.</summary>
    Add = 0x00,

    /// <summary>Subtraction.</summary>
    Sub = 0x10,

    /// <summary>Multiplication.</summary>
    Mul = 0x20,

    /// <summary>Division; 0 when the divisor is 0; signed when the offset is 1.</summary>
    Div = 0x30,

    /// <summary>Bitwise or.</summary>
    Or = 0x40,

    /// <summary>Bitwise and.</summary>
    And = 0x50,

    /// <summary>Left shift by the amount's low 5 or 6 bits.</summary>
    Lsh = 0x60,

    /// <summary>Logical right shift.</summary>
    Rsh = 0x70,

    /// <summary>Negation.</summary>
    Neg = 0x80,

    /// <summary>Remainder; the dividend when the divisor is 0; signed when the offset is 1.</summary>
    Mod = 0x90,

    /// <summary>Bitwise exclusive or.</summary>
    Xor = 0xA0,

    /// <summary>Move; sign-extending from 8, 16 or 32 bits when the offset says so.</summary>
    Mov = 0xB0,

    /// <summary>Arithmetic right shift.</summary>
    Arsh = 0xC0,

    /// <summary>Byte swap: to little-endian, to big-endian (class Alu) or unconditional (class Alu64) of as many bits as the immediate says.</summary>
    End = 0xD0,
}

/// <summary>Jump operations: the opcode's high four bits.</summary>
public enum JumpOperation : byte
{
    /// <summary>Unconditional jump.</summary>
    Always = 0x00,

    /// <summary>Equal.</summary>
    Equal = 0x10,

    /// <summary>Unsigned greater.</summary>
    Greater = 0x20,

    /// <summary>Unsigned greater or equal.</summary>
    GreaterOrEqual = 0x30,

    /// <summary>Any bit in common.</summary>
    BitsSet = 0x40,

    /// <summary>Not equal.</summary>
    NotEqual = 0x50,

    /// <summary>Signed greater.</summary>
    SignedGreater = 0x60,

    /// <summary>Signed greater or equal.</summary>
    SignedGreaterOrEqual = 0x70,

    /// <summary>Call.</summary>
    Call = 0x80,

    /// <summary>Return.</summary>
    Exit = 0x90,

    /// <summary>Unsigned less.</summary>
    Less = 0xA0,

    /// <summary>Unsigned less or equal.</summary>
    LessOrEqual = 0xB0,

    /// <summary>Signed less.</summary>
    SignedLess = 0xC0,

    /// <summary>Signed less or equal.</summary>
    SignedLessOrEqual = 0xD0,
}

/// <summary>The size code of loads and stores.</summary>
public enum AccessSize : byte
{
    /// <summary>Four bytes.</summary>
    Word = 0x00,

    /// <summary>Two bytes.</summary>
    HalfWord = 0x08,

    /// <summary>One byte.</summary>
    Byte = 0x10,

    /// <summary>Eight bytes.</summary>
    DoubleWord = 0x18,
}

/// <summary>The mode of loads and stores: the opcode's high three bits.</summary>
public enum AccessMode : byte
{
    /// <summary>64-bit immediate.</summary>
    Immediate = 0x00,

    /// <summary>Legacy packet load at a constant offset.</summary>
    Absolute = 0x20,

    /// <summary>Legacy packet load at a register plus an offset.</summary>
    Indirect = 0x40,

    /// <summary>Register plus offset.</summary>
    Memory = 0x60,

    /// <summary>Register plus offset, sign-extending.</summary>
    MemorySignExtending = 0x80,

    /// <summary>Atomic operation on register plus offset.</summary>
    Atomic = 0xC0,
}

/// <summary>Atomic operations: the immediate of an instruction in atomic mode.</summary>
public enum AtomicOperation
{
    /// <summary>Addition.</summary>
    Add = 0x00,

    /// <summary>Or.</summary>
    Or = 0x40,

    /// <summary>And.</summary>
    And = 0x50,

    /// <summary>Exclusive or.</summary>
    Xor = 0xA0,

    /// <summary>Addition that gives back the old value.</summary>
    FetchAdd = Add | Opcodes.AtomicFetch,

    /// <summary>Or that gives back the old value.</summary>
    FetchOr = Or | Opcodes.AtomicFetch,

    /// <summary>And that gives back the old value.</summary>
    FetchAnd = And | Opcodes.AtomicFetch,

    /// <summary>Exclusive or that gives back the old value.</summary>
    FetchXor = Xor | Opcodes.AtomicFetch,

    /// <summary>Exchange with the source register.</summary>
    Exchange = 0xE1,

    /// <summary>Store the source register when the memory equals r0; r0 gets the old value.</summary>
    CompareExchange = 0xF1,
}

/// <summary>What a 64-bit immediate means: its source field.</summary>
public enum PseudoSource
{
    /// <summary>A plain number.</summary>
    None = 0,

    /// <summary>A map; the immediate is its index in <see cref="EbpfProgram.Maps"/>.</summary>
    Map = 1,

    /// <summary>An address in an array map's first value: index in <see cref="EbpfProgram.Maps"/>; the second slot's immediate is the byte offset.</summary>
    MapValue = 2,

    /// <summary>A kernel variable by BTF id: never valid here.</summary>
    Variable = 3,

    /// <summary>A subprogram; its first instruction is the immediate plus the slot after this first half.</summary>
    Function = 4,
}

/// <summary>What a call calls: its source field.</summary>
public enum CallKind
{
    /// <summary>A helper by number.</summary>
    Helper = 0,

    /// <summary>A subprogram.</summary>
    Local = 1,

    /// <summary>A host function by BTF id: never valid here.</summary>
    Typed = 2,
}

/// <summary>Opcode bytes of instructions that have one encoding.</summary>
public static class Opcodes
{
    /// <summary>64-bit immediate load, two slots.</summary>
    public const byte LoadImmediate64 = 0x18;

    /// <summary>The bit of an atomic operation that gives back the old value in the source register.</summary>
    public const int AtomicFetch = 1;

    /// <summary>Jump by the offset.</summary>
    public const byte Jump = 0x05;

    /// <summary>Jump by the immediate.</summary>
    public const byte JumpLong = 0x06;

    /// <summary>Call.</summary>
    public const byte Call = 0x85;

    /// <summary>Call of the helper whose number is in the destination field's register. Never verifiable.</summary>
    public const byte CallRegister = 0x8D;

    /// <summary>Return of r0.</summary>
    public const byte Exit = 0x95;
}
