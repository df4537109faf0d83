// A filter with relocatable declarations of its own of the kernel's types, as short as it can do with.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
#define SEC(name) __attribute__((section(name), used))
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct xdp_md { u32 data_end, data; };
struct iphdr { u8 protocol; u32 daddr; u8 version : 4; };
#pragma clang attribute pop

// To be run with the kernel's types: without them, nothing is where it is here.
SEC("xdp")
int headers(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    struct iphdr *ip = data + 14;
    if (data + 34 > (void *)(long)ctx->data_end) return 1;
    if (ip->protocol != 17) return 1;
    return ip->daddr == 0x0100007f ? 3 : 2;
}

char _license[] SEC("license") = "GPL";
