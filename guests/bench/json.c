// A JSON document is generated, parsed into a tree from an arena by recursive descent, and walked.
#define ROUNDS 48
#include "bench.h"

#define CAPACITY (2u << 20)
#define NODES 400000u

typedef enum { NIL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT } Kind;

typedef struct Node {
    Kind kind;
    u32 length;        // characters of a string, elements of an array or object
    const char *key;   // inside an object
    u32 key_length;
    double number;
    const char *text;
    struct Node *first, *next;
} Node;

static char text[CAPACITY];
static u32 size;
static Node nodes[NODES];
static u32 used;
static const char *at, *end;

static void put(const char *s)
{
    while (*s)
        text[size++] = *s++;
}

static void put_number(u32 n)
{
    char digits[12];
    int i = 12;
    digits[--i] = 0;
    do {
        digits[--i] = (char)('0' + n % 10);
    } while (n /= 10);
    put(digits + i);
}

static void generate(u32 *state, int depth)
{
    u32 r = random_next(state) % (depth > 0 ? 10 : 6);
    switch (r) {
    case 0: put("null"); break;
    case 1: put(random_next(state) & 1 ? "true" : "false"); break;
    case 2: put("-"); // falls through
    case 3:
        put_number(random_next(state) % 100000);
        if (random_next(state) & 1) {
            put(".");
            put_number(random_next(state) % 1000);
        }
        if ((random_next(state) & 7) == 0)
            put("e2");
        break;
    case 4:
    case 5:
        put("\"");
        for (u32 n = random_next(state) % 20; n > 0; n--) {
            u32 c = random_next(state) % 30;
            put(c < 26 ? (char[]){(char)('a' + c), 0} : c < 28 ? " " : c == 28 ? "\\n" : "\\u00e9");
        }
        put("\"");
        break;
    default:
        put(r < 8 ? "[" : "{");
        for (u32 n = random_next(state) % 8, i = 0; i < n; i++) {
            if (i > 0)
                put(", ");
            if (r >= 8) {
                put("\"key");
                put_number(random_next(state) % 50);
                put("\": ");
            }
            generate(state, depth - 1);
        }
        put(r < 8 ? "]" : "}");
        break;
    }
}

static void bench_setup(void)
{
    u32 state = bench_seed;
    put("[");
    while (size < CAPACITY / 2) {
        if (size > 1)
            put(",\n");
        generate(&state, 8);
    }
    put("]");
}

static void space(void)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
        at++;
}

static _Noreturn void bad(void)
{
    bench_write(2, "bad document\n", 13);
    exit(1);
}

static void expect(char c)
{
    if (at >= end || *at != c)
        bad();
    at++;
}

static void literal(const char *word)
{
    while (*word)
        expect(*word++);
}

static const char *string(u32 *length)
{
    expect('"');
    const char *start = at;
    while (at < end && *at != '"')
        at += *at == '\\' ? 2 : 1;
    *length = (u32)(at - start);
    expect('"');
    return start;
}

static double number(void)
{
    int negative = 0;
    if (*at == '-') {
        negative = 1;
        at++;
    }
    double value = 0;
    while (at < end && (u32)(*at - '0') < 10)
        value = value * 10 + (*at++ - '0');
    if (at < end && *at == '.') {
        double unit = 1;
        at++;
        while (at < end && (u32)(*at - '0') < 10) {
            unit *= 10;
            value = value * 10 + (*at++ - '0');
        }
        value /= unit;
    }
    if (at < end && *at == 'e') {
        u32 power = 0;
        at++;
        while (at < end && (u32)(*at - '0') < 10)
            power = power * 10 + (u32)(*at++ - '0');
        while (power-- > 0)
            value *= 10;
    }
    return negative ? -value : value;
}

static NOINLINE Node *parse(int depth)
{
    if (used == NODES || depth > 100)
        bad();
    Node *node = &nodes[used++];
    node->first = node->next = NULL;
    node->key = NULL;
    node->length = 0;
    space();
    if (at >= end)
        bad();
    switch (*at) {
    case 'n': literal("null"); node->kind = NIL; break;
    case 't': literal("true"); node->kind = TRUE; break;
    case 'f': literal("false"); node->kind = FALSE; break;
    case '"': node->kind = STRING; node->text = string(&node->length); break;
    case '[':
    case '{': {
        char close = *at == '[' ? ']' : '}';
        node->kind = *at == '[' ? ARRAY : OBJECT;
        Node **link = &node->first;
        at++;
        space();
        while (at < end && *at != close) {
            const char *key = NULL;
            u32 key_length = 0;
            if (node->kind == OBJECT) {
                key = string(&key_length);
                space();
                expect(':');
            }
            Node *child = parse(depth + 1);
            child->key = key;
            child->key_length = key_length;
            *link = child;
            link = &child->next;
            node->length++;
            space();
            if (at < end && *at == ',') {
                at++;
                space();
            }
        }
        expect(close);
        break;
    }
    default: node->kind = NUMBER; node->number = number(); break;
    }
    return node;
}

static NOINLINE u64 walk(const Node *node)
{
    u64 hash = (u64)node->kind;
    for (u32 i = 0; i < node->key_length && node->key != NULL; i++)
        hash = hash * 31 + (u8)node->key[i];
    switch (node->kind) {
    case NUMBER: return mix_f64(hash, node->number);
    case STRING:
        for (u32 i = 0; i < node->length; i++)
            hash = hash * 33 ^ (u8)node->text[i];
        return hash;
    case ARRAY:
    case OBJECT:
        for (const Node *child = node->first; child != NULL; child = child->next)
            hash = mix(hash, walk(child));
        return mix(hash, node->length);
    default: return hash;
    }
}

static u64 bench_kernel(u32 rounds)
{
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++) {
        used = 0;
        at = text;
        end = text + size;
        hash = mix(hash, walk(parse(0)));
        hash = mix(hash, used);
    }
    return hash;
}
