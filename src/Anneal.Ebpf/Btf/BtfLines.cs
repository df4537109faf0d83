// Source lines from section .BTF.ext: for each code section, offsets of instructions with file, line, column and text.

using System.Buffers.Binary;

namespace Anneal.Ebpf.Btf;

/// <summary>The source lines of an object's code sections.</summary>
internal sealed class BtfLines
{
    private const string Where = ".BTF.ext";
    private const ushort Magic = 0xEB9F;
    private const int MinHeader = 24;
    private const int MinRecord = 16;
    private readonly Dictionary<string, List<(long Offset, SourceLine Line)>> sections = new(StringComparer.Ordinal);

    /// <summary>Reads a .BTF.ext section.</summary>
    /// <exception cref="ObjectFormatException">It's damaged.</exception>
    public static BtfLines Read(ReadOnlySpan<byte> bytes, BtfTypes types)
    {
        if (bytes.Length < MinHeader || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Magic) throw Invalid(0, "not BTF of this byte order");
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]);
        if (header < MinHeader || (ulong)header + offset + length > (ulong)bytes.Length) throw Invalid(16, "the line information is beyond the end");
        var lines = new BtfLines();
        if (length != 0) lines.Parse(bytes.Slice((int)(header + offset), (int)length), types);
        return lines;
    }

    /// <summary>The lines of a section between two offsets, in order.</summary>
    public IEnumerable<(long Offset, SourceLine Line)> Of(string section, long start, long end)
    {
        if (!sections.TryGetValue(section, out List<(long Offset, SourceLine Line)>? list)) yield break;
        foreach ((long Offset, SourceLine Line) entry in list)
        {
            if (entry.Offset >= start && entry.Offset < end) yield return entry;
        }
    }

    private void Parse(ReadOnlySpan<byte> bytes, BtfTypes types)
    {
        if (bytes.Length < 4) throw Invalid(-1, "the line information is cut off");
        uint record = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (record < MinRecord || record % 4 != 0 || record > 4096) throw Invalid(-1, $"line records of {record} bytes");
        int at = 4;
        while (at < bytes.Length)
        {
            if (bytes.Length - at < 8) throw Invalid(at, "a section's line information is cut off");
            string section = types.NameAt(BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]));
            uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
            at += 8;
            if ((ulong)count * record > (ulong)(bytes.Length - at)) throw Invalid(at, $"{count} line records don't fit");
            var list = new List<(long, SourceLine)>((int)count);
            for (uint i = 0; i < count; i++, at += (int)record)
            {
                uint place = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 12)..]);
                list.Add((
                    BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]),
                    new SourceLine(
                        types.NameAt(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..])),
                        (int)(place >> 10),
                        (int)(place & 1023),
                        types.NameAt(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 8)..])).Trim())));
            }

            list.Sort(static (x, y) => x.Item1.CompareTo(y.Item1));
            sections[section] = list;
        }
    }

    private static ObjectFormatException Invalid(long offset, string message) => new(Where, offset, message);
}
