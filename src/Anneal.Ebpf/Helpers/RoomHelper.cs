// skb_adjust_room: grows or shrinks a packet behind its link-layer or its network header, for tunnels' headers. The flags say what the
// program is about to put there; of them only what decides over errors and the protocol has a meaning here.

using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>Room in a packet.</summary>
internal static unsafe class RoomHelper
{
    private const ulong OuterIpv4 = 2, OuterIpv6 = 4, Gre = 8, Udp = 16, InnerEthernet = 64, InnerIpv4 = 128, InnerIpv6 = 256;
    private const ulong Known = 0x1FF | (0xFFul << InnerLengthShift);
    private const int InnerLengthShift = 56;
    private const int MaxDistance = 0xFFF, MaxPacketBytes = 65535;

    public static ulong Adjust(RunContext run, EbpfMap? map, ulong* a)
    {
        int distance = (int)a[1];
        uint mode = (uint)a[2];
        ulong flags = a[3];
        if ((flags & ~Known) != 0) return unchecked((ulong)MapError.Invalid);
        if (distance is > MaxDistance or < -MaxDistance) return unchecked((ulong)MapError.Fault);
        ushort protocol = SocketBuffer.Protocol(run);
        if (protocol is not (SocketBuffer.Ipv4 or SocketBuffer.Ipv6)) return unchecked((ulong)MapError.NotImplemented);
        int header = protocol == SocketBuffer.Ipv4 ? SocketBuffer.Ipv4Bytes : SocketBuffer.Ipv6Bytes, least = header;
        // Mode 0: behind the network header; 1: behind the link-layer header.
        if (mode > 1) return unchecked((ulong)MapError.NotImplemented);
        int at = SocketBuffer.EthernetBytes + (mode == 0 ? header : 0);
        if ((flags & (InnerIpv4 | InnerIpv6)) != 0)
        {
            if (distance >= 0 || (flags & (InnerIpv4 | InnerIpv6)) == (InnerIpv4 | InnerIpv6)) return unchecked((ulong)MapError.Invalid);
            least = (flags & InnerIpv4) != 0 ? SocketBuffer.Ipv4Bytes : SocketBuffer.Ipv6Bytes;
        }

        int length = SocketBuffer.Length(run), rest = length - SocketBuffer.EthernetBytes;
        if (distance < 0 && (-distance >= rest || rest + distance < least)) return unchecked((ulong)MapError.NotImplemented);
        if (distance > 0 && length + distance > MaxPacketBytes) return unchecked((ulong)MapError.NotImplemented);
        if (distance < 0) return (ulong)Shrink(run, at, -distance, flags, protocol);
        return (ulong)Grow(run, at, distance, flags, protocol);
    }

    private static long Grow(RunContext run, int at, int distance, ulong flags, ushort protocol)
    {
        bool wraps = (flags & (OuterIpv4 | OuterIpv6)) != 0;
        int inner = (int)(flags >> InnerLengthShift);
        if (wraps)
        {
            bool twice = (flags & (OuterIpv4 | OuterIpv6)) == (OuterIpv4 | OuterIpv6) || (flags & (Gre | Udp)) == (Gre | Udp);
            if (twice || ((flags & InnerEthernet) != 0 && inner < SocketBuffer.EthernetBytes)) return MapError.Invalid;
            if (run.IsEncapsulated) return MapError.Already;
        }

        long result = SocketBuffer.Insert(run, at, distance);
        if (result != MapError.None || !wraps) return result;
        if (inner > distance) return MapError.Invalid;
        run.IsEncapsulated = true;
        ushort outer = (flags & OuterIpv6) != 0 ? SocketBuffer.Ipv6 : SocketBuffer.Ipv4;
        if (outer != protocol) SocketBuffer.SetProtocol(run, outer);
        return MapError.None;
    }

    private static long Shrink(RunContext run, int at, int distance, ulong flags, ushort protocol)
    {
        long result = SocketBuffer.Remove(run, at, distance);
        if (result != MapError.None) return result;
        ushort inner = (flags & InnerIpv4) != 0 ? SocketBuffer.Ipv4 : (flags & InnerIpv6) != 0 ? SocketBuffer.Ipv6 : protocol;
        if (inner != protocol) SocketBuffer.SetProtocol(run, inner);
        return MapError.None;
    }
}
