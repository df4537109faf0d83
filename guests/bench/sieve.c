// Sieve of Eratosthenes: byte stores at a stride, then a counting scan.
#define ROUNDS 40
#include "bench.h"

#define LIMIT 4000000u

static u8 composite[LIMIT];

static void bench_setup(void) {}

static NOINLINE u32 sieve(u32 limit)
{
    memset(composite, 0, limit);
    for (u32 i = 2; i * i < limit; i++) {
        if (composite[i])
            continue;
        for (u32 j = i * i; j < limit; j += i)
            composite[j] = 1;
    }
    u32 primes = 0;
    for (u32 i = 2; i < limit; i++)
        primes += composite[i] == 0;
    return primes;
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++)
        hash = mix(hash, sieve(LIMIT - 1000 * (r & 7)));
    return hash;
}
