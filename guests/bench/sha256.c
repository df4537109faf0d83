// SHA-256 (FIPS 180-4) of a buffer: rotates, xors and adds over a 64-word schedule.
#define ROUNDS 10
#include "bench.h"

#define SIZE (1u << 20)

static u8 data[SIZE];
static u32 constants[64];

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (u32 i = 0; i < SIZE; i++)
        data[i] = (u8)random_next(&state);
    // The standard's constants: the first 32 bits of the fractions of the cube roots of the first 64 primes, found here
    // by integer search (the largest r with r^3 <= p * 2^96, of which the low 32 bits are the fraction).
    u32 found = 0;
    for (u32 p = 2; found < 64; p++) {
        int prime = 1;
        for (u32 d = 2; d * d <= p; d++)
            prime &= p % d != 0;
        if (!prime)
            continue;
        u64 root = 0;
        for (int bit = 34; bit >= 0; bit--) {
            u64 r = root | (u64)1 << bit;
            // r^3 in 32-bit limbs against p << 96
            unsigned __int128 square = (unsigned __int128)r * r;
            unsigned __int128 low = (unsigned __int128)(u64)square * r;
            unsigned __int128 high = (square >> 64) * r + (low >> 64);
            if (high < (unsigned __int128)p << 32)
                root = r;
        }
        constants[found++] = (u32)root;
    }
}

static inline u32 rotate(u32 x, int n)
{
    return x >> n | x << (32 - n);
}

static NOINLINE void block(u32 *state, const u8 *p)
{
    u32 w[64];
    for (int i = 0; i < 16; i++, p += 4)
        w[i] = (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
    for (int i = 16; i < 64; i++) {
        u32 s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        u32 s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    u32 a = state[0], b = state[1], c = state[2], d = state[3];
    u32 e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        u32 t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
        u32 t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static u64 bench_kernel(u32 rounds)
{
    u32 state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (u32 r = 0; r < rounds; r++)
        for (u32 i = 0; i < SIZE; i += 64)
            block(state, data + i);
    u64 hash = 0;
    for (int i = 0; i < 8; i++)
        hash = mix(hash, state[i]);
    return hash;
}
