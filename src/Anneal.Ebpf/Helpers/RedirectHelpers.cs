// Helpers that say where a packet is to go. Nothing is sent here: the host learns of it with the verdict (LoadedProgram.Run with a
// Redirect), and only if the program returns what the helper gave it.

using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>Redirects.</summary>
internal static unsafe class RedirectHelpers
{
    private const ulong XdpAborted = 0, XdpRedirect = 4, Drop = 2, Redirects = 7;
    private const ulong Ingress = 1, VerdictMask = 3, Broadcast = 8, ExcludeIngress = 16;
    private const ulong NeighborBytes = 20;

    public static ulong Redirect(RunContext run, EbpfMap? map, ulong* a)
    {
        bool xdp = run.Program.Type.Name == ProgramTypes.Xdp.Name;
        if ((a[1] & ~(xdp ? 0 : Ingress)) != 0) return xdp ? XdpAborted : Drop;
        run.Redirect = new Redirect(RedirectKind.Device, (uint)a[0], null, 0, a[1]);
        return xdp ? XdpRedirect : Redirects;
    }

    public static ulong Peer(RunContext run, EbpfMap? map, ulong* a)
    {
        if (a[1] != 0) return Drop;
        run.Redirect = new Redirect(RedirectKind.Peer, (uint)a[0], null, 0, 0);
        return Redirects;
    }

    public static ulong Neighbor(RunContext run, EbpfMap? map, ulong* a)
    {
        // The next hop that the program may give isn't passed on: there's no neighbour table here, and the host has the packet.
        if (a[3] != 0 || (a[2] != 0 && a[2] < NeighborBytes)) return Drop;
        run.Redirect = new Redirect(RedirectKind.Neighbor, (uint)a[0], null, 0, 0);
        return Redirects;
    }

    /// <summary>Redirects to an entry of a map; the flags' lowest two bits if there's none.</summary>
    public static ulong ToMap(RunContext run, EbpfMap? map, ulong* a)
    {
        ulong flags = a[2];
        bool devices = map!.Type is MapType.DeviceMap or MapType.DeviceHash;
        if ((flags & ~(VerdictMask | (devices ? Broadcast | ExcludeIngress : 0))) != 0) return XdpAborted;
        uint key = (uint)a[1];
        bool all = (flags & Broadcast) != 0;
        bool found = ((RedirectMap)map).TryFind(key, out uint target);
        if (!found && !all)
        {
            run.Redirect = default;
            return flags & VerdictMask;
        }

        RedirectKind kind = all ? RedirectKind.AllDevices : map.Type switch
        {
            MapType.CpuMap => RedirectKind.Processor,
            MapType.XskMap => RedirectKind.Socket,
            _ => RedirectKind.Device,
        };
        run.Redirect = new Redirect(kind, all ? 0 : target, map, key, flags & ~VerdictMask);
        return XdpRedirect;
    }
}
