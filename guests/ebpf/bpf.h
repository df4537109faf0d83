// What the guest programs need of the public eBPF interface: types, packet headers, a few helpers. Just enough, so that no
// kernel headers are needed to build them.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name
#define __array(name, value) typeof(value) *name[]
#define __always_inline inline __attribute__((always_inline))

// Network byte order, on a little-endian target.
#define htons(x) __builtin_bswap16(x)
#define htonl(x) __builtin_bswap32(x)

enum { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PROG_ARRAY = 3 };
enum { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };
enum { ETH_P_IP = 0x0800, IPPROTO_TCP = 6 };

struct xdp_md {
    u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

struct ethhdr {
    u8 destination[6], source[6];
    u16 protocol;
} __attribute__((packed));

struct iphdr {
    u8 version_length, tos;
    u16 length, id, fragment;
    u8 ttl, protocol;
    u16 checksum;
    u32 source, destination;
};

struct tcphdr {
    u16 source, destination;
    u32 sequence, acknowledgement;
    u16 flags, window, checksum, urgent;
};

__attribute__((unused)) static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
__attribute__((unused)) static long (*bpf_tail_call)(void *context, void *map, u32 index) = (void *)12;
