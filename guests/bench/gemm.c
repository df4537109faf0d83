// Blocked matrix product of floats: C = alpha * A * B + beta * C over 32 x 32 tiles, with a 4 x 4 register kernel.
#define ROUNDS 24
#include "bench.h"

#define N 320
#define TILE 32

static float a[N * N], b[N * N], c[N * N];

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (int i = 0; i < N * N; i++) {
        a[i] = (float)(random_next(&state) & 255) / 16.0f;
        b[i] = (float)(random_next(&state) & 255) / 32.0f;
        c[i] = (float)(random_next(&state) & 255);
    }
}

static NOINLINE void tile_product(int row, int column, int depth, float alpha)
{
    for (int i = row; i < row + TILE; i += 4)
        for (int j = column; j < column + TILE; j += 4) {
            float s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
            float s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
            for (int k = depth; k < depth + TILE; k++) {
                const float *bk = b + k * N + j;
                float b0 = bk[0], b1 = bk[1], b2 = bk[2], b3 = bk[3];
                float a0 = a[i * N + k], a1 = a[(i + 1) * N + k], a2 = a[(i + 2) * N + k], a3 = a[(i + 3) * N + k];
                s00 += a0 * b0, s01 += a0 * b1, s02 += a0 * b2, s03 += a0 * b3;
                s10 += a1 * b0, s11 += a1 * b1, s12 += a1 * b2, s13 += a1 * b3;
                s20 += a2 * b0, s21 += a2 * b1, s22 += a2 * b2, s23 += a2 * b3;
                s30 += a3 * b0, s31 += a3 * b1, s32 += a3 * b2, s33 += a3 * b3;
            }
            float *out = c + i * N + j;
            out[0] += alpha * s00, out[1] += alpha * s01, out[2] += alpha * s02, out[3] += alpha * s03;
            out += N;
            out[0] += alpha * s10, out[1] += alpha * s11, out[2] += alpha * s12, out[3] += alpha * s13;
            out += N;
            out[0] += alpha * s20, out[1] += alpha * s21, out[2] += alpha * s22, out[3] += alpha * s23;
            out += N;
            out[0] += alpha * s30, out[1] += alpha * s31, out[2] += alpha * s32, out[3] += alpha * s33;
        }
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++) {
        float beta = 0.5f, alpha = 0.001f * (float)(r + 1);
        for (int i = 0; i < N * N; i++)
            c[i] *= beta;
        for (int i = 0; i < N; i += TILE)
            for (int j = 0; j < N; j += TILE)
                for (int k = 0; k < N; k += TILE)
                    tile_product(i, j, k, alpha);
        for (int i = 0; i < N * N; i += 997)
            hash = mix_f64(hash, (double)c[i]);
    }
    return hash;
}
