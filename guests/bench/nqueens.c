// N queens, all solutions, by backtracking over bit sets of columns and diagonals.
#define ROUNDS 14
#include "bench.h"

static NOINLINE u32 place(u32 all, u32 columns, u32 left, u32 right)
{
    if (columns == all)
        return 1;
    u32 solutions = 0;
    u32 open = all & ~(columns | left | right);
    while (open != 0) {
        u32 bit = open & (0u - open);
        open ^= bit;
        solutions += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return solutions;
}

static void bench_setup(void) {}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    for (u32 n = 4; n <= rounds; n++)
        hash = mix(hash, place((1u << n) - 1, 0, 0, 0));
    return hash;
}
