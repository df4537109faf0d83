// Helpers of socket buffers beyond loads and stores: room for headers, VLAN tags, hash, checksum state. Errors are the kernel's.

using System.Runtime.CompilerServices;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>Socket buffer operations.</summary>
internal static unsafe class SocketBufferHelpers
{
    private const int VlanEthernetBytes = 18;
    private const int MaxPacketType = 3;
    private const int MaxChecksumLevel = 3;

    /// <summary>Loads bytes at an offset from the link-layer or the network header.</summary>
    public static ulong LoadRelative(RunContext run, EbpfMap? map, ulong* a)
    {
        var target = new Span<byte>((void*)a[2], (int)a[3]);
        int network = SocketBuffer.NetworkOffset(run);
        // A control group's packet has no link-layer header any more.
        long start = a[4] switch
        {
            0 when network != 0 => 0,
            1 => network,
            _ => -1,
        };
        uint offset = (uint)a[1];
        if (start < 0 || offset > int.MaxValue || start + offset + target.Length > SocketBuffer.Length(run))
        {
            target.Clear();
            return unchecked((ulong)MapError.Fault);
        }

        new ReadOnlySpan<byte>(run.Data + start + offset, target.Length).CopyTo(target);
        return 0;
    }

    /// <summary>Makes IPv4 of IPv6 or the other way: room for the other header, whose bytes the program sets.</summary>
    public static ulong ChangeProtocol(RunContext run, EbpfMap? map, ulong* a)
    {
        const int Difference = SocketBuffer.Ipv6Bytes - SocketBuffer.Ipv4Bytes;
        if (a[2] != 0) return unchecked((ulong)MapError.Invalid);
        ushort from = SocketBuffer.Protocol(run), to = (ushort)a[1];
        long result = (from, to) switch
        {
            (SocketBuffer.Ipv4, SocketBuffer.Ipv6) => SocketBuffer.Insert(run, SocketBuffer.EthernetBytes, Difference),
            (SocketBuffer.Ipv6, SocketBuffer.Ipv4) => SocketBuffer.Remove(run, SocketBuffer.EthernetBytes, Difference),
            _ => MapError.NotImplemented,
        };
        if (result != MapError.None) return (ulong)result;
        SocketBuffer.SetProtocol(run, to);
        ForgetHash(run);
        return 0;
    }

    public static ulong ChangeType(RunContext run, EbpfMap? map, ulong* a)
    {
        uint* type = SocketBuffer.Field(run, 4, "pkt_type");
        if (type == null || *type > MaxPacketType || (uint)a[1] > MaxPacketType) return unchecked((ulong)MapError.Invalid);
        *type = (uint)a[1];
        return 0;
    }

    /// <summary>Adds a tag: it's in the context's fields; one that was there goes into the packet.</summary>
    public static ulong PushVlan(RunContext run, EbpfMap? map, ulong* a)
    {
        ushort type = (ushort)a[1] is SocketBuffer.Vlan or SocketBuffer.ServiceVlan ? (ushort)a[1] : SocketBuffer.Vlan;
        uint* present = SocketBuffer.Field(run, 20, "vlan_present");
        uint* tag = SocketBuffer.Field(run, 24, "vlan_tci");
        uint* kind = SocketBuffer.Field(run, 28, "vlan_proto");
        if (present == null || tag == null || kind == null) return unchecked((ulong)MapError.Invalid);
        if (*present != 0)
        {
            if (SocketBuffer.Length(run) < SocketBuffer.EthernetBytes) return unchecked((ulong)MapError.NoMemory);
            long result = SocketBuffer.Insert(run, SocketBuffer.TypeOffset, SocketBuffer.VlanBytes);
            if (result != MapError.None) return (ulong)result;
            Unsafe.WriteUnaligned(run.Data + SocketBuffer.TypeOffset, (ushort)*kind);
            run.Data[SocketBuffer.TypeOffset + 2] = (byte)(*tag >> 8);
            run.Data[SocketBuffer.TypeOffset + 3] = (byte)*tag;
            SocketBuffer.SetProtocol(run, (ushort)*kind);
        }

        *present = 1;
        *tag = (ushort)a[2];
        *kind = type;
        return 0;
    }

