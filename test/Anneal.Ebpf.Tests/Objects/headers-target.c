// The types of headers.c as the kernel has them.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
struct xdp_md { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
struct iphdr {
    u8 ihl : 4, version : 4, tos;
    u16 tot_len, id, frag_off;
    u8 ttl, protocol;
    u16 check;
    union { struct { u32 saddr, daddr; }; struct { u32 saddr, daddr; } addrs; };
};
struct xdp_md md;
struct iphdr ip;
