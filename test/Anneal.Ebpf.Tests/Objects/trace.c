// A tracing program and an AF_XDP-style filter, as libbpf's macros make them: printing with texts, perf events, a socket per queue.
#include "bpf.h"

static long (*bpf_get_current_comm)(void *buf, u32 size) = (void *)16;
static long (*bpf_perf_event_output)(void *ctx, void *map, u64 flags, void *data, u64 size) = (void *)25;
static long (*bpf_redirect_map)(void *map, u64 key, u64 flags) = (void *)51;
static long (*bpf_probe_read_kernel)(void *dst, u32 size, const void *src) = (void *)113;
static long (*bpf_probe_read_kernel_str)(void *dst, u32 size, const void *src) = (void *)115;
static long (*bpf_trace_vprintk)(const char *fmt, u32 size, const void *data, u32 len) = (void *)177;

struct {
    __uint(type, 4);
    __uint(key_size, 4);
    __uint(value_size, 4);
} events SEC(".maps");

struct {
    __uint(type, 17);
    __uint(max_entries, 64);
    __type(key, u32);
    __type(value, u32);
} sockets SEC(".maps");

struct event {
    u64 pid, copy;
    char comm[16], text[16];
};

SEC("tracepoint/syscalls/sys_enter_openat")
int trace(u64 *ctx)
{
    struct event e = { .pid = ctx[0] };
    static const char one[] = "%s opens %d";
    static const char many[] = "%s|%-6s|%.3s|%s|%d";
    static const char name[] = "name";
    bpf_get_current_comm(e.comm, sizeof(e.comm));
    bpf_probe_read_kernel_str(e.text, sizeof(e.text), name);
    // The event's second value is an address of somewhere else.
    bpf_probe_read_kernel(&e.copy, sizeof(e.copy), (void *)ctx[1]);
    bpf_trace_printk(one, sizeof(one), e.comm, (int)ctx[0]);
    u64 values[] = { (u64)(long)e.text, (u64)(long)name, (u64)(long)e.text, ctx[1], 42 };
    bpf_trace_vprintk(many, sizeof(many), values, sizeof(values));
    bpf_perf_event_output(ctx, &events, 0xffffffffULL, &e, sizeof(e));
    return 0;
}

SEC("xdp")
int to_socket(struct xdp_md *ctx)
{
    u32 queue = ctx->rx_queue_index;
    if (bpf_map_lookup_elem(&sockets, &queue)) return bpf_redirect_map(&sockets, queue, 0);
    return 2;
}

char _license[] SEC("license") = "GPL";
