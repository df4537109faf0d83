// A tracing program in the manner of libbpf's CO-RE headers: declarations of its own with all accesses relocatable, pointers
// followed with bpf_core_read.
#include "bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct group { u32 id, count; };
struct task { u32 pid; char name[16]; struct group *group; struct task *parent; };
struct task___older { u64 cookie; };
enum state { RUNNING = 1, IDLE = 2, GONE = 3 };
#pragma clang attribute pop

#define bpf_core_read(to, size, from) bpf_probe_read_kernel(to, size, (const void *)__builtin_preserve_access_index(from))
#define BPF_CORE_READ(from, field) ({ typeof((from)->field) value; bpf_core_read(&value, sizeof(value), &(from)->field); value; })
#define bpf_core_field_exists(field) __builtin_preserve_field_info(field, 2)
#define bpf_core_enum_value(type, name) __builtin_preserve_enum_value(*(type *)name, 1)
#define bpf_core_enum_value_exists(type, name) __builtin_preserve_enum_value(*(type *)name, 0)
#define bpf_core_type_size(type) __builtin_preserve_type_info(*(type *)0, 1)

static long (*bpf_probe_read_kernel)(void *dst, u32 size, const void *src) = (void *)113;
static long (*bpf_probe_read_kernel_str)(void *dst, u32 size, const void *src) = (void *)115;

// The host puts a task and its group here, as it lays them out.
u64 memory[16];
struct { u64 pid, id, count, exists, size, running, gone, cookie; char name[16]; } seen;

SEC("tracepoint/sched/sched_switch")
int probe(void *ctx)
{
    struct task *task = (void *)memory;
    struct group *group = (void *)&memory[8];
    seen.pid = BPF_CORE_READ(task, pid);
    seen.id = BPF_CORE_READ(group, id);
    seen.count = BPF_CORE_READ(group, count);
    bpf_probe_read_kernel_str(seen.name, sizeof(seen.name), __builtin_preserve_access_index(&task->name));
    seen.exists = bpf_core_field_exists(task->group->count);
    seen.size = bpf_core_type_size(struct task);
    seen.running = bpf_core_enum_value(enum state, RUNNING);
    seen.gone = bpf_core_enum_value_exists(enum state, GONE) ? bpf_core_enum_value(enum state, GONE) : 0;
    struct task___older *older = (void *)task;
    seen.cookie = bpf_core_field_exists(older->cookie) ? BPF_CORE_READ(older, cookie) : 12;
    return 0;
}

char _license[] SEC("license") = "GPL";
