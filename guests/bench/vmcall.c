// A small stack machine whose every instruction is a call through a table of functions.
// Its program, written in its own code near the end, counts Collatz steps.
#define ROUNDS 27000
#include "bench.h"

typedef struct Machine {
    const i32 *code;
    u32 pc, top, running;
    i64 stack[64], locals[8];
} Machine;

typedef void (*Handler)(Machine *);

enum { PUSH, LOAD, STORE, ADD, MUL, AND, SHR, LESS, JUMP_IF, JUMP, HALT, HANDLERS };

#define POP(m) ((m)->stack[--(m)->top & 63])
#define PUT(m, v) ((m)->stack[(m)->top++ & 63] = (v))

static void do_push(Machine *m) { PUT(m, m->code[m->pc++]); }
static void do_load(Machine *m) { PUT(m, m->locals[m->code[m->pc++] & 7]); }
static void do_store(Machine *m) { m->locals[m->code[m->pc++] & 7] = POP(m); }
static void do_add(Machine *m) { i64 b = POP(m), a = POP(m); PUT(m, a + b); }
static void do_mul(Machine *m) { i64 b = POP(m), a = POP(m); PUT(m, a * b); }
static void do_and(Machine *m) { i64 b = POP(m), a = POP(m); PUT(m, a & b); }
static void do_shr(Machine *m) { i64 b = POP(m), a = POP(m); PUT(m, a >> (b & 63)); }
static void do_less(Machine *m) { i64 b = POP(m), a = POP(m); PUT(m, a < b); }
static void do_jump_if(Machine *m) { u32 target = (u32)m->code[m->pc++]; if (POP(m) != 0) m->pc = target; }
static void do_jump(Machine *m) { m->pc = (u32)m->code[m->pc]; }
static void do_halt(Machine *m) { m->running = 0; }

static Handler handlers[HANDLERS];

static void bench_setup(void)
{
    static const Handler table[HANDLERS] = {do_push, do_load, do_store, do_add, do_mul, do_and, do_shr,
                                            do_less, do_jump_if, do_jump, do_halt};
    memcpy(handlers, table, sizeof table);
}

// Locals: 0 limit, 1 n, 2 x, 3 steps. For each n below the limit, follow x from n down to 1 and count the steps.
static const i32 collatz[] = {
    /*  0 */ LOAD, 1, STORE, 2,
    /*  4 */ LOAD, 2, PUSH, 2, LESS, JUMP_IF, 46,
    /* 11 */ LOAD, 3, PUSH, 1, ADD, STORE, 3,
    /* 18 */ LOAD, 2, PUSH, 1, AND, JUMP_IF, 34,
    /* 25 */ LOAD, 2, PUSH, 1, SHR, STORE, 2, JUMP, 4,
    /* 34 */ LOAD, 2, PUSH, 3, MUL, PUSH, 1, ADD, STORE, 2, JUMP, 4,
    /* 46 */ LOAD, 1, PUSH, 1, ADD, STORE, 1,
    /* 53 */ LOAD, 1, LOAD, 0, LESS, JUMP_IF, 0,
    /* 60 */ HALT,
};

static u64 bench_kernel(u32 rounds)
{
    Machine m = {.code = collatz, .running = 1, .locals = {rounds, 1}};
    while (m.running)
        handlers[m.code[m.pc++]](&m);
    return mix((u64)m.locals[3], m.pc);
}
