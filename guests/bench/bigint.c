// Modular exponentiation of 1024-bit numbers by Montgomery multiplication: 32 x 32 -> 64-bit products and carries.
#define ROUNDS 80
#include "bench.h"

#define LIMBS 32

typedef struct { u32 limb[LIMBS]; } Number;

static Number modulus, base;
static u32 inverse;   // -modulus^-1 mod 2^32

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (int i = 0; i < LIMBS; i++) {
        modulus.limb[i] = random_next(&state);
        base.limb[i] = random_next(&state);
    }
    modulus.limb[0] |= 1;
    modulus.limb[LIMBS - 1] |= 0x80000000u;
    base.limb[LIMBS - 1] &= 0x7FFFFFFFu;
    u32 x = 1;
    for (int i = 0; i < 5; i++)
        x *= 2 - modulus.limb[0] * x;
    inverse = 0 - x;
}

static int not_below(const u32 *a, const u32 *b)
{
    for (int i = LIMBS - 1; i >= 0; i--)
        if (a[i] != b[i])
            return a[i] > b[i];
    return 1;
}

static void subtract(u32 *a, const u32 *b)
{
    i64 borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        borrow += (i64)a[i] - b[i];
        a[i] = (u32)borrow;
        borrow >>= 32;
    }
}

static NOINLINE void multiply(Number *result, const Number *a, const Number *b)
{
    u32 t[LIMBS + 2] = {0};
    for (int i = 0; i < LIMBS; i++) {
        u64 carry = 0;
        for (int j = 0; j < LIMBS; j++) {
            carry += (u64)a->limb[j] * b->limb[i] + t[j];
            t[j] = (u32)carry;
            carry >>= 32;
        }
        carry += t[LIMBS];
        t[LIMBS] = (u32)carry;
        t[LIMBS + 1] = (u32)(carry >> 32);

        u32 q = t[0] * inverse;
        carry = ((u64)q * modulus.limb[0] + t[0]) >> 32;
        for (int j = 1; j < LIMBS; j++) {
            carry += (u64)q * modulus.limb[j] + t[j];
            t[j - 1] = (u32)carry;
            carry >>= 32;
        }
        carry += t[LIMBS];
        t[LIMBS - 1] = (u32)carry;
        t[LIMBS] = t[LIMBS + 1] + (u32)(carry >> 32);
    }
    if (t[LIMBS] != 0 || not_below(t, modulus.limb))
        subtract(t, modulus.limb);
    memcpy(result->limb, t, sizeof result->limb);
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    Number x = base;
    for (u32 r = 0; r < rounds; r++) {
        // x^e with a fixed 1024-bit exponent, square and multiply; in Montgomery form throughout.
        Number y = x;
        for (int bit = LIMBS * 32 - 2; bit >= 0; bit--) {
            multiply(&y, &y, &y);
            if (base.limb[bit >> 5] >> (bit & 31) & 1)
                multiply(&y, &y, &x);
        }
        x = y;
        for (int i = 0; i < LIMBS; i++)
            hash = mix(hash, x.limb[i]);
    }
    return hash;
}
