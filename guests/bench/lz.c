// An LZ77 compressor of our own with a hash of four bytes and a byte-wise token format, and its decompressor.
// A token byte holds literal count (high half) and match length - 4 (low half); 15 means that more bytes follow.
#define ROUNDS 56
#include "bench.h"

#define SIZE (1u << 20)
#define HASH_BITS 14
#define MIN_MATCH 4u

static u8 input[SIZE], packed[SIZE + SIZE / 64 + 64], output[SIZE];
static u32 table[1u << HASH_BITS];

// Text-like data: words drawn from a small vocabulary with a skewed choice, with numbers between.
static void bench_setup(void)
{
    u32 state = bench_seed;
    u8 words[256][12];
    u8 lengths[256];
    for (int w = 0; w < 256; w++) {
        lengths[w] = (u8)(2 + random_next(&state) % 10);
        for (int i = 0; i < lengths[w]; i++)
            words[w][i] = (u8)('a' + random_next(&state) % 26);
    }
    u32 at = 0;
    while (at < SIZE) {
        u32 r = random_next(&state);
        u32 w = (r & 255) * (r >> 8 & 255) >> 8;
        for (u32 i = 0; i < lengths[w] && at < SIZE; i++)
            input[at++] = words[w][i];
        if (at < SIZE)
            input[at++] = (r >> 16 & 31) == 0 ? '\n' : (r >> 16 & 31) == 1 ? (u8)('0' + (r >> 24) % 10) : ' ';
    }
}

static inline u32 load32(const u8 *p)
{
    u32 v;
    memcpy(&v, p, 4);
    return v;
}

static u8 *put_count(u8 *out, u32 rest)
{
    while (rest >= 255) {
        *out++ = 255;
        rest -= 255;
    }
    *out++ = (u8)rest;
    return out;
}

static u8 *put_sequence(u8 *out, const u8 *literals, u32 count, u32 match, u32 distance)
{
    u32 extra = match == 0 ? 0 : match - MIN_MATCH;
    *out++ = (u8)((count < 15 ? count : 15) << 4 | (extra < 15 ? extra : 15));
    if (count >= 15)
        out = put_count(out, count - 15);
    for (u32 i = 0; i < count; i++)
        *out++ = literals[i];
    *out++ = (u8)distance;
    *out++ = (u8)(distance >> 8);
    if (extra >= 15)
        out = put_count(out, extra - 15);
    return out;
}

static NOINLINE u32 compress(const u8 *in, u32 size, u8 *out)
{
    u8 *start = out;
    u32 at = 0, anchor = 0;
    memset(table, 0, sizeof table);
    while (at + MIN_MATCH <= size) {
        u32 sequence = load32(in + at);
        u32 slot = sequence * 2654435761u >> (32 - HASH_BITS);
        u32 candidate = table[slot];
        table[slot] = at + 1;
        if (candidate == 0 || at + 1 - candidate > 65535 || load32(in + candidate - 1) != sequence) {
            at++;
            continue;
        }
        u32 from = candidate - 1, length = MIN_MATCH;
        while (at + length < size && in[from + length] == in[at + length])
            length++;
        out = put_sequence(out, in + anchor, at - anchor, length, at - from);
        at += length;
        anchor = at;
    }
    // The last sequence has no match: distance 0 ends the stream.
    out = put_sequence(out, in + anchor, size - anchor, 0, 0);
    return (u32)(out - start);
}

static NOINLINE u32 decompress(const u8 *in, u8 *out)
{
    u8 *start = out;
    for (;;) {
        u32 token = *in++;
        u32 count = token >> 4, extra = token & 15;
        if (count == 15) {
            u32 b;
            do {
                b = *in++;
                count += b;
            } while (b == 255);
        }
        for (u32 i = 0; i < count; i++)
            *out++ = *in++;
        u32 distance = in[0] | (u32)in[1] << 8;
        in += 2;
        if (distance == 0)
            return (u32)(out - start);
        if (extra == 15) {
            u32 b;
            do {
                b = *in++;
                extra += b;
            } while (b == 255);
        }
        const u8 *from = out - distance;
        for (u32 i = 0; i < extra + MIN_MATCH; i++)
            *out++ = from[i];
    }
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++) {
        input[r * 4099 % SIZE] ^= 1;
        u32 size = compress(input, SIZE, packed);
        u32 back = decompress(packed, output);
        hash = mix(hash, size);
        hash = mix(hash, back);
        hash = mix(hash, memcmp(input, output, SIZE) == 0);
    }
    return hash;
}
