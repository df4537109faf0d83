// The smallest useful WASI command.
#include <stdio.h>

int main(void)
{
    puts("Hello, Anneal");
    return 0;
}
