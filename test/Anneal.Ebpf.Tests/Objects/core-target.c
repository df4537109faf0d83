// The types of core.c and probe.c as a host has them by now: moved, resized, gone. Only the types count: what clang -g says of them.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;

struct context { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
enum color { RED = 10, BLUE = 30, FAR = 0x20000000, PINK };
struct pair { u32 between; u8 second; u16 first; };
struct event {
    u64 head;
    struct { union { u64 wide; struct { u32 id; u32 rest; }; }; };
    u64 kind;
    u16 size;
    u32 fresh;
    u16 ports[8];
    u64 address;
    s64 delta;
    u64 far : 40, level : 6, low : 4;
    s64 bias : 12;
    struct pair pair;
    enum color color;
};
typedef u32 number;
typedef struct { u32 z, y, x; } point;

struct group { u32 count; u32 id; };
struct task { struct task *parent; struct group *group; u32 policy; u32 pid; char name[16]; };
enum state { IDLE = 4, RUNNING = 5 };

struct context *context;
enum color color;
struct event *event;
number one;
point where;
struct task *task;
// Not a pointer: compilers describe what is only pointed to by its name alone.
struct group group;
enum state state;
