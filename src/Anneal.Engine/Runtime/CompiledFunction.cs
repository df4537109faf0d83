// What is known of a piece of emitted code: whose it is and what its sites mean. Sites are many (every memory access is
// one) and rarely read (traps, backtraces), so they are kept as variable-length differences: about four bytes each.

using Anneal.Assembler;

namespace Anneal.Runtime;

/// <summary>The machine code of one function in one tier, with its site table.</summary>
internal sealed class CompiledFunction
{
    private readonly WeakReference<CodeUnit> unit;
    private readonly byte[] sites;

    public CompiledFunction(WeakReference<CodeUnit> unit, int function, nint start, int length, ReadOnlySpan<Site> table)
    {
        this.unit = unit;
        Function = function;
        Start = start;
        Length = length;
        sites = Pack(table);
    }

    /// <summary>The unit that the function belongs to; null once that is collected, when nothing runs the function any more.</summary>
    public CodeUnit? Unit => unit.TryGetTarget(out CodeUnit? alive) ? alive : null;

    /// <summary>The function's number in its unit.</summary>
    public int Function { get; }

    public nint Start { get; }

    /// <summary>Bytes of code, literals included.</summary>
    public int Length { get; }

    /// <summary>The site at exactly that address.</summary>
    public bool TryFindSite(nint address, out ushort kind, out int pc)
    {
        int wanted = (int)(address - Start);
        int offset = 0, position = 0;
        pc = 0;
        while (position < sites.Length)
        {
            offset += (int)Read(ref position);
            kind = (ushort)Read(ref position);
            uint zigzag = Read(ref position);
            pc += (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
            if (offset == wanted) return true;
            if (offset > wanted) break;
        }

        kind = 0;
        return false;
    }

    private static byte[] Pack(ReadOnlySpan<Site> table)
    {
        byte[] packed = new byte[Math.Max(16, table.Length * 5)];
        int count = 0, offset = 0, pc = 0;
        foreach (ref readonly Site site in table)
        {
            if (packed.Length - count < 16) Array.Resize(ref packed, packed.Length * 2);
            int delta = site.Data - pc;
            Write(packed, ref count, (uint)(site.Offset - offset));
            Write(packed, ref count, site.Kind);
            Write(packed, ref count, (uint)((delta << 1) ^ (delta >> 31)));
            offset = site.Offset;
            pc = site.Data;
        }

        return packed.AsSpan(0, count).ToArray();
    }

    private static void Write(byte[] packed, ref int count, uint value)
    {
        for (; value >= 0x80; value >>= 7) packed[count++] = (byte)(value | 0x80);
        packed[count++] = (byte)value;
    }

    private uint Read(ref int position)
    {
        uint value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = sites[position++];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}
