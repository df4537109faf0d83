// A backtracking matcher for a small pattern language (literals, '.', classes, '*', '+', '?', groups with '|'), over
// generated text: recursion, byte loads and unpredictable branches.
#define ROUNDS 12
#include "bench.h"

#define SIZE 60000u

static char text[SIZE + 1];

static void bench_setup(void)
{
    u32 state = bench_seed;
    static const char *words[] = {"alpha", "beta", "gamma", "delta", "x1", "y22", "http://", "www.", "example", ".com",
                                  "foo@bar.org", "2026-11-22", "12:34:56", "(a(b)c)", "aaaaab", "ababab"};
    u32 at = 0;
    while (at < SIZE) {
        const char *w = words[random_next(&state) & 15];
        while (*w && at < SIZE)
            text[at++] = *w++;
        if (at < SIZE && random_next(&state) % 3 != 0)
            text[at++] = random_next(&state) % 9 == 0 ? '\n' : ' ';
    }
    text[SIZE] = 0;
}

// The pattern is compiled to nodes; a match is a search over continuations held in `next` links.
typedef enum { CHAR, ANY, CLASS, SPLIT, MATCH, NONE } Type;

typedef struct State {
    Type type;
    char c;
    u32 set[8];
    struct State *next, *other;   // for SPLIT: first choice, second choice
} State;

static State states[256];
static u32 state_count;

static State *state_new(Type type)
{
    if (state_count == 256)
        abort();
    State *s = &states[state_count++];
    memset(s, 0, sizeof *s);
    s->type = type;
    return s;
}

typedef struct { State *entry, *exit; } Piece;   // exit: a NONE state that passes straight on

static const char *cursor;
static Piece alternatives(void);

static Piece atom(void)
{
    Piece p;
    State *exit = state_new(NONE);
    if (*cursor == '(') {
        cursor++;
        p = alternatives();
        cursor++;
        return p;
    }
    State *s;
    if (*cursor == '[') {
        s = state_new(CLASS);
        int negated = *++cursor == '^';
        cursor += negated;
        for (; *cursor != ']'; cursor++) {
            u8 low = (u8)*cursor, high = low;
            if (cursor[1] == '-' && cursor[2] != ']') {
                high = (u8)cursor[2];
                cursor += 2;
            }
            for (u32 c = low; c <= high; c++)
                s->set[c >> 5] |= 1u << (c & 31);
        }
        for (int i = 0; i < 8 && negated; i++)
            s->set[i] = ~s->set[i];
    } else if (*cursor == '.') {
        s = state_new(ANY);
    } else {
        s = state_new(CHAR);
        if (*cursor == '\\')
            cursor++;
        s->c = *cursor;
    }
    cursor++;
    s->next = exit;
    p.entry = s;
    p.exit = exit;
    return p;
}

static Piece repeated(void)
{
    Piece p = atom();
    while (*cursor == '*' || *cursor == '+' || *cursor == '?') {
        char kind = *cursor++;
        State *split = state_new(SPLIT), *exit = state_new(NONE);
        split->next = p.entry;
        split->other = exit;
        p.exit->next = kind == '?' ? exit : split;
        p.entry = kind == '+' ? p.entry : split;
        p.exit = exit;
    }
    return p;
}

static Piece sequence(void)
{
    Piece p = repeated();
    while (*cursor && *cursor != '|' && *cursor != ')') {
        Piece q = repeated();
        p.exit->next = q.entry;
        p.exit = q.exit;
    }
    return p;
}

static Piece alternatives(void)
{
    Piece p = sequence();
    while (*cursor == '|') {
        cursor++;
        Piece q = sequence();
        State *split = state_new(SPLIT), *exit = state_new(NONE);
        split->next = p.entry;
        split->other = q.entry;
        p.exit->next = exit;
        q.exit->next = exit;
        p.entry = split;
        p.exit = exit;
    }
    return p;
}

static NOINLINE const char *match(const State *s, const char *p)
{
    for (;; s = s->next) {
        switch (s->type) {
        case MATCH: return p;
        case NONE: break;
        case CHAR:
            if (*p != s->c)
                return NULL;
            p++;
            break;
        case ANY:
            if (*p == 0 || *p == '\n')
                return NULL;
            p++;
            break;
        case CLASS:
            if (*p == 0 || (s->set[(u8)*p >> 5] >> ((u8)*p & 31) & 1) == 0)
                return NULL;
            p++;
            break;
        case SPLIT: {
            const char *end = match(s->next, p);
            if (end != NULL)
                return end;
            return match(s->other, p);
        }
        }
    }
}

static u64 search(const char *pattern)
{
    state_count = 0;
    cursor = pattern;
    Piece p = alternatives();
    p.exit->next = state_new(MATCH);
    u64 hash = 0;
    u32 found = 0;
    for (const char *at = text; *at;) {
        const char *end = match(p.entry, at);
        if (end == NULL || end == at) {
            at++;
            continue;
        }
        found++;
        hash = mix(hash, (u64)(u32)(at - text) << 20 | (u32)(end - at));
        at = end;
    }
    return mix(hash, found);
}

static u64 bench_kernel(u32 rounds)
{
    static const char *volatile patterns[] = {
        "[a-z]+@[a-z]+\\.(com|org|net)", "[0-9]+-[0-9]+-[0-9]+", "(http://)?(www\\.)?[a-z]+\\.com",
        "(a|b)*abb?", "[^ \n]+ [^ \n]+ x1", "(alpha|beta|gamma) *(delta|beta)", "\\([^)]*\\(.*\\)", "a.*b.*c.*2",
    };
    u64 hash = 0;
    for (u32 r = 0; r < rounds; r++)
        for (u32 i = 0; i < sizeof patterns / sizeof *patterns; i++)
            hash = mix(hash, search(patterns[i]));
    return hash;
}
