// The state of one register or of a stack slot that a register was stored to. A value type without references, so that states are
// copied and compared as plain memory.

namespace Anneal.Ebpf.Verification;

/// <summary>What is known of one register.</summary>
internal struct RegisterState
{
    /// <summary>What it holds.</summary>
    public RegisterKind Kind;

    /// <summary>The pointer may be null: it must be compared with zero before use.</summary>
    public bool MaybeNull;

    /// <summary>Memory that may not be written.</summary>
    public bool IsReadOnly;

    /// <summary>Map (index), stack (frame) or subprogram (index), by kind.</summary>
    public int Object;

    /// <summary>Memory: its size. Packet: how many bytes from (start + <see cref="Number"/>) are known to be there.</summary>
    public int Extent;

    /// <summary>Pointers: the constant part of the offset from the start of what is pointed to.</summary>
    public int Offset;

    /// <summary>
    /// Copies of one value share an identity, so that what a comparison teaches of one holds for all: equal numbers, equal
    /// possibly-null pointers, packet pointers with the same variable offset. 0: none.
    /// </summary>
    public uint Id;

    /// <summary>The acquired reference that the pointer is, or 0.</summary>
    public uint Reference;

    /// <summary>Scalars: the value. Pointers: the variable part of the offset.</summary>
    public Scalar Number;

    public readonly bool IsPointer => Kind > RegisterKind.Scalar;

    public readonly bool IsPacketPointer => Kind is RegisterKind.Packet or RegisterKind.PacketMeta or RegisterKind.PacketEnd;

    /// <summary>Whether it points to the very start of what it points to.</summary>
    public readonly bool IsUnmodified => Offset == 0 && Number.IsConstant && Number.ConstantValue == 0;

    public readonly bool IsNull => Kind == RegisterKind.Scalar && Number.IsConstant && Number.ConstantValue == 0;

    public static RegisterState Unknown => new() { Kind = RegisterKind.Scalar, Number = Scalar.Unknown() };

    public static RegisterState Of(in Scalar number) => new() { Kind = RegisterKind.Scalar, Number = number };

    public static RegisterState Constant(ulong value) => new() { Kind = RegisterKind.Scalar, Number = Scalar.Constant(value) };

    public static RegisterState Pointer(RegisterKind kind, int target = 0, int offset = 0) =>
        new() { Kind = kind, Object = target, Offset = offset, Number = Scalar.Constant(0) };
}
