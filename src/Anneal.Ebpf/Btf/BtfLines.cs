// Source lines from section .BTF.ext: for each code section, offsets of instructions with file, line, column and text.

using System.Buffers.Binary;

namespace Anneal.Ebpf.Btf;

/// <summary>The source lines of an object's code sections.</summary>
internal sealed class BtfLines
{
    private const int MinRecord = 16;
    private readonly Dictionary<string, List<PlacedLine>> sections = new(StringComparer.Ordinal);

    /// <summary>Reads a .BTF.ext section.</summary>
    /// <exception cref="ObjectFormatException">It's damaged.</exception>
    public static BtfLines Read(ReadOnlySpan<byte> bytes, BtfTypes types)
    {
        var lines = new BtfLines();
        foreach (BtfRecords records in BtfExtension.Read(bytes, BtfExtension.Lines, MinRecord, "line records", types))
        {
            var list = new List<PlacedLine>(records.Count);
            for (int i = 0; i < records.Count; i++)
            {
                ReadOnlySpan<byte> record = bytes.Slice(records.Start + (i * records.Size), records.Size);
                uint place = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
                list.Add(new PlacedLine(
                    BinaryPrimitives.ReadUInt32LittleEndian(record),
                    new SourceLine(
                        types.NameAt(BinaryPrimitives.ReadUInt32LittleEndian(record[4..])),
                        (int)(place >> 10),
                        (int)(place & 1023),
                        types.NameAt(BinaryPrimitives.ReadUInt32LittleEndian(record[8..])).Trim())));
            }

            list.Sort(static (x, y) => x.Offset.CompareTo(y.Offset));
            lines.sections[records.Section] = list;
        }

        return lines;
    }

    /// <summary>The lines of a section between two offsets, in order.</summary>
    public IEnumerable<PlacedLine> Of(string section, long start, long end)
    {
        if (!sections.TryGetValue(section, out List<PlacedLine>? list)) yield break;
        foreach (PlacedLine entry in list)
        {
            if (entry.Offset >= start && entry.Offset < end) yield return entry;
        }
    }
}
