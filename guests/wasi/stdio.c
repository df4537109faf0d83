// The C library over the engine: formatted output, number parsing, qsort, malloc growth, 64-bit and float arithmetic.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    printf("%d %u %x %o %c %s %5.2f %e %g %%\n", -42, 42u, 0xBEEFu, 8u, 'c', "text", 3.14159, 12345.678, 1e-7);
    printf("%" PRId64 " %" PRIu64 " %016" PRIx64 "\n", INT64_MIN, UINT64_MAX, (uint64_t)0x0123456789ABCDEF);
    printf("[%8s][%-8s][%08d][%+d][%.3s]\n", "right", "left", 77, 5, "truncated");
    printf("%.17g %.17g %.9g\n", 0.1, 1.0 / 3.0, (double)(1.0f / 3.0f));
    printf("%g %g %g\n", HUGE_VAL, -HUGE_VAL, strtod("nan", NULL) != strtod("nan", NULL) ? 1.0 : 0.0);
    printf("%ld %lu %g %lld\n", strtol("-123abc", NULL, 10), strtoul("ff", NULL, 16), strtod("6.02e23", NULL),
        strtoll("9223372036854775807", NULL, 10));
    printf("%.6f %.6f %.6f %.6f %.6f\n", sin(1.0), cos(1.0), exp(1.0), log(10.0), pow(2.0, 0.5));
    printf("%.1f %.1f %.1f %.1f %.1f %.1f\n", floor(-2.5), ceil(-2.5), trunc(-2.5), rint(-2.5), rint(3.5), fmod(7.5, 2.0));

    int numbers[64];
    uint32_t state = 12345;
    for (int i = 0; i < 64; i++)
        numbers[i] = (int)((state = state * 1664525u + 1013904223u) >> 20);
    qsort(numbers, 64, sizeof *numbers, by_value);
    printf("%d %d %d\n", numbers[0], numbers[31], numbers[63]);

    // Grows linear memory well past its first size, and checks that it is zero and keeps what was written.
    char *blocks[32];
    for (int i = 0; i < 32; i++) {
        blocks[i] = calloc(1, 512 * 1024);
        if (blocks[i] == NULL || blocks[i][i * 1000] != 0) {
            puts("calloc failed");
            return 1;
        }
        memset(blocks[i], i, 512 * 1024);
    }
    unsigned sum = 0;
    for (int i = 0; i < 32; i++)
        for (int k = 0; k < 512 * 1024; k += 4096)
            sum += (unsigned char)blocks[i][k];
    printf("%u\n", sum);

    char line[64];
    int lines = 0, a, b;
    while (fgets(line, sizeof line, stdin) != NULL) {
        lines++;
        if (sscanf(line, "%d %d", &a, &b) == 2)
            printf("%d * %d = %d\n", a, b, a * b);
    }
    printf("%d lines, end of file: %s\n", lines, feof(stdin) ? "yes" : "no");
    return 0;
}
