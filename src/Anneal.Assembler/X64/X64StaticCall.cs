// A static call is eight aligned bytes of running code that one aligned 64-bit store replaces while other threads may be
// executing them. Every form is one instruction in the first five bytes, and the last three are always the same no-op, so
// that a thread sees either the old or the new instruction, and one that returns to offset 5 finds what it left. The code
// heap writes these words; which thread may still see the old one is its business.

using System.Buffers.Binary;

namespace Anneal.Assembler;

/// <summary>The forms of a patchable static call, as the word to store.</summary>
internal static class X64StaticCall
{
    /// <summary>Bytes of a static call, and what its address is a multiple of.</summary>
    public const int Size = 8;

    /// <summary>Offset that a call returns to.</summary>
    public const int ReturnOffset = 5;

    private const ulong Tail = 0x00_1F_0Ful << 40; // 0F 1F 00

    /// <summary>A jump from the site at an executable address to a target.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The target is out of a 32-bit displacement's reach.</exception>
    public static ulong Jump(nint site, nint target) => 0xE9 | Displacement(site, target) | Tail; // E9 cd

    /// <summary>A call; it returns behind the site.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The target is out of a 32-bit displacement's reach.</exception>
    public static ulong Call(nint site, nint target) => 0xE8 | Displacement(site, target) | Tail; // E8 cd

    /// <summary>Runs through.</summary>
    public static ulong Nop => 0x00_00_44_1F_0Ful | Tail; // 0F 1F 44 00 00

    /// <summary>Returns to the caller at once.</summary>
    public static ulong Return => 0xCC_CC_CC_CC_C3ul | Tail; // C3

    /// <summary>Where a jump or call at an executable address goes.</summary>
    /// <exception cref="ArgumentException">The word is neither a jump nor a call.</exception>
    public static nint TargetOf(nint site, ulong word)
    {
        if ((byte)word is not (0xE8 or 0xE9))
            throw new ArgumentException($"0x{BinaryPrimitives.ReverseEndianness(word):X16} is no jump or call.", nameof(word));
        return site + ReturnOffset + (int)(word >> 8);
    }

    private static ulong Displacement(nint site, nint target)
    {
        long distance = (long)target - ((long)site + ReturnOffset);
        if (distance != (int)distance)
            throw new ArgumentOutOfRangeException(nameof(target), target, $"Out of reach of a static call at 0x{site:x}.");
        return (ulong)(uint)(int)distance << 8;
    }
}
