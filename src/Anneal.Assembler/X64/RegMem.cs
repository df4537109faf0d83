using System.Runtime.CompilerServices;

namespace Anneal.Assembler;

/// <summary>An operand that may be a general-purpose register or memory.</summary>
internal readonly struct RegMem
{
    internal readonly ulong Packed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RegMem(ulong packed) => Packed = packed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator RegMem(Gpr register) => new(Operand.OfRegister((uint)register));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator RegMem(Mem memory) => new(memory.Packed);

    /// <summary>Whether the operand is a register.</summary>
    public bool IsRegister => Operand.KindOf(Packed) == Operand.Register;

    /// <summary>The register; meaningful if <see cref="IsRegister"/>.</summary>
    public Gpr Register => (Gpr)((uint)(Packed >> 32) & 15);
}
