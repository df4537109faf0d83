// A packet filter with a port list, counters, global data, a subprogram and a ring buffer.
#include "bpf.h"
struct key { u32 saddr; u16 port; u16 pad; };
struct event { u32 saddr, daddr; u16 port; u16 length; u32 zero; };
struct { __uint(type, 1); __uint(max_entries, 64); __type(key, u16); __type(value, u32); } ports SEC(".maps");
struct { __uint(type, 2); __uint(max_entries, 4); __type(key, u32); __type(value, u64); } counts SEC(".maps");
struct { __uint(type, 6); __uint(max_entries, 1); __type(key, u32); __type(value, u64); } bytes SEC(".maps");
struct { __uint(type, 27); __uint(max_entries, 4096); } events SEC(".maps");
volatile const u32 minimum = 20;
u64 seen = 0;
u32 last = 7;
char _license[] SEC("license") = "GPL";

static __attribute__((noinline)) int count(u32 index)
{
    u64 *value = bpf_map_lookup_elem(&counts, &index);
    if (value) __sync_fetch_and_add(value, 1);
    return index;
}

SEC("xdp") int filter(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    u32 zero = 0;
    u64 length = end - data;
    asm volatile("" : "+r"(length)); // Not computed again on 32 bits of the pointers.
    seen++;
    u64 *total = bpf_map_lookup_elem(&bytes, &zero);
    if (total) *total += length;
    if (data + sizeof(*eth) + minimum > end) { count(0); return 1; }
    if (eth->proto != htons(0x0800)) { count(1); return 2; }
    struct iphdr *ip = (void *)(eth + 1);
    if (ip->proto != 17) { count(1); return 2; }
    struct udphdr *udp = (void *)ip + (ip->vihl & 15) * 4;
    if ((void *)(udp + 1) > end) { count(0); return 1; }
    u16 port = htons(udp->dest);
    last = port;
    u32 *verdict = bpf_map_lookup_elem(&ports, &port);
    if (!verdict) { count(2); return 2; }
    struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
    if (e) { e->saddr = ip->saddr; e->daddr = ip->daddr; e->port = port; e->length = length; e->zero = 0; bpf_ringbuf_submit(e, 0); }
    count(3);
    return *verdict;
}

SEC("xdp") int strip(struct xdp_md *ctx)
{
    if (bpf_xdp_adjust_head(ctx, 14)) return 0;
    if (bpf_xdp_adjust_tail(ctx, 4)) return 0;
    u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    if (data + 1 > end) return 1;
    data[0]++;
    return 2;
}
