// The address space that sandboxed programs see. The packet and the context are below 2^32, as the contexts' 32-bit pointer
// fields want it; each map has 64 GiB of its own, by its number.

namespace Anneal.Ebpf.Runtime;

/// <summary>Guest addresses of a sandboxed program's sections.</summary>
internal static class GuestAddresses
{
    /// <summary>Where a packet's first byte is before a program moves it.</summary>
    public const ulong Packet = 0x1000_0000;

    /// <summary>The context.</summary>
    public const ulong Context = 0x6000_0000;

    /// <summary>The stack's lowest byte.</summary>
    public const ulong Stack = 0x7000_0000;

    /// <summary>Keys that callbacks are given.</summary>
    public const ulong Keys = 0x7800_0000;

    private const int MapShift = 36;

    /// <summary>Bytes of address space that a map has.</summary>
    public const ulong MapBytes = 1ul << MapShift;

    /// <summary>The first address of a map's memory.</summary>
    public static ulong OfMap(int number) => (ulong)(uint)number << MapShift;

    /// <summary>The value that stands for a map itself.</summary>
    public static ulong HandleOf(int number) => 0x4D41_0000_0000_0000ul | (uint)number;

    /// <summary>The number of the map that a value may stand for; 0 if it's none.</summary>
    public static int NumberOf(ulong handle) => handle >> 32 == 0x4D41_0000 && (int)(uint)handle > 0 ? (int)(uint)handle : 0;
}
