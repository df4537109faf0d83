// The packed form that Mem, RegMem and XmmMem share: one 64-bit word, so that an operand travels in a register and the
// encoder takes it apart with shifts.
//
//   bits 0-31  displacement (or label id)    bits 40-43  index register, 4 = none (rsp can't be an index)
//   bits 32-35 register or base              bits 48-49  log2 of the scale        bits 56-63  kind

using System.Runtime.CompilerServices;

namespace Anneal.Assembler;

internal static class Operand
{
    public const uint Register = 0;

    /// <summary>[base + disp], base encodable in ModRM.</summary>
    public const uint Base = 1;

    /// <summary>[base + index * scale + disp], or a base that needs a SIB byte.</summary>
    public const uint BaseIndex = 2;

    /// <summary>[index * scale + disp32].</summary>
    public const uint IndexOnly = 3;

    /// <summary>[rip + distance to label].</summary>
    public const uint RipLabel = 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfRegister(uint number) => (ulong)number << 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint KindOf(ulong operand) => (uint)(operand >> 56);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pack(uint kind, uint baseRegister, uint index, uint scaleLog2, int displacement) =>
        (uint)displacement | ((ulong)(baseRegister | (index << 8) | (scaleLog2 << 16) | (kind << 24)) << 32);
}
