// Gravity among five bodies, symplectic Euler steps: long chains of f64 arithmetic, sqrt and division.
#define ROUNDS 4000000
#include "bench.h"
#include <math.h>

#define BODIES 5

typedef struct {
    double x, y, z, vx, vy, vz, mass;
} Body;

static Body bodies[BODIES];

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (int i = 0; i < BODIES; i++) {
        Body *b = &bodies[i];
        double *field = &b->x;
        for (int k = 0; k < 3; k++)
            field[k] = (double)(i * 4) + (double)(random_next(&state) & 4095) / 2048.0;
        for (int k = 3; k < 6; k++)
            field[k] = (double)(random_next(&state) & 4095) / 16384.0 - 0.125;
        b->mass = i == 0 ? 40.0 : 1.0 / (double)(i + 7);
    }
}

static NOINLINE void advance(double dt)
{
    for (int i = 0; i < BODIES; i++) {
        Body *p = &bodies[i];
        for (int j = i + 1; j < BODIES; j++) {
            Body *q = &bodies[j];
            double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
            double d2 = dx * dx + dy * dy + dz * dz + 0.01;
            double pull = dt / (d2 * sqrt(d2));
            double toward_p = pull * p->mass, toward_q = pull * q->mass;
            p->vx -= dx * toward_q, p->vy -= dy * toward_q, p->vz -= dz * toward_q;
            q->vx += dx * toward_p, q->vy += dy * toward_p, q->vz += dz * toward_p;
        }
    }
    for (int i = 0; i < BODIES; i++) {
        Body *p = &bodies[i];
        p->x += dt * p->vx, p->y += dt * p->vy, p->z += dt * p->vz;
    }
}

static u64 bench_kernel(u32 rounds)
{
    for (u32 r = 0; r < rounds; r++)
        advance(0.001);
    u64 hash = 0;
    for (int i = 0; i < BODIES; i++)
        hash = mix_f64(mix_f64(hash, bodies[i].x), bodies[i].vz);
    return hash;
}
