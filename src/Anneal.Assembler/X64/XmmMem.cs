using System.Runtime.CompilerServices;

namespace Anneal.Assembler;

/// <summary>An operand that may be a vector register or memory.</summary>
internal readonly struct XmmMem
{
    internal readonly ulong Packed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private XmmMem(ulong packed) => Packed = packed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator XmmMem(Xmm register) => new(Operand.OfRegister((uint)register));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator XmmMem(Mem memory) => new(memory.Packed);

    /// <summary>Whether the operand is a register.</summary>
    public bool IsRegister => Operand.KindOf(Packed) == Operand.Register;

    /// <summary>The register; meaningful if <see cref="IsRegister"/>.</summary>
    public Xmm Register => (Xmm)((uint)(Packed >> 32) & 15);
}
