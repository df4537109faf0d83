// What a random program is run with: a packet, and what its maps hold. The same for every machine that runs it.

using System.Collections.Immutable;

namespace Anneal.Ebpf.Tests.Verification;

internal sealed class RunInput
{
    /// <summary>The maps that hold something, and are compared afterwards.</summary>
    public static readonly ImmutableArray<string> Maps = ["data", "array", "percpu", "hash", "bytes", "trie"];

    private RunInput(Dictionary<string, List<(byte[] Key, byte[] Value)>> entries, byte[] packet) => (Entries, Packet) = (entries, packet);

    /// <summary>The entries of each map.</summary>
    public IReadOnlyDictionary<string, List<(byte[] Key, byte[] Value)>> Entries { get; }

    /// <summary>The packet; runs work on a copy.</summary>
    public byte[] Packet { get; }

    /// <summary>A random one, whose packet has as many bytes or more.</summary>
    public static RunInput Make(Random random, int leastPacket)
    {
        var all = new Dictionary<string, List<(byte[], byte[])>>();
        foreach (string name in Maps)
        {
            MapDefinition map = TestMaps.All[TestMaps.IndexOf(name)];
            var entries = new List<(byte[], byte[])>();
            int count = map.Type is MapType.Array or MapType.PerCpuArray ? map.MaxEntries : 5;
            for (int n = 0; n < count; n++)
            {
                byte[] key = new byte[map.KeySize], value = new byte[map.ValueSize];
                if (map.Type == MapType.LpmTrie)
                {
                    // Prefixes of different lengths, of numbers that programs look up.
                    BitConverter.TryWriteBytes(key, n == 0 ? 0 : 4 + (n * 6));
                    key[4] = (byte)n;
                }
                else
                {
                    key[0] = (byte)n;
                }

                if (value.Length % 8 != 0) random.NextBytes(value);
                else for (int at = 0; at < value.Length; at += 8) BitConverter.TryWriteBytes(value.AsSpan(at), RandomNumbers.Any(random));
                entries.Add((key, value));
            }

            all.Add(name, entries);
        }

        byte[] packet = new byte[random.Next(leastPacket, 80)];
        random.NextBytes(packet);
        return new RunInput(all, packet);
    }

    /// <summary>Where tail calls go: a program that changes a map and the packet.</summary>
    public static EbpfProgram TailTarget(ProgramType type) => ProgramText.Assemble(
        "target",
        type,
        $"""
        r7 = map[data]+0 ll
        r2 = *(u64 *)(r7 + 16)
        r2 += 1
        *(u64 *)(r7 + 16) = r2
        r3 = *(u32 *)(r1 + {(type == ProgramTypes.Classifier ? 76 : 0)})
        r4 = *(u32 *)(r1 + {(type == ProgramTypes.Classifier ? 80 : 4)})
        r5 = r3
        r5 += 2
        if r5 > r4 goto end
        *(u8 *)(r3 + 1) = r2
        end: r0 = r2
        exit
        """);

    /// <summary>Result, packet and maps afterwards, as text to compare.</summary>
    public static string Outcome(ulong result, ReadOnlySpan<byte> packet, IEnumerable<(string Map, List<(byte[] Key, byte[] Value)> Entries)> maps, IEnumerable<byte[]> records)
    {
        var text = new System.Text.StringBuilder();
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"result {result:x}\npacket {Convert.ToHexString(packet)}\n");
        foreach ((string map, List<(byte[] Key, byte[] Value)> entries) in maps)
        {
            text.Append(map).Append('\n');
            foreach (string line in entries.Select(entry => $"  {Convert.ToHexString(map == "trie" ? Prefix(entry.Key) : entry.Key)} {Convert.ToHexString(entry.Value)}\n").Order(StringComparer.Ordinal)) text.Append(line);
        }

        text.Append("ring\n");
        foreach (byte[] record in records) text.Append("  ").Append(Convert.ToHexString(record)).Append('\n');
        return text.ToString();
    }

    // A trie's key without what is behind its prefix, which the Linux kernel keeps.
    private static byte[] Prefix(byte[] key)
    {
        byte[] prefix = (byte[])key.Clone();
        for (int bit = BitConverter.ToInt32(key); bit < (key.Length - 4) * 8; bit++) prefix[4 + (bit / 8)] &= (byte)~(0x80 >> (bit % 8));
        return prefix;
    }
}
