namespace Anneal.Runtime;

/// <summary>What metered guest code pays beyond one unit a guest instruction. Part of what guests see: a change changes every count.</summary>
internal static class FuelRates
{
    /// <summary>Bytes that cost a unit, as a power of two.</summary>
    public const int BytesShift = 6;

    /// <summary>Table elements, or locals to be zeroed, that cost a unit, as a power of two: those of 64 bytes.</summary>
    public const int ElementsShift = 3;

    /// <summary>A call of a host function from the guest.</summary>
    public const int HostCall = 16;

    /// <summary>Growing a memory, whether it succeeds or not: mostly a system call.</summary>
    public const int MemoryGrow = 1024;

    /// <summary>The most that one fuel op charges: an immediate of an instruction. Longer blocks have more than one.</summary>
    public const int MaximumOfBlock = int.MaxValue;

    /// <summary>What an operation on so many bytes costs.</summary>
    public static long OfBytes(ulong bytes) => OfLength(bytes, BytesShift);

    /// <summary>What an operation on so many table elements costs.</summary>
    public static long OfElements(ulong elements) => OfLength(elements, ElementsShift);

    private static long OfLength(ulong length, int shift) => (long)(length >> shift) + ((length & ((1ul << shift) - 1)) != 0 ? 1 : 0);
}
