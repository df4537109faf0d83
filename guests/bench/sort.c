// Quicksort and heapsort of records, generic over element size, comparing through a function pointer.
#define ROUNDS 3
#include "bench.h"

#define COUNT 100000u

typedef struct {
    u32 id, group;
    double weight;
} Record;

typedef int (*Compare)(const void *, const void *);

static Record source[COUNT], records[COUNT];

static void bench_setup(void)
{
    u32 state = bench_seed;
    for (u32 i = 0; i < COUNT; i++) {
        source[i].id = i;
        source[i].group = random_next(&state) & 63;
        source[i].weight = (double)(random_next(&state) & 0xFFFFF) / 8.0;
    }
}

static int by_weight(const void *a, const void *b)
{
    const Record *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static int by_group(const void *a, const void *b)
{
    const Record *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return by_weight(a, b);
}

static int by_id_down(const void *a, const void *b)
{
    const Record *x = a, *y = b;
    return x->id < y->id ? 1 : x->id > y->id ? -1 : 0;
}

// Volatile: the comparison must stay an indirect call.
static Compare volatile orders[] = {by_weight, by_group, by_id_down};

static void swap(u8 *a, u8 *b, u32 size)
{
    for (; size >= 4; size -= 4, a += 4, b += 4) {
        u32 x, y;
        memcpy(&x, a, 4);
        memcpy(&y, b, 4);
        memcpy(a, &y, 4);
        memcpy(b, &x, 4);
    }
}

static NOINLINE void quicksort(u8 *base, u32 count, u32 size, Compare compare)
{
    while (count > 12) {
        u8 *middle = base + count / 2 * size, *last = base + (count - 1) * size;
        if (compare(middle, base) < 0)
            swap(middle, base, size);
        if (compare(last, middle) < 0) {
            swap(last, middle, size);
            if (compare(middle, base) < 0)
                swap(middle, base, size);
        }
        swap(middle, base, size);
        u32 low = 0, high = count;
        for (;;) {
            do
                low++;
            while (low < count && compare(base + low * size, base) < 0);
            do
                high--;
            while (compare(base, base + high * size) < 0);
            if (low >= high)
                break;
            swap(base + low * size, base + high * size, size);
        }
        swap(base, base + high * size, size);
        if (high < count - high - 1) {
            quicksort(base, high, size, compare);
            base += (high + 1) * size;
            count -= high + 1;
        } else {
            quicksort(base + (high + 1) * size, count - high - 1, size, compare);
            count = high;
        }
    }
    for (u32 i = 1; i < count; i++)
        for (u32 j = i; j > 0 && compare(base + j * size, base + (j - 1) * size) < 0; j--)
            swap(base + j * size, base + (j - 1) * size, size);
}

static void sink(u8 *base, u32 at, u32 count, u32 size, Compare compare)
{
    for (u32 child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
            child++;
        if (compare(base + at * size, base + child * size) >= 0)
            return;
        swap(base + at * size, base + child * size, size);
    }
}

static NOINLINE void heapsort_records(u8 *base, u32 count, u32 size, Compare compare)
{
    for (u32 i = count / 2; i-- > 0;)
        sink(base, i, count, size, compare);
    while (count-- > 1) {
        swap(base, base + count * size, size);
        sink(base, 0, count, size, compare);
    }
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    memcpy(records, source, sizeof records);
    for (u32 r = 0; r < rounds; r++)
        for (u32 k = 0; k < 3; k++) {
            quicksort((u8 *)records, COUNT, sizeof(Record), orders[k]);
            for (u32 i = 0; i < COUNT; i += 101)
                hash = mix(hash, records[i].id);
            heapsort_records((u8 *)records, COUNT, sizeof(Record), orders[(k + 1) % 3]);
            for (u32 i = 0; i < COUNT; i += 103)
                hash = mix(hash, records[i].id);
        }
    return hash;
}
