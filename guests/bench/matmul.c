// Plain matrix product of doubles, three nested loops, one multiply-add and two loads an iteration.
#define ROUNDS 12
#include "bench.h"

#define N 300

static double a[N][N], b[N][N], c[N][N];

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (double)(random_next(&state) & 1023) / 64.0;
            b[i][j] = (double)(random_next(&state) & 1023) / 128.0;
        }
}

static NOINLINE void multiply(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < N; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++) {
        multiply();
        for (int i = 0; i < N; i++) {
            hash = mix_f64(hash, c[i][(i * 7 + (int)r) % N]);
            a[i][i] = c[i][i] / 4096.0;
        }
    }
    return hash;
}
