// Bit manipulation in 32 and 64 bits: population counts, leading and trailing zeros, rotates, byte swaps, Morton codes.
#define ROUNDS 24000000
#include "bench.h"

static void bench_setup(void) {}

static inline u64 spread(u32 x)
{
    u64 v = x;
    v = (v | v << 16) & 0x0000FFFF0000FFFFu;
    v = (v | v << 8) & 0x00FF00FF00FF00FFu;
    v = (v | v << 4) & 0x0F0F0F0F0F0F0F0Fu;
    v = (v | v << 2) & 0x3333333333333333u;
    return (v | v << 1) & 0x5555555555555555u;
}

static NOINLINE u64 step(u64 x, u32 n)
{
    u32 low = (u32)x | 1, high = (u32)(x >> 32) | 1;
    u32 counts = (u32)__builtin_popcountll(x) + (u32)__builtin_popcount(low ^ n);
    counts += (u32)__builtin_clz(low) * 3 + (u32)__builtin_ctz(high << 1) * 5;
    counts += (u32)__builtin_clzll(x | 1) * 7 + (u32)__builtin_ctzll(x | (u64)1 << 63) * 11;
    u32 turn = n & 31;
    low = low << turn | low >> (-turn & 31);
    u64 wide = x << (counts & 63) | x >> (-counts & 63);
    wide ^= spread(low) | spread(high) << 1;
    return __builtin_bswap64(wide) + (u64)(i64)(signed char)counts + (u64)(i64)(short)low;
}

static u64 bench_kernel(u32 rounds)
{
    u64 x = bench_seed;
    for (u32 r = 0; r < rounds; r++)
        x = step(x, r) * 0x9E3779B97F4A7C15u + 1;
    return x;
}
