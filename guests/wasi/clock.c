// Clocks, sleeping and random numbers; prints only what holds on every machine.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long now(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        return -1;
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void)
{
    struct timespec resolution, pause = {0, 20000000};
    long long real = now(CLOCK_REALTIME), start = now(CLOCK_MONOTONIC);
    printf("real time after 2020: %s\n", real > 1577836800LL * 1000000000LL ? "yes" : "no");
    printf("monotonic time: %s\n", start > 0 ? "yes" : "no");
    printf("resolution: %s\n", clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_nsec > 0 ? "yes" : "no");

    int slept = nanosleep(&pause, NULL);
    long long passed = now(CLOCK_MONOTONIC) - start;
    // One millisecond of grace: an engine may count its timers in whole milliseconds.
    printf("sleep: %d, 20 ms long: %s\n", slept, passed >= 19000000 ? "yes" : "no");

    start = now(CLOCK_MONOTONIC);
    int ready = poll(NULL, 0, 15);
    passed = now(CLOCK_MONOTONIC) - start;
    printf("poll: %d, 15 ms long: %s\n", ready, passed >= 14000000 ? "yes" : "no");

    start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < 1000; i++) {
        long long t = now(CLOCK_MONOTONIC);
        if (t < start) {
            puts("the clock went back");
            return 1;
        }
        start = t;
    }

    unsigned char a[256], b[256];
    printf("random: %d %d, ", getentropy(a, sizeof a), getentropy(b, sizeof b));
    puts(memcmp(a, b, sizeof a) != 0 ? "different" : "the same");
    struct tm day;
    time_t second = 1000000000;
    printf("%s", asctime(gmtime_r(&second, &day)));
    return 0;
}
