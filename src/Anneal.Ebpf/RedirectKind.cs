namespace Anneal.Ebpf;

/// <summary>What a program redirects a packet to.</summary>
public enum RedirectKind
{
    /// <summary>The program didn't redirect.</summary>
    None,

    /// <summary>A network device: out of it, or into it with the flag for that (1).</summary>
    Device,

    /// <summary>The device at the other end of one, in its name space (<c>redirect_peer</c>).</summary>
    Peer,

    /// <summary>A network device, with a link-layer address still to be found (<c>redirect_neigh</c>).</summary>
    Neighbor,

    /// <summary>A processor.</summary>
    Processor,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>All devices of a map.</summary>
    AllDevices,
}
