// One eBPF instruction as it is encoded: eight bytes, little-endian (RFC 9669, section 3). Accessors decode what an
// instruction's class gives a meaning to; asking for the jump operation of a load returns bits without sense, so ask for the
// class first. A 64-bit immediate takes two of these: the second has opcode 0 and carries the upper half.

using System.Runtime.InteropServices;

namespace Anneal.Ebpf;

/// <summary>An encoded instruction (RFC 9669).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Bytes)]
public readonly struct Instruction : IEquatable<Instruction>
{
    /// <summary>Bytes that one instruction takes.</summary>
    public const int Bytes = 8;

    private readonly byte opcode;
    private readonly byte registers;
    private readonly short offset;
    private readonly int immediate;

    /// <summary>Makes an instruction from its parts; registers are cut to four bits.</summary>
    public Instruction(byte opcode, int destination, int source, short offset, int immediate)
    {
        this.opcode = opcode;
        registers = (byte)((destination & 15) | (source << 4));
        this.offset = offset;
        this.immediate = immediate;
    }

    /// <summary>The opcode byte.</summary>
    public byte Opcode => opcode;

    /// <summary>The destination register's number, 0..15 as encoded.</summary>
    public int Destination => registers & 15;

    /// <summary>The source register's number, 0..15 as encoded; for some opcodes a <see cref="PseudoSource"/> or <see cref="CallKind"/>.</summary>
    public int Source => registers >> 4;

    /// <summary>The signed 16-bit offset.</summary>
    public short Offset => offset;

    /// <summary>The signed 32-bit immediate.</summary>
    public int Immediate => immediate;

    /// <summary>The instruction's class.</summary>
    public InstructionClass Class => (InstructionClass)(opcode & 7);

    /// <summary>The operation of an arithmetic instruction.</summary>
    public AluOperation AluOperation => (AluOperation)(opcode & 0xF0);

    /// <summary>The operation of a jump, call or exit.</summary>
    public JumpOperation JumpOperation => (JumpOperation)(opcode & 0xF0);

    /// <summary>Whether the second operand is the source register (not the immediate). For byte swaps: to big-endian.</summary>
    public bool UsesSourceRegister => (opcode & 8) != 0;

    /// <summary>The mode of a load or store.</summary>
    public AccessMode Mode => (AccessMode)(opcode & 0xE0);

    /// <summary>The size code of a load or store.</summary>
    public AccessSize Size => (AccessSize)(opcode & 0x18);

    /// <summary>The bytes that a load or store accesses: 1, 2, 4 or 8.</summary>
    public int SizeInBytes => Size switch
    {
        AccessSize.Word => 4,
        AccessSize.HalfWord => 2,
        AccessSize.Byte => 1,
        _ => 8,
    };

    /// <summary>The operation of an atomic instruction, which is its immediate.</summary>
    public AtomicOperation AtomicOperation => (AtomicOperation)immediate;

    /// <summary>Whether the instruction is arithmetic, on 32 or 64 bits.</summary>
    public bool IsAlu => Class is InstructionClass.Alu or InstructionClass.Alu64;

    /// <summary>Whether the instruction is of a jump class (jumps, calls, exit).</summary>
    public bool IsJump => Class is InstructionClass.Jmp or InstructionClass.Jmp32;

    /// <summary>Whether arithmetic or a comparison works on 64 bits.</summary>
    public bool Is64Bit => Class is InstructionClass.Alu64 or InstructionClass.Jmp;

    /// <summary>Whether this is the first half of a 64-bit immediate load, which takes two slots.</summary>
    public bool IsWideImmediate => opcode == Opcodes.LoadImmediate64;

    /// <summary>Whether this is a call of any kind.</summary>
    public bool IsCall => opcode is Opcodes.Call or Opcodes.CallRegister;

    /// <summary>What a call calls.</summary>
    public CallKind CallKind => (CallKind)Source;

    /// <summary>Whether this is a call of a subprogram; the target is <see cref="Immediate"/> slots after the next instruction.</summary>
    public bool IsLocalCall => opcode == Opcodes.Call && CallKind == CallKind.Local;

    /// <summary>Whether this is a call of a helper; <see cref="Immediate"/> is its number.</summary>
    public bool IsHelperCall => opcode == Opcodes.Call && CallKind == CallKind.Helper;

    /// <summary>Whether this is the exit instruction.</summary>
    public bool IsExit => opcode == Opcodes.Exit;

    /// <summary>Whether this is an unconditional jump, short or long.</summary>
    public bool IsUnconditionalJump => opcode is Opcodes.Jump or Opcodes.JumpLong;

    /// <summary>Whether this is a conditional jump.</summary>
    public bool IsConditionalJump =>
        IsJump && JumpOperation is not (JumpOperation.Always or JumpOperation.Call or JumpOperation.Exit);

    /// <summary>Slots from the next instruction to a jump's target; only for jumps that aren't calls or exits.</summary>
    public int JumpDistance => opcode == Opcodes.JumpLong ? immediate : offset;

    /// <summary>Slots that the instruction takes: 2 for a 64-bit immediate, else 1.</summary>
    public int Slots => IsWideImmediate ? 2 : 1;

    /// <summary>The eight bytes as a little-endian number.</summary>
    public ulong Bits => opcode | ((ulong)registers << 8) | ((ulong)(ushort)offset << 16) | ((ulong)(uint)immediate << 32);

    /// <summary>The instruction whose eight bytes, little-endian, are <paramref name="bits"/>.</summary>
    public static Instruction FromBits(ulong bits) =>
        new((byte)bits, (int)(bits >> 8) & 15, (int)(bits >> 12) & 15, (short)(bits >> 16), (int)(bits >> 32));

    /// <inheritdoc/>
    public bool Equals(Instruction other) => Bits == other.Bits;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Instruction other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Bits.GetHashCode();

    /// <summary>Whether two instructions have the same bytes.</summary>
    public static bool operator ==(Instruction left, Instruction right) => left.Equals(right);

    /// <summary>Whether two instructions differ in a byte.</summary>
    public static bool operator !=(Instruction left, Instruction right) => !left.Equals(right);
}
