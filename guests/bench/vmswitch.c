// A register machine whose loop is one switch over packed 32-bit instructions: the shape of most interpreters.
// Its program sums greatest common divisors over all pairs, with the inner loop a remainder chain.
#define ROUNDS 1700
#include "bench.h"

// An instruction holds opcode, then registers a, b, c (one byte each); jumps take a signed 16-bit offset from b, c.
#define I(op, a, b, c) ((u32)(op) | (u32)(a) << 8 | (u32)(b) << 16 | (u32)(c) << 24)
#define J(op, a, offset) ((u32)(op) | (u32)(a) << 8 | (u32)(u16)(offset) << 16)

enum { SET, MOVE, ADD, SUB, MUL, REM, XOR, SHL, LESS, STORE, LOAD, IF, IFNOT, GOTO, STOP };

static u32 scratch[256];

static void bench_setup(void) {}

// Registers: 0 zero, 1 one, 2 limit, 3 i, 4 j, 5 x, 6 y, 7 t, 8 sum, 9 condition
static const u32 program[] = {
    /*  0 */ I(SET, 3, 1, 0),
    /*  1 */ I(SET, 4, 1, 0),
    /*  2 */ I(MOVE, 5, 3, 0),
    /*  3 */ I(MOVE, 6, 4, 0),
    /*  4 */ J(IFNOT, 6, 4),
    /*  5 */ I(REM, 7, 5, 6),
    /*  6 */ I(MOVE, 5, 6, 0),
    /*  7 */ I(MOVE, 6, 7, 0),
    /*  8 */ J(GOTO, 0, -5),
    /*  9 */ I(LOAD, 7, 5, 0),
    /* 10 */ I(ADD, 7, 7, 1),
    /* 11 */ I(STORE, 7, 5, 0),
    /* 12 */ I(MUL, 8, 8, 10),
    /* 13 */ I(XOR, 8, 8, 5),
    /* 14 */ I(ADD, 8, 8, 7),
    /* 15 */ I(ADD, 4, 4, 1),
    /* 16 */ I(LESS, 9, 4, 2),
    /* 17 */ J(IF, 9, -16),
    /* 18 */ I(SHL, 7, 8, 1),
    /* 19 */ I(SUB, 8, 7, 3),
    /* 20 */ I(ADD, 3, 3, 1),
    /* 21 */ I(LESS, 9, 3, 2),
    /* 22 */ J(IF, 9, -22),
    /* 23 */ I(STOP, 8, 0, 0),
};

static NOINLINE u32 run(const u32 *code, u32 *r)
{
    for (;;) {
        u32 word = *code++;
        u32 a = word >> 8 & 15, b = word >> 16 & 15, c = word >> 24 & 15;
        i32 offset = (i32)word >> 16;
        switch (word & 255) {
        case SET: r[a] = word >> 16; break;
        case MOVE: r[a] = r[b]; break;
        case ADD: r[a] = r[b] + r[c]; break;
        case SUB: r[a] = r[b] - r[c]; break;
        case MUL: r[a] = r[b] * r[c]; break;
        case REM: r[a] = r[b] % r[c]; break;
        case XOR: r[a] = r[b] ^ r[c]; break;
        case SHL: r[a] = r[b] << (r[c] & 31); break;
        case LESS: r[a] = r[b] < r[c]; break;
        case STORE: scratch[r[b] & 255] = r[a]; break;
        case LOAD: r[a] = scratch[r[b] & 255]; break;
        case IF: if (r[a] != 0) code += offset; break;
        case IFNOT: if (r[a] == 0) code += offset; break;
        case GOTO: code += offset; break;
        case STOP: return r[a];
        default: abort();
        }
    }
}

static u64 bench_kernel(u32 rounds)
{
    u32 registers[16] = {0, 1, rounds, [8] = bench_seed, [10] = 16777619u};
    u64 hash = run(program, registers);
    for (int i = 0; i < 256; i++)
        hash = mix(hash, scratch[i]);
    return hash;
}
