// Keys and values of maps as words: numbers where they are as long as numbers are, hexadecimal digits otherwise.

using System.Buffers.Binary;
using System.Globalization;
using Anneal.Cli.Packets;
using Anneal.Ebpf;
using Anneal.Ebpf.Maps;

namespace Anneal.Cli;

/// <summary>Entries of maps as text.</summary>
internal static class MapText
{
    private const string Digits = "hex:";

    /// <summary>Puts entries into a map: <c>KEY:VALUE</c> and more after commas.</summary>
    /// <exception cref="UsageException">The text doesn't say entries of this map.</exception>
    public static void Set(EbpfMap map, string text)
    {
        if (map.Definition.IsFrozen) throw new UsageException($"--map {map.Name}: it holds the object's constants");
        if (map is RingBuffer) throw new UsageException($"--map {map.Name}: only programs write to a ring buffer");
        if (map is ProgramArray or MapOfMaps) throw new UsageException($"--map {map.Name}: its entries ({map.Type}) are no numbers");
        foreach (string entry in text.Split(','))
        {
            int colon = entry.IndexOf(':', entry.StartsWith(Digits, StringComparison.Ordinal) ? Digits.Length : 0);
            if (colon < 0) throw new UsageException($"--map {map.Name} takes KEY:VALUE, not \"{entry}\"");
            byte[] key = Parse(map, entry[..colon], map.KeySize, "key");
            byte[] one = Parse(map, entry[(colon + 1)..], map.ValueSize, "value");
            // All processors of a per-processor map get the same.
            byte[] value = new byte[map.HostValueSize];
            for (int at = 0; at + one.Length <= value.Length; at += Math.Max(map.Definition.ValueStride, 8)) one.CopyTo(value, at);
            try
            {
                if (!map.Update(key, value)) throw new UsageException($"--map {map.Name}: there's no place for \"{entry}\" among its {map.MaxEntries} entries");
            }
            catch (NotSupportedException exception)
            {
                throw new UsageException($"--map {map.Name}: {exception.Message}");
            }
        }
    }

    /// <summary>Prints the entries of a map, in the order of their keys where these are numbers. Entries of arrays that are zero are left out.</summary>
    public static void Print(EbpfMap map, TextWriter output)
    {
        output.WriteLine($"{map.Name} ({map.Type}):");
        if (map is RingBuffer ring)
        {
            ring.Consume(record => output.WriteLine($"  {Convert.ToHexStringLower(record)}"));
            return;
        }

        if (map is PerfEventArray events)
        {
            events.Consume((processor, record) => output.WriteLine($"  {processor}: {Convert.ToHexStringLower(record)}"));
            if (events.Lost != 0) output.WriteLine($"  {events.Lost} lost");
            return;
        }

        if (map is QueueMap queue)
        {
            byte[] next = new byte[map.ValueSize];
            while (queue.Take(next, removes: true) == MapError.None) output.WriteLine($"  {Format(next)}");
            return;
        }

        bool isArray = map.Type is MapType.Array or MapType.PerCpuArray;
        byte[] value = new byte[map.HostValueSize];
        foreach (byte[] key in map.Keys().OrderBy(key => IsNumber(key.Length) ? Number(key) : 0))
        {
            try
            {
                if (!map.TryLookup(key, value) || (isArray && !value.AsSpan().ContainsAnyExcept((byte)0))) continue;
                output.WriteLine($"  {Format(key)}: {Format(map, value)}");
            }
            catch (NotSupportedException)
            {
                output.WriteLine($"  {Format(key)}");
            }
        }
    }

    private static string Format(EbpfMap map, byte[] value)
    {
        if (value.Length == map.ValueSize) return Format(value);
        var words = new List<string>();
        for (int i = 0; i < map.Processors; i++) words.Add(Format(value.AsSpan(i * map.Definition.ValueStride, map.ValueSize)));
        return string.Join(' ', words);
    }

    private static string Format(ReadOnlySpan<byte> bytes) =>
        IsNumber(bytes.Length) ? Number(bytes).ToString(CultureInfo.InvariantCulture) : Convert.ToHexStringLower(bytes);

    private static bool IsNumber(int length) => length is 1 or 2 or 4 or 8;

    private static ulong Number(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        1 => bytes[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };

    // A number, decimal or with 0x, or "hex:" and all bytes.
    private static byte[] Parse(EbpfMap map, string text, int size, string what)
    {
        // Queues and stacks have no keys.
        if (size == 0) return text.Length == 0 ? [] : throw new UsageException($"--map {map.Name}: \"{text}\", where a {map.Type} has no {what}: \":VALUE\" is an entry");
        if (text.StartsWith(Digits, StringComparison.Ordinal))
        {
            return Hexadecimal.TryParse(text[Digits.Length..], out byte[] all) && all.Length == size
                ? all
                : throw new UsageException($"--map {map.Name}: \"{text}\" isn't the {size} bytes of a {what}");
        }

        bool hexadecimal = text.StartsWith("0x", StringComparison.Ordinal);
        bool isNumber = ulong.TryParse(hexadecimal ? text.AsSpan(2) : text, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
        if (!isNumber || !IsNumber(size) || (size < 8 && number >> (size * 8) != 0))
            throw new UsageException($"--map {map.Name}: \"{text}\" is no {what} of {size} bytes{(IsNumber(size) ? "" : "; hex: and their digits would be")}");
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes[..size];
    }
}
