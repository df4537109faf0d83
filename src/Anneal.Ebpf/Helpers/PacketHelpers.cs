// Helpers that read, write, move and checksum packets.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>Packet operations.</summary>
internal static unsafe class PacketHelpers
{
    private const ulong SizeMask = 15;
    private const ulong MarkMangled = 0x20;
    private const ulong MarkEnforced = 0x40;
    private const int MaxPacketBytes = 65535;

    public static ulong Load(RunContext run, EbpfMap? map, ulong* a)
    {
        var target = new Span<byte>((void*)a[2], (int)a[3]);
        if (!TryFind(run, a[1], (uint)target.Length, out byte* place))
        {
            target.Clear();
            return unchecked((ulong)MapError.Fault);
        }

        new ReadOnlySpan<byte>(place, target.Length).CopyTo(target);
        return 0;
    }

    public static ulong Store(RunContext run, EbpfMap? map, ulong* a)
    {
        const ulong RecomputeChecksum = 1, InvalidateHash = 2;
        var source = new ReadOnlySpan<byte>((void*)a[2], (int)a[3]);
        if ((a[4] & ~(RecomputeChecksum | InvalidateHash)) != 0) return unchecked((ulong)MapError.Invalid);
        if (!TryFind(run, a[1], (uint)source.Length, out byte* place)) return unchecked((ulong)MapError.Fault);
        source.CopyTo(new Span<byte>(place, source.Length));
        if ((a[4] & InvalidateHash) != 0) SocketBufferHelpers.InvalidateHash(run, map, a);
        return 0;
    }

    public static ulong LoadXdp(RunContext run, EbpfMap? map, ulong* a)
    {
        var target = new Span<byte>((void*)a[2], (int)a[3]);
        long error = FindXdp(run, a, out byte* place);
        if (error == MapError.None) new ReadOnlySpan<byte>(place, target.Length).CopyTo(target);
        else target.Clear();
        return (ulong)error;
    }

    public static ulong StoreXdp(RunContext run, EbpfMap? map, ulong* a)
    {
        var source = new ReadOnlySpan<byte>((void*)a[2], (int)a[3]);
        long error = FindXdp(run, a, out byte* place);
        if (error == MapError.None) source.CopyTo(new Span<byte>(place, source.Length));
        return (ulong)error;
    }

    private static long FindXdp(RunContext run, ulong* a, out byte* place)
    {
        bool found = TryFind(run, a[1], a[3], out place);
        return (uint)a[1] > MaxPacketBytes || a[3] > MaxPacketBytes ? MapError.Fault : found ? MapError.None : MapError.Invalid;
    }

    public static ulong Length(RunContext run, EbpfMap? map, ulong* a) => (ulong)(run.DataEnd - run.Data);

    /// <summary>All of a packet is always there.</summary>
    public static ulong Pull(RunContext run, EbpfMap? map, ulong* a) =>
        (uint)a[1] <= (ulong)(run.DataEnd - run.Data) ? 0 : unchecked((ulong)MapError.NoMemory);

    public static ulong AdjustHead(RunContext run, EbpfMap? map, ulong* a) => Done(run.MoveStart((int)a[1]));

    public static ulong AdjustTail(RunContext run, EbpfMap? map, ulong* a) => Done(run.MoveEnd((int)a[1]));

    public static ulong AdjustMeta(RunContext run, EbpfMap? map, ulong* a) => Done(run.MoveMeta((int)a[1]));

    public static ulong ChangeTail(RunContext run, EbpfMap? map, ulong* a)
    {
        uint length = (uint)a[1];
        if (a[2] != 0 || length > MaxPacketBytes) return unchecked((ulong)MapError.Invalid);
        bool moved = run.MoveEnd(length - (run.DataEnd - run.Data));
        if (moved) SetLength(run);
        return Done(moved);
    }

    public static ulong ChangeHead(RunContext run, EbpfMap? map, ulong* a)
    {
        uint room = (uint)a[1];
        if (a[2] != 0 || room > RunContext.Headroom) return unchecked((ulong)MapError.Invalid);
        bool moved = run.MoveStart(-(long)room);
        if (moved)
        {
            new Span<byte>(run.Data, (int)room).Clear();
            SetLength(run);
        }

        return Done(moved);
    }

