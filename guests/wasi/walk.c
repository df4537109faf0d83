// Walks a directory tree and prints every entry in the order of names, with the size of each file.
// errno is thread-local in this C library, which this compiler can only drop without bulk memory.
// flags: -mno-bulk-memory
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int walk(const char *path, int depth)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        printf("%s: %s\n", path, strerror(errno));
        return 1;
    }
    char *names[1024];
    size_t count = 0;
    for (struct dirent *e; count < 1024 && (e = readdir(folder)) != NULL;)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            names[count++] = strdup(e->d_name);
    closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        char child[1024];
        struct stat s;
        snprintf(child, sizeof child, "%s/%s", path, names[i]);
        if (lstat(child, &s) != 0) {
            printf("%s: %s\n", child, strerror(errno));
            failed = 1;
        } else if (S_ISDIR(s.st_mode)) {
            printf("%*s%s/\n", depth * 2, "", names[i]);
            failed |= walk(child, depth + 1);
        } else {
            printf("%*s%s %ld\n", depth * 2, "", names[i], (long)s.st_size);
        }
        free(names[i]);
    }
    return failed;
}

int main(int argc, char **argv)
{
    return walk(argc > 1 ? argv[1] : ".", 0);
}
