// An interface of a pcapng section: what its packets begin with, how much of them is kept, and what their times mean.

namespace Anneal.Cli.Packets;

/// <summary>An interface that packets were captured on.</summary>
/// <param name="LinkType">What its packets begin with.</param>
/// <param name="SnapLength">The most bytes that are kept of a packet; 0 for all.</param>
/// <param name="Resolution">The unit of times, as the option has it: 10⁻ⁿ seconds, or 2⁻ⁿ with the highest bit set.</param>
/// <param name="Offset">Seconds to add to times.</param>
internal readonly record struct CaptureInterface(uint LinkType, uint SnapLength, byte Resolution, long Offset)
{
    /// <summary>Microseconds.</summary>
    public const byte DefaultResolution = 6;

    private const byte PowerOfTwo = 0x80;
    private const ulong NanosecondsInSecond = 1_000_000_000;

    // Of units so small, 2⁶⁴ are less than a nanosecond.
    private const int SmallestDecimal = 28;
    private const int SmallestBinary = 93;

    /// <summary>Whether times can be told finer than by microseconds.</summary>
    public bool HasNanoseconds => (Resolution & PowerOfTwo) != 0 ? (Resolution & ~PowerOfTwo) > 19 : Resolution > DefaultResolution;

    /// <summary>A time as seconds (of which there are 2³²) and nanoseconds.</summary>
    public (uint Seconds, ulong Nanoseconds) Convert(ulong time)
    {
        int exponent = Resolution & ~PowerOfTwo;
        bool binary = (Resolution & PowerOfTwo) != 0;
        UInt128 seconds = 0, nanoseconds = 0;
        if (exponent <= (binary ? SmallestBinary : SmallestDecimal))
        {
            UInt128 unitsInSecond = 1;
            for (int i = 0; i < exponent; i++) unitsInSecond *= binary ? 2u : 10u;
            (seconds, UInt128 rest) = UInt128.DivRem(time, unitsInSecond);
            nanoseconds = rest * NanosecondsInSecond / unitsInSecond;
        }

        return (unchecked((uint)((ulong)seconds + (ulong)Offset)), (ulong)nanoseconds);
    }
}
