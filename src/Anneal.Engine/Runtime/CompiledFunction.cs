// What is known of a piece of emitted code: whose it is and what its sites mean. Sites are many (every memory access is
// one) and rarely read (traps, backtraces), so they are kept as variable-length differences: about four bytes each.

using Anneal.Assembler;
using Anneal.Templates;

namespace Anneal.Runtime;

/// <summary>The machine code of one function in one tier, with its site table.</summary>
internal sealed class CompiledFunction : CodeRange
{
    private readonly byte[] sites;
    private readonly int[] loopEntries;

    public CompiledFunction(WeakReference<CodeUnit> unit, int function, nint start, int length, ReadOnlySpan<Site> table, ReadOnlySpan<int> loops)
        : base(unit, function, start, length)
    {
        sites = Pack(table);
        loopEntries = loops.Length == 0 ? EmptyArray<int>.Value : loops.ToArray();
    }

    /// <summary>Where a frame with all its slots at home enters the code at that loop's header.</summary>
    public nint EntryAtLoop(int loop) => Start + loopEntries[loop];

    /// <summary>Where the call at a bytecode position returns to.</summary>
    public nint ReturnAddressOf(int call)
    {
        int offset = 0, position = 0, pc = 0;
        while (position < sites.Length)
        {
            Next(ref position, ref offset, out ushort kind, ref pc);
            if (pc == call && kind == (ushort)SiteKind.Call) return Start + offset;
        }

        throw new InvalidOperationException($"engine bug: no call at pc {call}");
    }

    /// <summary>The site at exactly that address.</summary>
    public bool TryFindSite(nint address, out ushort kind, out int pc)
    {
        int wanted = (int)(address - Start);
        int offset = 0, position = 0;
        pc = 0;
        while (position < sites.Length)
        {
            Next(ref position, ref offset, out kind, ref pc);
            if (offset == wanted) return true;
            if (offset > wanted) break;
        }

        kind = 0;
        return false;
    }

    private void Next(ref int position, ref int offset, out ushort kind, ref int pc)
    {
        offset += (int)Read(ref position);
        kind = (ushort)Read(ref position);
        uint zigzag = Read(ref position);
        pc += (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
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