    /// <summary>Removes the outermost tag; the next one leaves the packet for the context's fields.</summary>
    public static ulong PopVlan(RunContext run, EbpfMap? map, ulong* a)
    {
        uint* present = SocketBuffer.Field(run, 20, "vlan_present");
        uint* tag = SocketBuffer.Field(run, 24, "vlan_tci");
        uint* kind = SocketBuffer.Field(run, 28, "vlan_proto");
        if (present == null || tag == null || kind == null) return unchecked((ulong)MapError.Invalid);
        if (*present != 0)
        {
            *present = *tag = *kind = 0;
        }
        else
        {
            if (SocketBuffer.Protocol(run) is not (SocketBuffer.Vlan or SocketBuffer.ServiceVlan)) return 0;
            if (TakeTag(run, out _) is var first and not 0) return (ulong)first;
        }

        ushort next = SocketBuffer.Protocol(run);
        if (next is not (SocketBuffer.Vlan or SocketBuffer.ServiceVlan)) return 0;
        if (TakeTag(run, out ushort inner) is var second and not 0) return (ulong)second;
        *present = 1;
        *tag = inner;
        *kind = next;
        return 0;
    }

    public static ulong Hash(RunContext run, EbpfMap? map, ulong* a)
    {
        uint* hash = SocketBuffer.Hash(run);
        if (hash == null) return SocketBuffer.FlowHash(run);
        if (*hash == 0) *hash = SocketBuffer.FlowHash(run);
        return *hash;
    }

    public static ulong InvalidateHash(RunContext run, EbpfMap? map, ulong* a)
    {
        ForgetHash(run);
        return 0;
    }

    public static ulong SetHash(RunContext run, EbpfMap? map, ulong* a)
    {
        uint* hash = SocketBuffer.Hash(run);
        if (hash != null) *hash = (uint)a[1];
        return 0;
    }

    /// <summary>No driver has summed the packet up here.</summary>
    public static ulong UpdateChecksum(RunContext run, EbpfMap? map, ulong* a) => unchecked((ulong)MapError.NotImplemented);

    public static ulong ChecksumLevel(RunContext run, EbpfMap? map, ulong* a)
    {
        const ulong Query = 0, Increment = 1, Decrement = 2, Reset = 3;
        switch (a[1])
        {
            case Query: return run.ChecksumLevel >= 0 ? (ulong)run.ChecksumLevel : unchecked((ulong)MapError.NoAccess);
            case Increment: run.ChecksumLevel = Math.Min(run.ChecksumLevel + 1, MaxChecksumLevel); return 0;
            case Decrement: run.ChecksumLevel = Math.Max(run.ChecksumLevel - 1, -1); return 0;
            case Reset: run.ChecksumLevel = -1; return 0;
            default: return unchecked((ulong)MapError.Invalid);
        }
    }

    /// <summary>Marks congestion in the network header; 1 if it's marked then, 0 if its sender doesn't know of marks.</summary>
    public static ulong MarkCongestion(RunContext run, EbpfMap? map, ulong* a)
    {
        int offset = SocketBuffer.NetworkOffset(run), rest = SocketBuffer.Length(run) - offset;
        ushort protocol = SocketBuffer.Protocol(run);
        byte* header = run.Data + offset;
        if (offset == 0 && protocol is not (SocketBuffer.Ipv4 or SocketBuffer.Ipv6) && rest > 0) protocol = header[0] >> 4 == 6 ? SocketBuffer.Ipv6 : SocketBuffer.Ipv4;
        if (protocol == SocketBuffer.Ipv4 && rest >= SocketBuffer.Ipv4Bytes)
        {
            int mark = header[1] & 3;
            if (mark is 0 or 3) return mark == 0 ? 0ul : 1;
            ushort before = Unsafe.ReadUnaligned<ushort>(header);
            header[1] |= 3;
            PacketHelpers.ReplaceWord(header + 10, before, Unsafe.ReadUnaligned<ushort>(header));
            return 1;
        }

        if (protocol == SocketBuffer.Ipv6 && rest >= SocketBuffer.Ipv6Bytes)
        {
            int mark = header[1] >> 4 & 3;
            if (mark == 0) return 0;
            header[1] |= 0x30;
            return 1;
        }

        return 0;
    }

    private static void ForgetHash(RunContext run)
    {
        uint* hash = SocketBuffer.Hash(run);
        if (hash != null) *hash = 0;
    }

    private static long TakeTag(RunContext run, out ushort tag)
    {
        tag = 0;
        if (SocketBuffer.Length(run) < VlanEthernetBytes) return MapError.NoMemory;
        tag = (ushort)((run.Data[SocketBuffer.EthernetBytes] << 8) | run.Data[SocketBuffer.EthernetBytes + 1]);
        ushort inner = Unsafe.ReadUnaligned<ushort>(run.Data + SocketBuffer.EthernetBytes + 2);
        long result = SocketBuffer.Remove(run, SocketBuffer.TypeOffset, SocketBuffer.VlanBytes);
        if (result == MapError.None) SocketBuffer.SetProtocol(run, inner);
        return result;
    }
}
