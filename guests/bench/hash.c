// Two checksums of a buffer: CRC-32 by table (a load and a shift a byte) and a four-lane 64-bit multiply-rotate hash.
#define ROUNDS 60
#include "bench.h"

#define SIZE (1u << 20)

static u8 data[SIZE];
static u32 table[256];

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (u32 i = 0; i < SIZE; i++)
        data[i] = (u8)random_next(&state);
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? c >> 1 ^ 0xEDB88320u : c >> 1;
        table[i] = c;
    }
}

static NOINLINE u32 crc32(u32 crc, const u8 *p, u32 size)
{
    crc = ~crc;
    while (size-- > 0)
        crc = table[(crc ^ *p++) & 255] ^ crc >> 8;
    return ~crc;
}

static inline u64 rotate(u64 x, int n)
{
    return x << n | x >> (64 - n);
}

static NOINLINE u64 lanes(u64 seed, const u8 *p, u32 size)
{
    const u64 k1 = 0xD6E8FEB86659FD93u, k2 = 0xA0761D6478BD642Fu;
    u64 lane[4] = {seed + k1, seed ^ k2, seed, seed - k1};
    for (; size >= 32; size -= 32)
        for (int i = 0; i < 4; i++, p += 8) {
            u64 v;
            memcpy(&v, p, 8);
            lane[i] = rotate(lane[i] + v * k2, 31) * k1;
        }
    u64 h = rotate(lane[0], 1) + rotate(lane[1], 7) + rotate(lane[2], 12) + rotate(lane[3], 18);
    while (size-- > 0)
        h = rotate(h ^ *p++ * k1, 11) * k2;
    h = (h ^ h >> 33) * k2;
    return h ^ h >> 29;
}

static u64 bench_kernel(u32 rounds)
{
    u32 crc = 0;
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++) {
        crc = crc32(crc, data, SIZE - r % 13);
        for (int i = 0; i < 4; i++)
            hash = lanes(hash, data, SIZE - r % 29);
    }
    return mix(hash, crc);
}
