// The program types that come with the engine. Contexts have the public structures' layouts (linux/bpf.h's __sk_buff, xdp_md),
// as far as a program in a process can use them: fields that aren't here can't be accessed.

using System.Collections.Immutable;
using static Anneal.Ebpf.ContextFieldKind;

namespace Anneal.Ebpf;

/// <summary>Well-known program types.</summary>
public static class ProgramTypes
{
    /// <summary>Plain memory: r1 is its address, r2 its length. Not verifiable for accesses through r1, whose bounds no type states.</summary>
    public static ProgramType Memory { get; } = new() { Name = "memory", Sections = [".text"] };

    /// <summary>Express data path: a packet as it comes in.</summary>
    public static ProgramType Xdp { get; } = new()
    {
        Name = "xdp",
        Sections = ["xdp", "xdp.frags"],
        CanWritePacket = true,
        MinResult = 0,
        MaxResult = uint.MaxValue,
        Context = new ContextLayout
        {
            Size = 24,
            HostSize = 48,
            Fields =
            [
                new("data", 0, 4, Packet, false, 24),
                new("data_end", 4, 4, PacketEnd, false, 32),
                new("data_meta", 8, 4, PacketMeta, false, 40),
                new("ingress_ifindex", 12, 4, Scalar, false, 12),
                new("rx_queue_index", 16, 4, Scalar, false, 16),
                new("egress_ifindex", 20, 4, Scalar, false, 20),
            ],
        },
    };

    /// <summary>Traffic classifier: a socket buffer, whose packet may be written.</summary>
    public static ProgramType Classifier { get; } = new()
    {
        Name = "sched_cls",
        Sections = ["tc", "tcx", "classifier", "action", "tc/ingress", "tc/egress", "tcx/ingress", "tcx/egress"],
        CanWritePacket = true,
        HasLegacyPacketLoads = true,
        Context = SocketBuffer(writable: true, metadata: true),
    };

    /// <summary>Socket filter: how many bytes of the packet to keep.</summary>
    public static ProgramType SocketFilter { get; } = new()
    {
        Name = "socket",
        Sections = ["socket"],
        HasLegacyPacketLoads = true,
        Context = SocketBuffer(writable: false, metadata: false),
    };

    /// <summary>Control group filter: 1 lets the packet pass.</summary>
    public static ProgramType CgroupSkb { get; } = new()
    {
        Name = "cgroup_skb",
        Sections = ["cgroup_skb", "cgroup/skb"],
        MinResult = 0,
        MaxResult = 3,
        HasLegacyPacketLoads = true,
        Context = SocketBuffer(writable: false, metadata: false),
    };

    /// <summary>Tracing-style program: up to 64 eight-byte values of an event, of no particular meaning.</summary>
    public static ProgramType Tracing { get; } = new()
    {
        Name = "tracing",
        Sections = ["tracepoint", "tp", "raw_tracepoint", "raw_tp", "kprobe", "kretprobe", "uprobe", "uretprobe", "fentry", "fexit", "perf_event"],
        Context = new ContextLayout
        {
            Size = TracingValues * 8,
            HostSize = TracingValues * 8,
            Fields = [.. Values(TracingValues)],
        },
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<ProgramType> All { get; } = [Xdp, Classifier, SocketFilter, CgroupSkb, Tracing, Memory];

    private const int TracingValues = 64;

    /// <summary>The type of programs in a section of that name; null when no type has it.</summary>
    public static ProgramType? OfSection(string section)
    {
        ArgumentNullException.ThrowIfNull(section);
        string name = section.TrimStart('?');
        ProgramType? best = null;
        int length = -1;
        foreach (ProgramType type in All)
        {
            foreach (string known in type.Sections)
            {
                bool fits = name.StartsWith(known, StringComparison.Ordinal)
                    && (name.Length == known.Length || name[known.Length] is '/' or '.' or '_');
                if (!fits || known.Length <= length) continue;
                best = type;
                length = known.Length;
            }
        }

        return best;
    }

    private static ContextLayout SocketBuffer(bool writable, bool metadata)
    {
        const int Size = 192;
        ImmutableArray<ContextField>.Builder fields = ImmutableArray.CreateBuilder<ContextField>();
        void Field(string name, int offset, bool write = false, int size = 4) =>
            fields.Add(new ContextField(name, offset, size, Scalar, write, offset));

        Field("len", 0);
        Field("pkt_type", 4);
        Field("mark", 8, write: true);
        Field("queue_mapping", 12, writable);
        Field("protocol", 16);
        Field("vlan_present", 20);
        Field("vlan_tci", 24);
        Field("vlan_proto", 28);
        Field("priority", 32, write: true);
        Field("ingress_ifindex", 36);
        Field("ifindex", 40);
        Field("tc_index", 44, writable);
        Field("cb", 48, write: true, size: 20);
        Field("hash", 68);
        Field("tc_classid", 72, writable);
        fields.Add(new ContextField("data", 76, 4, Packet, false, Size));
        fields.Add(new ContextField("data_end", 80, 4, PacketEnd, false, Size + 8));
        Field("napi_id", 84);
        Field("family", 88);
        if (metadata) fields.Add(new ContextField("data_meta", 140, 4, PacketMeta, false, Size + 16));
        Field("tstamp", 152, writable, size: 8);
        Field("wire_len", 160);
        Field("gso_segs", 164);
        Field("gso_size", 176);
        return new ContextLayout { Size = Size, HostSize = Size + 24, Fields = fields.ToImmutable() };
    }

    private static IEnumerable<ContextField> Values(int count)
    {
        for (int i = 0; i < count; i++) yield return new ContextField($"arg{i}", i * 8, 8, Scalar, false, i * 8);
    }
}
