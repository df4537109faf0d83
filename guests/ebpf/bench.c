// The programs that `bench/run ebpf` measures, each beside `empty`. All look at the same packet: IPv4, TCP to port 443, at least
// 320 bytes. Loops stay loops, so that what is measured is the loop and not what the compiler made of it.
#include "bpf.h"

#define ROLLED _Pragma("clang loop unroll(disable) vectorize(disable)")
#define OPAQUE(x) asm volatile("" : "+r"(x))

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 256);
    __type(key, u32);
    __type(value, u64);
} counters SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 256);
    __type(key, u16);
    __type(value, u64);
} flows SEC(".maps");

int tail_step1(struct xdp_md *context);
int tail_step2(struct xdp_md *context);
int tail_step3(struct xdp_md *context);

struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __uint(max_entries, 4);
    __uint(key_size, 4);
    __array(values, int(void *));
} steps SEC(".maps") = {
    .values = { [0] = (void *)&tail_step1, [1] = (void *)&tail_step2, [2] = (void *)&tail_step3 },
};

char _license[] SEC("license") = "GPL";

#define PACKET(type, name, bytes)                                                                   \
    type *name = (void *)(long)context->data;                                                       \
    if ((void *)name + (bytes) > (void *)(long)context->data_end) return XDP_ABORTED

SEC("xdp") int empty(struct xdp_md *context)
{
    (void)context;
    return XDP_PASS;
}

SEC("xdp") int alu_loop(struct xdp_md *context)
{
    u64 x = context->rx_queue_index, y = 0x9E3779B97F4A7C15;
    ROLLED for (u32 i = 0; i < 500; i++) {
        x = (x ^ y) * 31 + i;
        y += x >> 7 | x << 57;
        OPAQUE(x);
    }
    return (x ^ y) & 1 ? XDP_PASS : XDP_DROP;
}

SEC("xdp") int packet_hash(struct xdp_md *context)
{
    PACKET(u8, data, 256);
    u32 hash = 0x811C9DC5;
    ROLLED for (u32 i = 0; i < 256; i++) hash = (hash ^ data[i]) * 0x01000193;
    return hash & 1 ? XDP_PASS : XDP_DROP;
}

SEC("xdp") int tcp_checksum(struct xdp_md *context)
{
    void *data = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    struct ethhdr *ethernet = data;
    struct iphdr *ip = (void *)(ethernet + 1);
    if ((void *)(ip + 1) > end || ethernet->protocol != htons(ETH_P_IP) || ip->protocol != IPPROTO_TCP) return XDP_PASS;
    if (ip->version_length != 0x45) return XDP_PASS;
    u32 sum = 0;
    u16 *words = (u16 *)ip;
    ROLLED for (u32 i = 0; i < sizeof(*ip) / 2; i++) sum += words[i];
    sum = (sum & 0xFFFF) + (sum >> 16);
    struct tcphdr *tcp = (void *)(ip + 1);
    if ((void *)tcp + 256 > end) return XDP_ABORTED;
    u32 check = (ip->source & 0xFFFF) + (ip->source >> 16) + (ip->destination & 0xFFFF) + (ip->destination >> 16);
    words = (u16 *)tcp;
    ROLLED for (u32 i = 0; i < 128; i++) check += words[i];
    check = (check & 0xFFFF) + (check >> 16);
    check = (check & 0xFFFF) + (check >> 16);
    return (sum ^ check ^ tcp->destination) & 0x100 ? XDP_DROP : XDP_PASS;
}

SEC("xdp") int map_counters(struct xdp_md *context)
{
    PACKET(u8, data, 64);
    for (u32 i = 0; i < 8; i++) {
        u32 key = data[i * 4 + 20];
        u64 *value = bpf_map_lookup_elem(&counters, &key);
        if (value) __sync_fetch_and_add(value, 1);
    }
    u16 port = htons(*(u16 *)(data + 36));
    u64 *value = bpf_map_lookup_elem(&flows, &port);
    if (!value) return XDP_DROP;
    *value += 1;
    return XDP_PASS;
}

SEC("xdp") int memory_copy(struct xdp_md *context)
{
    PACKET(u64, data, 256);
    u64 buffer[32];
    ROLLED for (u32 i = 0; i < 32; i++) buffer[i] = data[i];
    asm volatile("" : : "r"(buffer) : "memory");
    return buffer[data[0] & 31] & 1 ? XDP_DROP : XDP_PASS;
}

static __attribute__((noinline)) u64 mix(u64 x, u64 y)
{
    OPAQUE(x);
    return (x ^ y) * 0x100000001B3;
}

SEC("xdp") int local_calls(struct xdp_md *context)
{
    u64 x = context->rx_queue_index + 1;
    ROLLED for (u64 i = 0; i < 64; i++) x = mix(x, i);
    return x & 1 ? XDP_PASS : XDP_DROP;
}

SEC("xdp") int tail_calls(struct xdp_md *context)
{
    bpf_tail_call(context, &steps, 0);
    return XDP_ABORTED;
}

SEC("xdp") int tail_step1(struct xdp_md *context)
{
    bpf_tail_call(context, &steps, 1);
    return XDP_ABORTED;
}

SEC("xdp") int tail_step2(struct xdp_md *context)
{
    bpf_tail_call(context, &steps, 2);
    return XDP_ABORTED;
}

SEC("xdp") int tail_step3(struct xdp_md *context)
{
    return context->rx_queue_index ? XDP_DROP : XDP_PASS;
}

// 1,024 times four instructions that depend on each other.
#define STEP asm volatile("%0 ^= %1\n%1 += %0\n%0 *= 0x01000193\n%1 ^= 0x55" : "+r"(x), "+r"(y));
#define FOUR(step) step step step step

SEC("xdp") int straight_line(struct xdp_md *context)
{
    u64 x = context->rx_queue_index, y = 1;
    FOUR(FOUR(FOUR(FOUR(FOUR(STEP)))))
    return (x ^ y) & 1 ? XDP_PASS : XDP_DROP;
}
