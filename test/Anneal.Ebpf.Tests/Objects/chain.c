// Tail calls, callbacks, maps of maps, printing, hash and LRU maps.
#include "bpf.h"
struct inner { __uint(type, 2); __uint(max_entries, 2); __type(key, u32); __type(value, u32); } first SEC(".maps"), second SEC(".maps");
struct { __uint(type, 12); __uint(max_entries, 2); __uint(key_size, 4); __array(values, struct inner); } outer SEC(".maps") = { .values = { [0] = &first, [1] = &second } };
int step1(struct __sk_buff *skb);
int step2(struct __sk_buff *skb);
struct { __uint(type, 3); __uint(max_entries, 4); __uint(key_size, 4); __array(values, int(void *)); } steps SEC(".maps") = { .values = { [1] = (void *)&step1, [2] = (void *)&step2 } };
struct { __uint(type, 1); __uint(max_entries, 8); __type(key, u64); __type(value, u64); } sums SEC(".maps");
struct { __uint(type, 9); __uint(max_entries, 4); __type(key, u32); __type(value, u32); } recent SEC(".maps");
char _license[] SEC("license") = "MIT";

SEC("tc") int start(struct __sk_buff *skb)
{
    skb->mark = 5;
    bpf_tail_call(skb, &steps, skb->len);
    return -1;
}
SEC("tc") int step1(struct __sk_buff *skb) { return 100 + skb->mark; }
SEC("tc") int step2(struct __sk_buff *skb) { skb->mark++; bpf_tail_call(skb, &steps, 1); return -2; }
SEC("tc") int endless(struct __sk_buff *skb) { skb->mark++; bpf_tail_call(skb, &steps, 3); return skb->mark; }

struct ctx { u64 sum; u32 limit; };
static int add(u32 index, struct ctx *c) { c->sum += index; return index + 1 >= c->limit; }
SEC("tc") int looping(struct __sk_buff *skb)
{
    struct ctx c = { 0, 100 };
    long n = bpf_loop(1000, add, &c, 0);
    return c.sum * 1000 + n;
}

static int sum(void *map, u64 *key, u64 *value, struct ctx *c) { c->sum += *key * *value; *value += 1; return 0; }
SEC("tc") int walking(struct __sk_buff *skb)
{
    struct ctx c = { 0, 0 };
    for (u64 i = 1; i <= 5; i++) { u64 v = i * 10; bpf_map_update_elem(&sums, &i, &v, 0); }
    u64 three = 3;
    bpf_map_delete_elem(&sums, &three);
    long n = bpf_for_each_map_elem(&sums, sum, &c, 0);
    u64 four = 4;
    u64 *v = bpf_map_lookup_elem(&sums, &four);
    return c.sum * 1000 + n * 100 + (v ? *v : 0);
}

SEC("tc") int nested(struct __sk_buff *skb)
{
    u32 which = skb->len & 1, index = 1;
    void *map = bpf_map_lookup_elem(&outer, &which);
    if (!map) return -1;
    u32 *value = bpf_map_lookup_elem(map, &index);
    if (!value) return -2;
    *value += 7;
    return *value;
}

SEC("tc") int printing(struct __sk_buff *skb)
{
    static const char format[] = "len %d hex %x";
    bpf_trace_printk(format, sizeof(format), skb->len, 0xbeef);
    static const char text[] = "%u-%llx";
    char out[16];
    u64 args[2] = { 42, 0x123456789abcULL };
    long n = bpf_snprintf(out, sizeof(out), text, args, sizeof(args));
    return n * 1000 + out[0] + out[1] + out[2];
}

SEC("tc") int evicting(struct __sk_buff *skb)
{
    int found = 0;
    for (u32 i = 0; i < 10; i++) bpf_map_update_elem(&recent, &i, &i, 0);
    for (u32 i = 0; i < 10; i++) if (bpf_map_lookup_elem(&recent, &i)) found++;
    return found;
}
