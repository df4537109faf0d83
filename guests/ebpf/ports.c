// A port filter as one would attach it to an interface: IPv4 TCP packets to a port of the map `ports` pass or are dropped as the
// map says, those to other ports are dropped, whatever isn't IPv4 TCP passes. Damaged packets are aborted. The map `counts`
// counts what came, `seen` packets and bytes for each port of `ports`.
#include "bpf.h"

enum { OTHER, DAMAGED, BLOCKED, UNKNOWN_PORT, PASSED, KINDS };

struct traffic {
    u64 packets, bytes;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 256);
    __type(key, u16);
    __type(value, u32); // 0: drop, else pass
} ports SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 256);
    __type(key, u16);
    __type(value, struct traffic);
} seen SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, KINDS);
    __type(key, u32);
    __type(value, u64);
} counts SEC(".maps");

char _license[] SEC("license") = "MIT";

static __always_inline int count(u32 kind, int verdict)
{
    u64 *value = bpf_map_lookup_elem(&counts, &kind);
    if (value) __sync_fetch_and_add(value, 1);
    return verdict;
}

SEC("xdp") int port_filter(struct xdp_md *context)
{
    void *data = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    struct ethhdr *ethernet = data;
    if ((void *)(ethernet + 1) > end) return count(DAMAGED, XDP_ABORTED);
    if (ethernet->protocol != htons(ETH_P_IP)) return count(OTHER, XDP_PASS);

    struct iphdr *ip = (void *)(ethernet + 1);
    if ((void *)(ip + 1) > end) return count(DAMAGED, XDP_ABORTED);
    u32 header = (ip->version_length & 15) * 4;
    if (ip->version_length >> 4 != 4 || header < sizeof(*ip)) return count(DAMAGED, XDP_ABORTED);
    if (ip->protocol != IPPROTO_TCP) return count(OTHER, XDP_PASS);
    // Only the first fragment has the ports.
    if (ip->fragment & htons(0x1FFF)) return count(OTHER, XDP_PASS);

    struct tcphdr *tcp = (void *)ip + header;
    if ((void *)(tcp + 1) > end) return count(DAMAGED, XDP_ABORTED);
    u16 port = htons(tcp->destination);
    u32 *allowed = bpf_map_lookup_elem(&ports, &port);
    if (!allowed) return count(UNKNOWN_PORT, XDP_DROP);
    struct traffic *traffic = bpf_map_lookup_elem(&seen, &port);
    if (traffic) {
        __sync_fetch_and_add(&traffic->packets, 1);
        __sync_fetch_and_add(&traffic->bytes, (u64)htons(ip->length) + sizeof(*ethernet));
    }
    return *allowed ? count(PASSED, XDP_PASS) : count(BLOCKED, XDP_DROP);
}
