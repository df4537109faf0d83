// Binary trees built and freed node by node: the allocator, pointer chasing and recursion.
#define ROUNDS 18
#include "bench.h"

typedef struct Tree {
    struct Tree *left, *right;
} Tree;

static void bench_setup(void) {}

static NOINLINE Tree *grow(u32 depth)
{
    Tree *t = malloc(sizeof *t);
    if (t == NULL)
        abort();
    t->left = depth > 0 ? grow(depth - 1) : NULL;
    t->right = depth > 0 ? grow(depth - 1) : NULL;
    return t;
}

static NOINLINE u32 count(const Tree *t)
{
    return 1 + (t->left ? count(t->left) : 0) + (t->right ? count(t->right) : 0);
}

static NOINLINE void fell(Tree *t)
{
    if (t->left)
        fell(t->left);
    if (t->right)
        fell(t->right);
    free(t);
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    Tree *lasting = grow(rounds);
    for (u32 depth = 4; depth <= rounds; depth += 4) {
        u32 total = 0;
        for (u32 i = 0; i < 1u << (rounds - depth + 3); i++) {
            Tree *t = grow(depth);
            total += count(t);
            fell(t);
        }
        hash = mix(hash, total);
    }
    hash = mix(hash, count(lasting));
    fell(lasting);
    return hash;
}
