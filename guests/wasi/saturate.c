// Conversions at their edges: saturating float to integer, sign extension, rotates, wide shifts, NaN and signed zeros.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static volatile double doubles[] = {0.0, -0.0, 1.9, -1.9, 2147483647.5, 2147483648.0, -2147483649.0, 4294967295.9,
    4294967296.0, 9.3e18, -9.3e18, 1.9e19, -1.0, 1e300, 0.0};

static uint64_t bits(double x)
{
    uint64_t b;
    memcpy(&b, &x, 8);
    return b;
}

int main(void)
{
    volatile double zero = 0;
    doubles[14] = zero / zero;
    for (unsigned i = 0; i < sizeof doubles / sizeof *doubles; i++) {
        double x = doubles[i];
        printf("%d %u %lld %llu\n", __builtin_wasm_trunc_saturate_s_i32_f64(x),
            (unsigned)__builtin_wasm_trunc_saturate_u_i32_f64(x), (long long)__builtin_wasm_trunc_saturate_s_i64_f64(x),
            (unsigned long long)__builtin_wasm_trunc_saturate_u_i64_f64(x));
    }
    volatile uint64_t wide = 0x8091A2B3C4D5E6F7u;
    volatile unsigned shift = 37;
    printf("%d %d %lld %lld %lld\n", (int)(int8_t)wide, (int)(int16_t)wide, (long long)(int8_t)wide,
        (long long)(int16_t)wide, (long long)(int32_t)wide);
    printf("%016llx %016llx %016llx\n", (unsigned long long)(wide << shift | wide >> (64 - shift)),
        (unsigned long long)((int64_t)wide >> shift), (unsigned long long)(wide >> (shift & 31)));
    printf("%016llx %016llx\n", (unsigned long long)bits(-zero), (unsigned long long)bits(__builtin_copysign(3.0, -zero)));
    printf("%d %d %d\n", doubles[14] == doubles[14], doubles[14] < 1.0, -zero == zero);
    volatile float narrow = 16777217.0f;
    printf("%.1f %.10f\n", (double)narrow, (double)(float)0.1);
    printf("%.1f %.1f\n", (double)(uint64_t)wide, (double)(float)(int64_t)wide);
    return 0;
}
