// Structures passed and returned by value, on the multi-value calling convention: functions with several results.
// flags: -mmultivalue -Xclang -target-abi -Xclang experimental-mv
#include <unistd.h>

typedef struct { int quotient, remainder; } Division;
typedef struct { long long low, high; double scale; } Range;

static __attribute__((noinline)) Division divide(int a, int b)
{
    return (Division){a / b, a % b};
}

static __attribute__((noinline)) Range widen(Range r, long long by)
{
    return (Range){r.low - by, r.high + by, r.scale * 0.5};
}

static void print(long long n)
{
    char text[24];
    int at = 24, negative = n < 0;
    text[--at] = '\n';
    do {
        text[--at] = (char)('0' + (negative ? -(n % 10) : n % 10));
        n /= 10;
    } while (n != 0);
    if (negative)
        text[--at] = '-';
    write(1, text + at, (unsigned)(24 - at));
}

int main(int argc, char **argv)
{
    (void)argv;
    Division d = divide(1000 + argc, 17);
    print(d.quotient);
    print(d.remainder);
    Range r = {-1, 1, 1024.0};
    for (int i = 0; i < 10; i++)
        r = widen(r, 1LL << (i * 5));
    print(r.low);
    print(r.high);
    print((long long)r.scale);
    return 0;
}
