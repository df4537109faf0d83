// Recursive Fibonacci: nothing but direct calls, a compare and an add.
#define ROUNDS 40
#include "bench.h"

static NOINLINE u32 fib(u32 n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static void bench_setup(void) {}

static u64 bench_kernel(u32 rounds)
{
    return fib(rounds);
}
