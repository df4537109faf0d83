// A chained hash table of string keys with malloc'd entries that grows as it fills: inserts, lookups, removals.
#define ROUNDS 5
#include "bench.h"

typedef struct Entry {
    struct Entry *next;
    u32 hash;
    u32 value;
    u32 length;
    char key[];
} Entry;

typedef struct {
    Entry **buckets;
    u32 mask, count;
} Table;

static void bench_setup(void) {}

static u32 make_key(char *key, u32 n)
{
    u32 length = 0;
    key[length++] = 'k';
    key[length++] = (char)('a' + n % 26);
    do {
        key[length++] = (char)('0' + n % 10);
    } while (n /= 10);
    return length;
}

static u32 hash_of(const char *key, u32 length)
{
    u32 h = 2166136261u;
    for (u32 i = 0; i < length; i++)
        h = (h ^ (u8)key[i]) * 16777619u;
    return h ^ h >> 15;
}

static void grow(Table *table)
{
    u32 size = (table->mask + 1) * 2;
    Entry **buckets = calloc(size, sizeof *buckets);
    if (buckets == NULL)
        abort();
    for (u32 i = 0; i <= table->mask; i++)
        for (Entry *e = table->buckets[i], *next; e != NULL; e = next) {
            next = e->next;
            e->next = buckets[e->hash & (size - 1)];
            buckets[e->hash & (size - 1)] = e;
        }
    free(table->buckets);
    table->buckets = buckets;
    table->mask = size - 1;
}

static NOINLINE Entry **find(Table *table, const char *key, u32 length, u32 hash)
{
    Entry **link = &table->buckets[hash & table->mask];
    while (*link != NULL && ((*link)->hash != hash || (*link)->length != length || memcmp((*link)->key, key, length) != 0))
        link = &(*link)->next;
    return link;
}

static void insert(Table *table, const char *key, u32 length, u32 value)
{
    u32 hash = hash_of(key, length);
    Entry **link = find(table, key, length, hash);
    if (*link != NULL) {
        (*link)->value += value;
        return;
    }
    Entry *e = malloc(sizeof *e + length);
    if (e == NULL)
        abort();
    e->next = NULL;
    e->hash = hash;
    e->value = value;
    e->length = length;
    memcpy(e->key, key, length);
    *link = e;
    if (++table->count > table->mask)
        grow(table);
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    u32 state = bench_seed;
    for (u32 r = 0; r < rounds; r++) {
        Table table = {calloc(16, sizeof(Entry *)), 15, 0};
        char key[16];
        for (u32 i = 0; i < 200000; i++) {
            u32 n = random_next(&state) % 100000;
            insert(&table, key, make_key(key, n), i);
        }
        for (u32 i = 0; i < 300000; i++) {
            u32 length = make_key(key, random_next(&state) % 150000);
            Entry **link = find(&table, key, length, hash_of(key, length));
            if (*link == NULL)
                continue;
            hash = mix(hash, (*link)->value);
            if ((i & 7) == 0) {
                Entry *e = *link;
                *link = e->next;
                free(e);
                table.count--;
            }
        }
        hash = mix(hash, table.count);
        for (u32 i = 0; i <= table.mask; i++)
            for (Entry *e = table.buckets[i], *next; e != NULL; e = next) {
                next = e->next;
                free(e);
            }
        free(table.buckets);
    }
    return hash;
}
