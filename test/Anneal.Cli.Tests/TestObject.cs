// Small eBPF objects for tests, with what an object needs at least: code sections, one function in each, symbols and names.

using System.Buffers.Binary;
using System.Text;

namespace Anneal.Cli.Tests;

internal static class TestObject
{
    /// <summary>r0 = 7; exit.</summary>
    public static readonly byte[] Seven = [0xB7, 0, 0, 0, 7, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>r0 = *(u64 *)(r1 + 0); exit: too far for packets' contexts, fine for others.</summary>
    public static readonly byte[] LoadsEight = [0x79, 0x10, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];

    private const int Header = 64;
    private const int SymbolBytes = 24;

    /// <summary>An object of sections with one function each.</summary>
    public static byte[] Of(params (string Section, string Function, byte[] Code)[] programs)
    {
        var names = new MemoryStream();
        names.WriteByte(0);
        uint Name(string name)
        {
            uint at = (uint)names.Position;
            names.Write(Encoding.UTF8.GetBytes(name));
            names.WriteByte(0);
            return at;
        }

        byte[] symbols = new byte[SymbolBytes * (1 + programs.Length)];
        var sections = new List<(uint Name, uint Type, ulong Flags, byte[] Bytes, uint Link, uint Info, ulong Entry)> { default };
        sections[0] = (0, 0, 0, [], 0, 0, 0);
        for (int i = 0; i < programs.Length; i++)
        {
            Span<byte> symbol = symbols.AsSpan(SymbolBytes * (1 + i));
            BinaryPrimitives.WriteUInt32LittleEndian(symbol, Name(programs[i].Function));
            symbol[4] = 0x12; // a global function
            BinaryPrimitives.WriteUInt16LittleEndian(symbol[6..], (ushort)sections.Count);
            BinaryPrimitives.WriteUInt64LittleEndian(symbol[16..], (ulong)programs[i].Code.Length);
            sections.Add((Name(programs[i].Section), 1, 6, programs[i].Code, 0, 0, 0));
        }

        uint strings = (uint)sections.Count + 1;
        sections.Add((Name(".symtab"), 2, 0, symbols, strings, 1, SymbolBytes));
        uint own = Name(".strtab");
        sections.Add((own, 3, 0, names.ToArray(), 0, 0, 0));
        return Write(sections);
    }

    private static byte[] Write(List<(uint Name, uint Type, ulong Flags, byte[] Bytes, uint Link, uint Info, ulong Entry)> sections)
    {
        var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("\u007FELF"u8);
        writer.Write([(byte)2, (byte)1, (byte)1, (byte)0, (byte)0, (byte)0, (byte)0, (byte)0, (byte)0, (byte)0, (byte)0, (byte)0]);
        writer.Write((ushort)1);
        writer.Write((ushort)247);
        writer.Write(1);
        writer.Write(0L);
        writer.Write(0L);
        long table = Header + sections.Sum(section => (long)section.Bytes.Length);
        writer.Write(table);
        writer.Write(0);
        writer.Write((ushort)Header);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write((ushort)64);
        writer.Write((ushort)sections.Count);
        writer.Write((ushort)(sections.Count - 1));
        foreach (var section in sections) writer.Write(section.Bytes);
        long offset = Header;
        foreach (var section in sections)
        {
            writer.Write(section.Name);
            writer.Write(section.Type);
            writer.Write(section.Flags);
            writer.Write(0L);
            writer.Write(offset);
            writer.Write((long)section.Bytes.Length);
            writer.Write(section.Link);
            writer.Write(section.Info);
            writer.Write(1L);
            writer.Write(section.Entry);
            offset += section.Bytes.Length;
        }

        return file.ToArray();
    }
}
