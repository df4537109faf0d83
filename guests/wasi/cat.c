// Copies standard input to standard output, in pieces of an odd size; the byte count goes to standard error.
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char piece[4093];
    long total = 0;
    for (ssize_t n; (n = read(0, piece, sizeof piece)) != 0; total += n) {
        if (n < 0) {
            perror("read");
            return 1;
        }
        for (ssize_t done = 0; done < n;) {
            ssize_t written = write(1, piece + done, (size_t)(n - done));
            if (written < 0) {
                perror("write");
                return 1;
            }
            done += written;
        }
    }
    fprintf(stderr, "%ld bytes\n", total);
    return 0;
}
