using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anneal.Assembler;

/// <summary>
/// A memory operand: base register, optional index times 1, 2, 4 or 8, and a 32-bit displacement; or a label, RIP-relative.
/// There is no absolute form: code is position-independent.
/// </summary>
internal readonly struct Mem : IEquatable<Mem>
{
    internal readonly ulong Packed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Mem(ulong packed) => Packed = packed;

    /// <summary>[base + displacement]</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Mem At(Gpr baseRegister, int displacement = 0)
    {
        // rsp and r12 as a base are spelled with a SIB byte that has no index (4 in both fields).
        bool sib = ((uint)baseRegister & 7) == 4;
        return new Mem(Operand.Pack(sib ? Operand.BaseIndex : Operand.Base, (uint)baseRegister, sib ? 4u : 0u, 0, displacement));
    }

    /// <summary>[base + index * scale + displacement]</summary>
    /// <exception cref="ArgumentException">The index is rsp, or the scale not 1, 2, 4 or 8.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Mem At(Gpr baseRegister, Gpr index, int scale = 1, int displacement = 0) =>
        new(Operand.Pack(Operand.BaseIndex, (uint)baseRegister, Checked(index), ScaleLog2(scale), displacement));

    /// <summary>[index * scale + displacement]: arithmetic for <c>lea</c>.</summary>
    /// <exception cref="ArgumentException">The index is rsp, or the scale not 1, 2, 4 or 8.</exception>
    public static Mem AtIndex(Gpr index, int scale, int displacement = 0) =>
        new(Operand.Pack(Operand.IndexOnly, 0, Checked(index), ScaleLog2(scale), displacement));

    /// <summary>The place that a label names, RIP-relative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Mem Rip(Label label) => new(Operand.Pack(Operand.RipLabel, 0, 0, 0, label.Id));

    /// <summary>The displacement; a label operand has none that is known yet.</summary>
    private int Displacement => (int)Packed;

    /// <summary>The same operand some bytes further.</summary>
    /// <exception cref="InvalidOperationException">The operand is a label.</exception>
    /// <exception cref="OverflowException">The displacement leaves 32 bits.</exception>
    public Mem Plus(int bytes)
    {
        if (Operand.KindOf(Packed) == Operand.RipLabel)
            throw new InvalidOperationException("A label operand has no displacement.");
        int displacement = checked(Displacement + bytes);
        return new Mem((Packed & ~0xFFFF_FFFFul) | (uint)displacement);
    }

    /// <summary>Whether the operand reads that register for its address.</summary>
    public bool Uses(Gpr register)
    {
        uint kind = Operand.KindOf(Packed);
        bool isBase = kind is Operand.Base or Operand.BaseIndex && ((uint)(Packed >> 32) & 15) == (uint)register;
        bool isIndex = kind is Operand.BaseIndex or Operand.IndexOnly && register != Gpr.Rsp
            && ((uint)(Packed >> 40) & 15) == (uint)register;
        return isBase || isIndex;
    }

    public bool Equals(Mem other) => Packed == other.Packed;

    public override bool Equals(object? obj) => obj is Mem other && Equals(other);

    public override int GetHashCode() => Packed.GetHashCode();

    public static bool operator ==(Mem left, Mem right) => left.Equals(right);

    public static bool operator !=(Mem left, Mem right) => !left.Equals(right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Checked(Gpr index) =>
        index != Gpr.Rsp ? (uint)index : throw new ArgumentException("rsp can't be an index.", nameof(index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ScaleLog2(int scale) =>
        scale is 1 or 2 or 4 or 8
            ? (uint)BitOperations.Log2((uint)scale)
            : throw new ArgumentException("The scale is 1, 2, 4 or 8.", nameof(scale));
}
