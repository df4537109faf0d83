// One trap of each kind, by argument. Before it, "about to NAME" is printed; after it, nothing may be.
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

static volatile int zero, minus_one = -1, minimum = INT_MIN;
static volatile long long long_zero, long_minimum = LLONG_MIN, long_minus_one = -1;
static volatile double huge = 1e30;
static volatile uintptr_t far_away = 0xFFFFFFF0u;
static volatile int sink;

static NOINLINE int takes_int(int x)
{
    return x + 1;
}

static NOINLINE double takes_double(double x)
{
    return x * 2;
}

static void *volatile functions[] = {(void *)takes_int, (void *)takes_double, NULL};

// Deep recursion with a frame in linear memory, which lies below all data: an access below address 0 stops it, if not
// the engine's own stack limit first.
static NOINLINE int deeper(int n)
{
    volatile char frame[64];
    if (n == zero - 1)
        return 0;
    frame[n & 63] = (char)n;
    return deeper(n + 1) + frame[(n + 1) & 63];
}

// Deep recursion that takes no linear memory: only the engine's own stack limit can stop it.
static NOINLINE int deeper_in_engine(int n)
{
    return n == zero - 1 ? 0 : deeper_in_engine(n + 1) * 3 + 1;
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "none";
    printf("about to %s\n", kind);
    fflush(stdout);
    if (strcmp(kind, "unreachable") == 0)
        __builtin_trap();
    else if (strcmp(kind, "divide-by-zero") == 0)
        sink = 7 / zero;
    else if (strcmp(kind, "remainder-by-zero") == 0)
        sink = (int)(7 % long_zero);
    else if (strcmp(kind, "divide-overflow") == 0)
        sink = minimum / minus_one;
    else if (strcmp(kind, "divide-overflow-64") == 0)
        sink = (int)(long_minimum / long_minus_one);
    else if (strcmp(kind, "convert-overflow") == 0)
        sink = __builtin_wasm_trunc_s_i32_f64(huge);
    else if (strcmp(kind, "load-out-of-bounds") == 0)
        sink = *(volatile int *)far_away;
    else if (strcmp(kind, "store-out-of-bounds") == 0)
        *(volatile long long *)far_away = 1;
    else if (strcmp(kind, "straddling-load") == 0)
        sink = *(volatile int *)(__builtin_wasm_memory_size(0) * 65536 - 3);
    else if (strcmp(kind, "memory-fill-out-of-bounds") == 0)
        memset((void *)far_away, 1, 65536 + (size_t)zero);
    else if (strcmp(kind, "null-function") == 0)
        sink = ((int (*)(int))functions[2])(1);
    else if (strcmp(kind, "wrong-signature") == 0)
        sink = ((int (*)(int))functions[1])(1);
    else if (strcmp(kind, "no-such-function") == 0)
        sink = ((int (*)(int))far_away)(1);
    else if (strcmp(kind, "deep-recursion") == 0)
        sink = deeper(zero);
    else if (strcmp(kind, "engine-stack") == 0)
        sink = deeper_in_engine(zero);
    else if (strcmp(kind, "none") == 0)
        return ((int (*)(int))functions[0])(zero) - 1;
    puts("still here");
    return 99;
}
