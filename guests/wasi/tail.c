// Tail calls: two functions that call each other ten million times must not grow the stack.
// flags: -mtail-call
#include <stdio.h>

#define NOINLINE __attribute__((noinline))
#define TAIL __attribute__((musttail)) return

static NOINLINE unsigned odd_step(unsigned n, unsigned x);

static NOINLINE unsigned even_step(unsigned n, unsigned x)
{
    if (n == 0)
        return x;
    TAIL odd_step(n - 1, x / 2 + n);
}

static NOINLINE unsigned odd_step(unsigned n, unsigned x)
{
    if (n == 0)
        return x;
    TAIL even_step(n - 1, x * 3 + 1);
}

typedef unsigned (*Step)(unsigned, unsigned);

static Step volatile steps[2] = {even_step, odd_step};

static NOINLINE unsigned through_table(unsigned n, unsigned x)
{
    TAIL steps[n & 1](n, x);
}

int main(void)
{
    printf("%u\n", even_step(10000000, 27));
    printf("%u\n", through_table(9999999, 1));
    return 0;
}
