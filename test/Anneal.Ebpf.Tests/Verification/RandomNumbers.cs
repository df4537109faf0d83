namespace Anneal.Ebpf.Tests.Verification;

/// <summary>Random numbers that like edges.</summary>
internal static class RandomNumbers
{
    public static ulong Any(Random random) => random.Next(5) switch
    {
        0 => (ulong)random.Next(0, 70),
        1 => 0 - (ulong)random.Next(0, 70),
        2 => (1UL << random.Next(64)) + (ulong)random.Next(-2, 3),
        3 => ((ulong)(uint)random.Next(int.MinValue, int.MaxValue) << 32) + (uint)random.Next(0, 40),
        _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
    };

    /// <summary>One that fits a signed 32-bit immediate.</summary>
    public static int Immediate(Random random) => random.Next(4) switch
    {
        0 => random.Next(0, 20),
        1 => random.Next(-20, 0),
        2 => (int)((1L << random.Next(32)) + random.Next(-1, 2)),
        _ => random.Next(int.MinValue, int.MaxValue),
    };
}
