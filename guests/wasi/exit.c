// Ends with the exit code that it is told, in the way that it is told: return, exit (runs what atexit registered),
// _Exit (doesn't), abort (a trap).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void leaving(void)
{
    puts("leaving");
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "return";
    int code = argc > 2 ? atoi(argv[2]) : 0;
    atexit(leaving);
    puts(how);
    fflush(stdout);
    if (strcmp(how, "exit") == 0)
        exit(code);
    if (strcmp(how, "quick") == 0)
        _Exit(code);
    if (strcmp(how, "abort") == 0)
        abort();
    return code;
}
