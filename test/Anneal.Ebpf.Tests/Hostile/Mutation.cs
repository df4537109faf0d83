// Damage to bytes, in the ways that parsers of binary formats mind most: flipped bits, swapped fields, sizes at the edges, pieces that
// are gone, twice there or somebody else's.

using System.Buffers.Binary;

namespace Anneal.Ebpf.Tests.Hostile;

internal static class Mutation
{
    private static readonly uint[] Edges = [0, 1, 7, 8, 0x7F, 0x80, 0xFF, 0xFFFF, 0x1_0000, 0x00FF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF8, 0xFFFF_FFFF];

    /// <summary>A damaged copy.</summary>
    /// <param name="random">What decides.</param>
    /// <param name="good">What is damaged.</param>
    /// <param name="other">Where pieces may come from.</param>
    public static byte[] Of(Random random, byte[] good, byte[] other)
    {
        byte[] bad = (byte[])good.Clone();
        for (int n = random.Next(1, 6); n > 0 && bad.Length >= 16; n--)
        {
            int at = random.Next(bad.Length);
            switch (random.Next(10))
            {
                case 0 or 1:
                    bad[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bad[at] = (byte)random.Next(256);
                    break;
                case 3 or 4:
                    int size = 1 << random.Next(4);
                    int a = random.Next(bad.Length / size) * size, b = random.Next(2) == 0 ? Math.Min(a + size, bad.Length - size) : random.Next(bad.Length / size) * size;
                    byte[] first = bad[a..(a + size)];
                    bad.AsSpan(b, size).CopyTo(bad.AsSpan(a));
                    first.CopyTo(bad.AsSpan(b));
                    break;
                case 5 or 6:
                    BinaryPrimitives.WriteUInt32LittleEndian(bad.AsSpan(at / 4 * 4 > bad.Length - 4 ? bad.Length - 4 : at / 4 * 4), Edges[random.Next(Edges.Length)]);
                    break;
                case 7:
                    BinaryPrimitives.WriteUInt16LittleEndian(bad.AsSpan(Math.Min(at / 2 * 2, bad.Length - 2)), (ushort)random.Next(-3, 4));
                    break;
                case 8:
                    int end = Math.Min(bad.Length, at + random.Next(1, 64));
                    bad = random.Next(3) switch { 0 => bad[..at], 1 => [.. bad[..at], .. bad[end..]], _ => [.. bad[..end], .. bad[at..]] };
                    break;
                default:
                    int length = random.Next(1, Math.Min(64, Math.Min(other.Length, bad.Length)));
                    other.AsSpan(random.Next(other.Length - length + 1), length).CopyTo(bad.AsSpan(Math.Min(at, bad.Length - length)));
                    break;
            }
        }

        return bad;
    }
}
