// Bulk memory: memcpy, memmove and memset of many sizes and alignments, small and large, and word-wise scans.
#define ROUNDS 600
#include "bench.h"

#define SIZE (1u << 20)

static u8 a[SIZE], b[SIZE];

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (u32 i = 0; i < SIZE; i++)
        a[i] = (u8)random_next(&state);
}

static NOINLINE u64 scan(const u8 *p, u32 size)
{
    u64 sum = 0;
    for (u32 i = 0; i + 8 <= size; i += 8) {
        u64 v;
        memcpy(&v, p + i, 8);
        sum += v ^ sum << 1;
    }
    return sum;
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    u32 state = bench_seed;
    for (u32 r = 0; r < rounds; r++) {
        memcpy(b, a, SIZE);
        memset(a + (r & 1023), (int)r, SIZE / 4);
        memmove(a + 13, a, SIZE / 2);
        // Small ones, whose lengths the compiler can't know.
        for (int i = 0; i < 20000; i++) {
            u32 v = random_next(&state);
            u32 length = v & 127, from = v >> 7 & 0xFFFF, to = v >> 12 & 0xFFFFF;
            if (to + length > SIZE)
                to = SIZE - length;
            if (v & 0x80)
                memset(b + to, (int)v, length);
            else
                memcpy(b + to, a + from, length);
        }
        hash = mix(hash, scan(a, SIZE));
        hash = mix(hash, scan(b, SIZE));
        memcpy(a, b, SIZE / 2);
    }
    return hash;
}
