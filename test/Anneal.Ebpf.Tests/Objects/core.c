// Programs whose accesses are CO-RE relocations, with the types as the programs know them: core-target.c has them changed.
#include "bpf.h"
#include "core.h"

struct context { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index; } CORE;

enum color { RED = 1, GREEN = 2, BLUE = 3, FAR = 0x100000000ULL >> 4 };
struct pair { u8 first, second; } CORE;
struct event {
    u32 kind, size;
    u64 address;
    int delta;
    u32 gone;
    u32 low : 3, level : 5;
    int bias : 6;
    u16 ports[4];
    struct { union { u32 id; u64 wide; }; };
    struct pair pair;
    enum color color;
} CORE;
struct event___old { u32 gone; } CORE;
struct event___new { u32 fresh; } CORE;
struct nowhere { u32 x; } CORE;
typedef u32 number;
typedef struct { u32 x, y; } CORE point;

#define __ksym_function __ksym __weak
extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig __weak;
extern const int some_symbol __ksym __weak;
extern int some_function(int x) __ksym __weak;

u64 out[40];

#define EVENT(ctx) \
    struct event *e = (void *)(long)(ctx)->data; \
    if ((void *)e + 128 > (void *)(long)(ctx)->data_end) return 1;

SEC("xdp")
int fields(struct context *ctx)
{
    EVENT(ctx)
    out[0] = e->kind;
    out[1] = e->size;
    out[2] = e->address;
    out[3] = field_exists(e->delta) ? 1 : 0;
    out[4] = field_exists(e->gone) ? e->gone : 4444;
    out[5] = bits(e, low);
    out[6] = bits(e, level);
    out[7] = bits(e, bias);
    out[8] = e->ports[2];
    out[9] = e->id;
    out[10] = e->wide;
    out[11] = e->pair.second;
    out[12] = e->color;
    e->pair.first = 99;
    e->size = 7;
    return 2;
}

SEC("xdp")
int facts(struct context *ctx)
{
    struct event *e = (void *)0;
    out[0] = field_offset(e->address);
    out[1] = field_size(e->kind);
    out[2] = field_exists(e->address);
    out[3] = field_exists(((struct event___old *)e)->gone);
    out[4] = field_exists(((struct event___new *)e)->fresh);
    out[5] = field_signed(e->delta);
    out[6] = field_signed(e->kind);
    out[7] = field_left(e->level);
    out[8] = field_right(e->level);
    out[9] = field_size(e->ports[1]);
    out[10] = type_exists(struct event);
    out[11] = type_exists(struct nowhere);
    out[12] = type_size(struct event);
    out[13] = type_size(struct nowhere);
    out[14] = type_exists(number);
    out[15] = type_size(point);
    out[16] = type_id_local(struct event);
    out[17] = type_id_target(struct event);
    out[18] = enum_exists(enum color, RED);
    out[19] = enum_exists(enum color, GREEN);
    out[20] = enum_value(enum color, RED);
    out[21] = enum_value(enum color, FAR);
    out[22] = type_exists(enum color);
    out[23] = field_offset(e->ports[3]);
    return 2;
}

SEC("xdp")
int needs_gone(struct context *ctx)
{
    EVENT(ctx)
    // Without this value nothing of it is missing.
    return e->kind == 17 ? e->gone : 2;
}

SEC("xdp")
int needs_delta(struct context *ctx)
{
    EVENT(ctx)
    return e->delta == -5 ? 3 : 2;
}

SEC("xdp")
int needs_green(struct context *ctx)
{
    out[0] = enum_value(enum color, GREEN);
    return 2;
}

SEC("xdp")
int configured(struct context *ctx)
{
    out[0] = LINUX_KERNEL_VERSION;
    out[1] = CONFIG_HZ;
    out[2] = &some_symbol ? some_symbol : 55;
    out[3] = some_function ? some_function(1) : 66;
    return 2;
}

char _license[] SEC("license") = "GPL";
