// The CO-RE relocations of section .BTF.ext: for each code section, instructions whose values depend on the layout of types. What
// they refer to is looked at when a program that has the instruction is linked (CoreResolver).

using System.Buffers.Binary;

namespace Anneal.Ebpf.Btf;

/// <summary>The CO-RE relocations of an object's code sections.</summary>
internal sealed class CoreRelocations
{
    private const int MinRecord = 16;
    private readonly Dictionary<string, List<CoreRelocation>> sections = new(StringComparer.Ordinal);

    /// <summary>Reads a .BTF.ext section.</summary>
    /// <exception cref="ObjectFormatException">It's damaged.</exception>
    public static CoreRelocations Read(ReadOnlySpan<byte> bytes, BtfTypes types)
    {
        var result = new CoreRelocations();
        foreach (BtfRecords records in BtfExtension.Read(bytes, BtfExtension.Relocations, MinRecord, "CO-RE relocations", types))
        {
            if (!result.sections.TryGetValue(records.Section, out List<CoreRelocation>? list)) result.sections.Add(records.Section, list = new List<CoreRelocation>(records.Count));
            for (int i = 0; i < records.Count; i++)
            {
                int at = records.Start + (i * records.Size);
                uint type = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
                uint kind = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 12)..]);
                if (type >= (uint)types.Count) throw BtfExtension.Invalid(at, $"a CO-RE relocation for type {type} of {types.Count}");
                if (kind > (uint)CoreRelocationKind.TypeMatches) throw BtfExtension.Invalid(at, $"a CO-RE relocation of kind {kind}, which isn't known");
                list.Add(new CoreRelocation(
                    BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]),
                    (int)type,
                    types.NameAt(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 8)..])),
                    (CoreRelocationKind)kind));
            }
        }

        foreach (List<CoreRelocation> list in result.sections.Values) list.Sort(static (x, y) => x.Offset.CompareTo(y.Offset));
        return result;
    }

    /// <summary>The relocations of a section between two offsets, in order.</summary>
    public ReadOnlySpan<CoreRelocation> Of(string section, long start, long end)
    {
        if (!sections.TryGetValue(section, out List<CoreRelocation>? list)) return default;
        int first = FirstAt(list, start);
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list)[first..FirstAt(list, end)];
    }

    private static int FirstAt(List<CoreRelocation> list, long offset)
    {
        int low = 0, high = list.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (list[middle].Offset < offset) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
