// Takeuchi's function and Ackermann's: calls with several arguments, deep recursion, little else.
#define ROUNDS 240
#include "bench.h"

static NOINLINE i32 tak(i32 x, i32 y, i32 z)
{
    if (y >= x)
        return z;
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

static NOINLINE u32 ackermann(u32 m, u32 n)
{
    if (m == 0)
        return n + 1;
    if (n == 0)
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

static void bench_setup(void) {}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++) {
        hash = mix(hash, (u64)tak(18 + (i32)(r & 1), 12, 6));
        hash = mix(hash, ackermann(2, 300 + r));
        hash = mix(hash, ackermann(3, 7));
    }
    return hash;
}
