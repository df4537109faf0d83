// Base64 there and back over a buffer: table lookups, shifts and byte stores.
#define ROUNDS 160
#include "bench.h"

#define SIZE (3u << 18)

static u8 data[SIZE], back[SIZE];
static char encoded[SIZE / 3u * 4 + 4];
static u8 value_of[256];
static char digit[65];

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (u32 i = 0; i < SIZE; i++)
        data[i] = (u8)random_next(&state);
    for (int i = 0; i < 64; i++)
        digit[i] = (char)(i < 26 ? 'A' + i : i < 52 ? 'a' + i - 26 : i < 62 ? '0' + i - 52 : i == 62 ? '+' : '/');
    memset(value_of, 255, sizeof value_of);
    for (int i = 0; i < 64; i++)
        value_of[(u8)digit[i]] = (u8)i;
}

static NOINLINE u32 encode(const u8 *in, u32 size, char *out)
{
    char *start = out;
    for (; size >= 3; size -= 3, in += 3) {
        u32 v = (u32)in[0] << 16 | (u32)in[1] << 8 | in[2];
        *out++ = digit[v >> 18];
        *out++ = digit[v >> 12 & 63];
        *out++ = digit[v >> 6 & 63];
        *out++ = digit[v & 63];
    }
    if (size > 0) {
        u32 v = (u32)in[0] << 16 | (size > 1 ? (u32)in[1] << 8 : 0);
        *out++ = digit[v >> 18];
        *out++ = digit[v >> 12 & 63];
        *out++ = size > 1 ? digit[v >> 6 & 63] : '=';
        *out++ = '=';
    }
    return (u32)(out - start);
}

static NOINLINE u32 decode(const char *in, u32 size, u8 *out)
{
    u8 *start = out;
    for (; size >= 4; size -= 4, in += 4) {
        u32 a = value_of[(u8)in[0]], b = value_of[(u8)in[1]], c = value_of[(u8)in[2]], d = value_of[(u8)in[3]];
        *out++ = (u8)(a << 2 | b >> 4);
        if (c < 64)
            *out++ = (u8)(b << 4 | c >> 2);
        if (d < 64)
            *out++ = (u8)(c << 6 | d);
    }
    return (u32)(out - start);
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++) {
        u32 size = SIZE - r % 3;
        u32 length = encode(data, size, encoded);
        u32 decoded = decode(encoded, length, back);
        hash = mix(hash, (u64)length << 32 | decoded);
        hash = mix(hash, memcmp(data, back, decoded) == 0);
        for (u32 i = 0; i < length; i += 4093)
            hash = mix(hash, (u8)encoded[i]);
        data[r * 131 % SIZE]++;
    }
    return hash;
}
