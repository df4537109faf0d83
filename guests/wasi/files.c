// Exercises the file calls inside one preopened directory (the first argument) and prints what each did: create, write,
// seek, read, append, truncate, stat, rename, directories, links, unlink, errors, and paths that try to leave.
// errno is thread-local in this C library, which this compiler can only drop without bulk memory.
// flags: -mno-bulk-memory
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[512];

static const char *in(const char *name)
{
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ & 3];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void report(const char *what, long result)
{
    if (result < 0)
        printf("%s: %s\n", what, strerror(errno));
    else
        printf("%s: %ld\n", what, result);
}

static void read_back(const char *name)
{
    char text[128];
    int fd = open(in(name), O_RDONLY);
    if (fd < 0) {
        report(name, fd);
        return;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    text[n < 0 ? 0 : n] = 0;
    printf("%s holds \"%s\"\n", name, text);
    close(fd);
}

int main(int argc, char **argv)
{
    snprintf(folder, sizeof folder, "%s", argc > 1 ? argv[1] : ".");
    struct stat s;
    char text[64] = {0};

    int fd = open(in("a.txt"), O_CREAT | O_EXCL | O_RDWR, 0644);
    printf("create: %s\n", fd >= 0 ? "ok" : strerror(errno));
    report("write", (long)write(fd, "hello, file", 11));
    report("seek", (long)lseek(fd, 7, SEEK_SET));
    report("read", (long)read(fd, text, 4));
    printf("read \"%s\"\n", text);
    report("pwrite", (long)pwrite(fd, "J", 1, 0));
    report("position", (long)lseek(fd, 0, SEEK_CUR));
    report("seek before start", (long)lseek(fd, -1, SEEK_SET));
    report("fstat", fstat(fd, &s) == 0 ? (long)s.st_size : -1);
    report("fsync", fsync(fd));
    report("close", close(fd));
    report("close again", close(fd));
    report("exclusive create of an existing file", open(in("a.txt"), O_CREAT | O_EXCL | O_RDWR, 0644));

    fd = open(in("a.txt"), O_WRONLY | O_APPEND);
    report("append", (long)write(fd, "!", 1));
    report("read of a write-only file", (long)read(fd, text, 1));
    close(fd);
    read_back("a.txt");

    report("truncate", truncate(in("a.txt"), 5));
    read_back("a.txt");
    fd = open(in("a.txt"), O_RDWR);
    report("extend", ftruncate(fd, 8));
    report("fstat", fstat(fd, &s) == 0 ? (long)s.st_size : -1);
    close(fd);

    report("rename", rename(in("a.txt"), in("b.txt")));
    report("stat of the old name", stat(in("a.txt"), &s));
    report("stat of the new name", stat(in("b.txt"), &s) == 0 ? (long)s.st_size : -1);

    report("mkdir", mkdir(in("d"), 0755));
    report("mkdir again", mkdir(in("d"), 0755));
    fd = open(in("d/inner.txt"), O_CREAT | O_WRONLY, 0644);
    report("write", (long)write(fd, "inner", 5));
    close(fd);
    report("rmdir of a full directory", rmdir(in("d")));
    report("open below a file", open(in("b.txt/x"), O_RDONLY));
    report("opendir of a file", opendir(in("b.txt")) == NULL ? -1 : 0);
    report("symlink", symlink("b.txt", in("link")));
    memset(text, 0, sizeof text);
    report("readlink", (long)readlink(in("link"), text, sizeof text - 1));
    printf("link to \"%s\"\n", text);
    report("lstat is link", lstat(in("link"), &s) == 0 ? S_ISLNK(s.st_mode) : -1);
    report("stat is file", stat(in("link"), &s) == 0 ? S_ISREG(s.st_mode) : -1);
    report("hard link", link(in("b.txt"), in("c.txt")));
    report("links", stat(in("b.txt"), &s) == 0 ? (long)s.st_nlink : -1);

    printf("outside by ..: %s\n", open(in("../outside.txt"), O_RDONLY) < 0 ? "refused" : "OPENED");
    printf("outside by absolute path: %s\n", open("/etc/passwd", O_RDONLY) < 0 ? "refused" : "OPENED");
    symlink("../../../../etc/passwd", in("escape"));
    printf("outside by symlink: %s\n", open(in("escape"), O_RDONLY) < 0 ? "refused" : "OPENED");
    unlink(in("escape"));
    read_back("d/../b.txt");

    report("unlink", unlink(in("link")));
    report("unlink", unlink(in("c.txt")));
    report("unlink", unlink(in("b.txt")));
    report("unlink again", unlink(in("b.txt")));
    report("unlink", unlink(in("d/inner.txt")));
    report("rmdir", rmdir(in("d")));
    report("rmdir again", rmdir(in("d")));
    return 0;
}
