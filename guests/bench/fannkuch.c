// Pancake flips over every permutation: small array shuffles, unpredictable inner loops.
#define ROUNDS 10
#include "bench.h"

static void bench_setup(void) {}

static NOINLINE u32 flips(const i32 *order, i32 *work, u32 n)
{
    for (u32 i = 0; i < n; i++)
        work[i] = order[i];
    u32 count = 0;
    i32 first;
    while ((first = work[0]) != 0) {
        for (i32 low = 0, high = first; low < high; low++, high--) {
            i32 other = work[low];
            work[low] = work[high];
            work[high] = other;
        }
        count++;
    }
    return count;
}

static u64 bench_kernel(u32 rounds)
{
    i32 order[16], work[16];
    u32 counter[16];
    u32 n = rounds < 3 ? 3 : rounds > 12 ? 12 : rounds;
    for (u32 i = 0; i < n; i++) {
        order[i] = (i32)i;
        counter[i] = 0;
    }
    u32 most = 0, sign = 0;
    i64 checksum = 0;
    for (;;) {
        u32 f = flips(order, work, n);
        most = f > most ? f : most;
        checksum += sign ? -(i64)f : (i64)f;
        sign ^= 1;
        // The next permutation: rotate longer and longer prefixes, each as often as its length.
        u32 k = 1;
        for (; k < n; k++) {
            i32 first = order[0];
            for (u32 i = 0; i < k; i++)
                order[i] = order[i + 1];
            order[k] = first;
            if (++counter[k] <= k)
                break;
            counter[k] = 0;
        }
        if (k == n)
            return mix((u64)checksum, most);
    }
}
