// The outer form of section .BTF.ext: a header that says where each part is, and parts that all look alike: the size of their
// records, then for each code section its name, a count, the records. Everything is checked here, so that readers of a part
// (BtfLines, CoreRelocations) find each record whole.

using System.Buffers.Binary;

namespace Anneal.Ebpf.Btf;

/// <summary>Finds the records of .BTF.ext.</summary>
internal static class BtfExtension
{
    public const int Lines = 16;
    public const int Relocations = 24;
    private const string Where = ".BTF.ext";
    private const ushort Magic = 0xEB9F;
    private const int MinHeader = 24;
    private const int MaxRecord = 4096;

    /// <summary>The records of a part.</summary>
    /// <param name="bytes">The section.</param>
    /// <param name="field">Where in the header the part's offset and length are; a header that ends before has no such part.</param>
    /// <param name="least">The fewest bytes of a record.</param>
    /// <param name="what">What the part is, for messages.</param>
    /// <param name="types">The types, which have the names.</param>
    /// <exception cref="ObjectFormatException">It's damaged.</exception>
    public static List<BtfRecords> Read(ReadOnlySpan<byte> bytes, int field, int least, string what, BtfTypes types)
    {
        if (bytes.Length < MinHeader || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Magic) throw Invalid(0, "not BTF of this byte order");
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (header < MinHeader || header > bytes.Length) throw Invalid(4, $"a header of {header} bytes");
        var result = new List<BtfRecords>();
        if (header < field + 8) return result;
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(bytes[field..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(field + 4)..]);
        if ((ulong)header + offset + length > (ulong)bytes.Length) throw Invalid(field, $"the {what} are beyond the end");
        if (length == 0) return result;
        int at = (int)(header + offset), end = at + (int)length;
        if (length < sizeof(uint)) throw Invalid(at, $"the {what} are cut off");
        uint record = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
        if (record < least || record % 4 != 0 || record > MaxRecord) throw Invalid(at, $"{what} of {record} bytes each");
        at += sizeof(uint);
        while (at < end)
        {
            if (end - at < 8) throw Invalid(at, $"a section's {what} are cut off");
            string section = types.NameAt(BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]));
            uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
            at += 8;
            if ((ulong)count * record > (ulong)(end - at)) throw Invalid(at, $"{count} records of the {what} don't fit");
            result.Add(new BtfRecords(section, at, (int)count, (int)record));
            at += (int)(count * record);
        }

        return result;
    }

    public static ObjectFormatException Invalid(long offset, string message) => new(Where, offset, message);
}
