// Escape times of the Mandelbrot set over a square: a tight f64 loop with a data-dependent exit.
#define ROUNDS 2
#include "bench.h"

static void bench_setup(void) {}

static NOINLINE u32 escape(double cr, double ci, u32 limit)
{
    double r = 0, i = 0, rr = 0, ii = 0;
    u32 n = 0;
    while (n < limit && rr + ii <= 4.0) {
        i = 2.0 * r * i + ci;
        r = rr - ii + cr;
        rr = r * r;
        ii = i * i;
        n++;
    }
    return n;
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    const u32 size = 400;
    for (u32 round = 0; round < rounds; round++)
        for (u32 y = 0; y < size; y++) {
            u32 row = 0;
            for (u32 x = 0; x < size; x++) {
                double cr = (double)x * (3.0 / 400.0) - 2.25;
                double ci = (double)(y + round) * (3.0 / 400.0) - 1.5;
                row = row * 31 + escape(cr, ci, 1500);
            }
            hash = mix(hash, row);
        }
    return hash;
}
