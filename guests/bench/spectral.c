// Spectral norm of an implicit matrix by power iteration: integer arithmetic feeding f64 division.
#define ROUNDS 60
#include "bench.h"
#include <math.h>

#define N 700

static double u[N], v[N], t[N];

static inline double element(u32 i, u32 j)
{
    return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1);
}

static NOINLINE void times(const double *x, double *y)
{
    for (u32 i = 0; i < N; i++) {
        double sum = 0;
        for (u32 j = 0; j < N; j++)
            sum += element(i, j) * x[j];
        y[i] = sum;
    }
}

static NOINLINE void times_transposed(const double *x, double *y)
{
    for (u32 i = 0; i < N; i++) {
        double sum = 0;
        for (u32 j = 0; j < N; j++)
            sum += element(j, i) * x[j];
        y[i] = sum;
    }
}

static void bench_setup(void)
{
    for (int i = 0; i < N; i++)
        u[i] = bench_seed != 0 ? 1.0 : 0.0;
}

static u64 bench_kernel(u32 rounds)
{
    for (u32 r = 0; r < rounds; r++) {
        times(u, t);
        times_transposed(t, v);
        times(v, t);
        times_transposed(t, u);
    }
    double uv = 0, vv = 0;
    for (int i = 0; i < N; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    return mix_f64(0, sqrt(uv / vv));
}
