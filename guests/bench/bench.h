// Frame of every benchmark program: a WASI command that runs its kernel a fixed number of rounds, prints a checksum
// (sixteen hex digits) on stdout and "time: N" (nanoseconds around the kernel alone) on stderr.
//
// A program defines ROUNDS before it includes this file, then bench_setup (data, not timed) and bench_kernel (timed).
// The first argument replaces ROUNDS. Rounds and seed reach the kernel at run time, so no compiler can fold it away.
// Checksums must be the same on every machine: no pointers, no size_t, no libm beyond sqrt and fabs, no contraction.
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef int64_t i64;

#define NOINLINE __attribute__((noinline))

static volatile u32 bench_seed = 0x2545F491u;

static void bench_setup(void);
static u64 bench_kernel(u32 rounds);

// xorshift32: a full-period generator for test data.
static inline u32 random_next(u32 *state)
{
    u32 x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

static inline u64 mix(u64 hash, u64 value)
{
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

static inline u64 mix_f64(u64 hash, double value)
{
    u64 bits;
    memcpy(&bits, &value, sizeof bits);
    return mix(hash, bits);
}

static u64 bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static void bench_write(int fd, const char *text, int length)
{
    while (length > 0) {
        long n = (long)write(fd, text, (size_t)length);
        if (n <= 0)
            _exit(3);
        text += n;
        length -= (int)n;
    }
}

int main(int argc, char **argv)
{
    u32 rounds = ROUNDS;
    if (argc > 1)
        rounds = (u32)strtoul(argv[1], NULL, 10);
    bench_setup();

    u64 start = bench_now();
    u64 sum = bench_kernel(rounds);
    u64 elapsed = bench_now() - start;

    char text[40];
    for (int i = 0; i < 16; i++)
        text[i] = "0123456789abcdef"[sum >> (60 - 4 * i) & 15];
    text[16] = '\n';
    bench_write(1, text, 17);

    int at = (int)sizeof text;
    text[--at] = '\n';
    do {
        text[--at] = (char)('0' + elapsed % 10);
        elapsed /= 10;
    } while (elapsed != 0);
    bench_write(2, "time: ", 6);
    bench_write(2, text + at, (int)sizeof text - at);
    return 0;
}