    /// <summary>The sum of the words of one memory less those of another, added to a seed.</summary>
    public static ulong Difference(RunContext run, EbpfMap? map, ulong* a)
    {
        if ((a[1] | a[3]) % sizeof(uint) != 0) return unchecked((ulong)MapError.Invalid);
        ulong sum = (uint)a[4];
        for (ulong i = 0; i < a[1]; i += sizeof(uint)) sum += ~Unsafe.ReadUnaligned<uint>((byte*)a[0] + i);
        for (ulong i = 0; i < a[3]; i += sizeof(uint)) sum += Unsafe.ReadUnaligned<uint>((byte*)a[2] + i);
        sum = (sum >> 32) + (uint)sum;
        return (uint)((sum >> 32) + sum);
    }

    public static ulong ReplaceL3(RunContext run, EbpfMap? map, ulong* a)
    {
        if ((a[4] & ~SizeMask) != 0) return unchecked((ulong)MapError.Invalid);
        if ((a[1] & 1) != 0 || !TryFind(run, a[1], sizeof(ushort), out byte* place)) return unchecked((ulong)MapError.Fault);
        return TryReplace(place, a[2], a[3], a[4] & SizeMask) ? 0 : unchecked((ulong)MapError.Invalid);
    }

    public static ulong ReplaceL4(RunContext run, EbpfMap? map, ulong* a)
    {
        const ulong Known = SizeMask | 0x10 | MarkMangled | MarkEnforced;
        ulong flags = a[4];
        if ((flags & ~Known) != 0) return unchecked((ulong)MapError.Invalid);
        if ((a[1] & 1) != 0 || !TryFind(run, a[1], sizeof(ushort), out byte* place)) return unchecked((ulong)MapError.Fault);
        bool marks = (flags & MarkMangled) != 0;
        // A checksum of 0 says that there's none, in UDP.
        if (marks && (flags & MarkEnforced) == 0 && Unsafe.ReadUnaligned<ushort>(place) == 0) return 0;
        if (!TryReplace(place, a[2], a[3], flags & SizeMask)) return unchecked((ulong)MapError.Invalid);
        if (marks && Unsafe.ReadUnaligned<ushort>(place) == 0) Unsafe.WriteUnaligned(place, ushort.MaxValue);
        return 0;
    }

    /// <summary>Brings a checksum up to date after a word of what it covers changed.</summary>
    public static void ReplaceWord(byte* checksum, ushort from, ushort to) => TryReplace(checksum, from, to, sizeof(ushort));

    private static bool TryReplace(byte* place, ulong from, ulong to, ulong size)
    {
        // The checksum is the complement of a sum: take the old value's complement away by adding, and the new one's to it.
        ulong sum = (ushort)~Unsafe.ReadUnaligned<ushort>(place);
        switch (size)
        {
            case 0 when from == 0: sum += (uint)to; break;
            case 2: sum += (ushort)~from + (ulong)(ushort)to; break;
            case 4: sum += (uint)~from + (ulong)(uint)to; break;
            default: return false;
        }

        while (sum >> 16 != 0) sum = (ushort)sum + (sum >> 16);
        Unsafe.WriteUnaligned(place, (ushort)~sum);
        return true;
    }

    private static bool TryFind(RunContext run, ulong offset, ulong bytes, out byte* place)
    {
        ulong length = (ulong)(run.DataEnd - run.Data);
        uint start = (uint)offset;
        place = run.Data + start;
        return start <= length && bytes <= length - start;
    }

    private static void SetLength(RunContext run)
    {
        if (run.Program.Type.Context?.Find(0, sizeof(int)) is { Name: "len" })
            BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(run.Context, sizeof(int)), (int)(run.DataEnd - run.Data));
    }

    private static ulong Done(bool done) => done ? 0 : unchecked((ulong)MapError.Invalid);
}
