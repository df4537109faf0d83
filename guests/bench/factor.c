// Cholesky and LU factorization of dense f64 matrices: triangular loop nests as in linear algebra suites.
#define ROUNDS 12
#include "bench.h"
#include <math.h>

#define N 320

static double source[N][N], a[N][N];

static void bench_setup(void)
{
    // Symmetric and diagonally dominant, hence positive definite.
    u32 state = bench_seed;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j <= i; j++)
            source[i][j] = source[j][i] = (double)(random_next(&state) & 127) / 128.0;
        source[i][i] += N;
    }
}

static NOINLINE void cholesky(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < i; j++) {
            for (int k = 0; k < j; k++)
                a[i][j] -= a[i][k] * a[j][k];
            a[i][j] /= a[j][j];
        }
        for (int k = 0; k < i; k++)
            a[i][i] -= a[i][k] * a[i][k];
        a[i][i] = sqrt(a[i][i]);
    }
}

static NOINLINE void lu(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < i; j++) {
            for (int k = 0; k < j; k++)
                a[i][j] -= a[i][k] * a[k][j];
            a[i][j] /= a[j][j];
        }
        for (int j = i; j < N; j++)
            for (int k = 0; k < i; k++)
                a[i][j] -= a[i][k] * a[k][j];
    }
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++) {
        source[r % N][r % N] += 1.0;
        memcpy(a, source, sizeof a);
        cholesky();
        for (int i = 0; i < N; i++)
            hash = mix_f64(hash, a[i][i / 2]);
        memcpy(a, source, sizeof a);
        lu();
        for (int i = 0; i < N; i++)
            hash = mix_f64(hash, a[i][N - 1 - i / 3]);
    }
    return hash;
}
