// Heat over a square plate by Jacobi sweeps: a five-point f64 stencil between two grids.
#define ROUNDS 320
#include "bench.h"
#include <math.h>

#define N 514

static double grid_a[N][N], grid_b[N][N];

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            grid_a[i][j] = grid_b[i][j] = (double)(random_next(&state) & 255);
}

static NOINLINE void sweep(double (*from)[N], double (*to)[N])
{
    for (int i = 1; i < N - 1; i++)
        for (int j = 1; j < N - 1; j++)
            to[i][j] = 0.2 * (from[i][j] + from[i - 1][j] + from[i + 1][j] + from[i][j - 1] + from[i][j + 1]);
}

static u64 bench_kernel(u32 rounds)
{
    for (u32 r = 0; r < rounds; r++) {
        sweep(grid_a, grid_b);
        sweep(grid_b, grid_a);
    }
    double change = 0;
    u64 hash = 0;
    for (int i = 0; i < N; i++) {
        change += fabs(grid_a[i][i] - grid_b[i][i]);
        hash = mix_f64(hash, grid_a[i][N / 2]);
    }
    return mix_f64(hash, change);
}
