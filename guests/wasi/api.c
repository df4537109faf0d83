// WASI preview 1 called directly, below the C library: results and error numbers at the edges, inside one preopened
// directory (file descriptor 3). Prints a line a call; 0 is success, other numbers are the error codes of the standard.
// flags: -Wno-unused-result
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

static __wasi_fd_t open_file(const char *path, __wasi_oflags_t how, __wasi_fdflags_t flags)
{
    __wasi_fd_t fd = 0;
    __wasi_errno_t e = __wasi_path_open(3, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, how,
        __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL |
            __WASI_RIGHTS_FD_FILESTAT_GET | __WASI_RIGHTS_FD_FILESTAT_SET_TIMES | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE |
            __WASI_RIGHTS_FD_ALLOCATE | __WASI_RIGHTS_FD_ADVISE | __WASI_RIGHTS_FD_SYNC | __WASI_RIGHTS_FD_DATASYNC |
            __WASI_RIGHTS_FD_FDSTAT_SET_FLAGS | __WASI_RIGHTS_POLL_FD_READWRITE,
        0, flags, &fd);
    printf("open %s: %d\n", path, e);
    return fd;
}

// Which error a path that leads out of the preopened directory gives differs between engines; that it gives one doesn't.
static void escape(const char *path, __wasi_oflags_t how)
{
    __wasi_fd_t fd = 0;
    __wasi_errno_t e = __wasi_path_open(3, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, how, __WASI_RIGHTS_FD_READ, 0, 0, &fd);
    printf("open %s: %s\n", path, e != 0 ? "refused" : "OPENED");
}

static void put(__wasi_fd_t fd, const char *text)
{
    __wasi_size_t n = 0;
    size_t half = strlen(text) / 2;
    __wasi_ciovec_t parts[3] = {{(const uint8_t *)text, half}, {NULL, 0}, {(const uint8_t *)text + half, strlen(text) - half}};
    __wasi_errno_t e = __wasi_fd_write(fd, parts, 3, &n);
    printf("write: %d, %u bytes\n", e, (unsigned)n);
}

static void seek(__wasi_fd_t fd, long long by, __wasi_whence_t whence)
{
    __wasi_filesize_t at = 0;
    __wasi_errno_t e = __wasi_fd_seek(fd, by, whence, &at);
    printf("seek %lld from %d: %d, at %llu\n", by, whence, e, (unsigned long long)at);
}

static void preopens(void)
{
    __wasi_prestat_t p;
    char name[16] = {0};
    printf("prestat 3: %d, ", __wasi_fd_prestat_get(3, &p));
    printf("tag %d, length %u\n", p.tag, (unsigned)p.u.dir.pr_name_len);
    printf("name: %d ", __wasi_fd_prestat_dir_name(3, (uint8_t *)name, p.u.dir.pr_name_len));
    printf("\"%s\"\n", name);
    printf("prestat 4: %d\n", __wasi_fd_prestat_get(4, &p));
    printf("prestat 1: %d\n", __wasi_fd_prestat_get(1, &p) != 0);
    printf("prestat 4000000000: %d\n", __wasi_fd_prestat_get((__wasi_fd_t)4000000000u, &p));
}

static void contents(void)
{
    __wasi_fd_t fd = open_file("f", __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL, 0);
    put(fd, "0123456789");
    seek(fd, -4, __WASI_WHENCE_END);
    seek(fd, 1, __WASI_WHENCE_CUR);
    seek(fd, -100, __WASI_WHENCE_CUR);
    seek(fd, 3, (__wasi_whence_t)7);
    __wasi_filesize_t at = 0;
    printf("tell: %d, ", __wasi_fd_tell(fd, &at));
    printf("%llu\n", (unsigned long long)at);

    uint8_t a[3], b[4];
    __wasi_size_t n = 0;
    __wasi_iovec_t parts[2] = {{a, 3}, {b, 4}};
    seek(fd, 5, __WASI_WHENCE_SET);
    printf("read: %d, ", __wasi_fd_read(fd, parts, 2, &n));
    printf("%u bytes, %.3s %.2s\n", (unsigned)n, (char *)a, (char *)b);
    printf("read at the end: %d, ", __wasi_fd_read(fd, parts, 2, &n));
    printf("%u bytes\n", (unsigned)n);
    printf("pread: %d, ", __wasi_fd_pread(fd, parts, 1, 1, &n));
    printf("%u bytes, %.3s\n", (unsigned)n, (char *)a);

    __wasi_filestat_t s;
    printf("allocate: %d\n", __wasi_fd_allocate(fd, 0, 32));
    printf("size: %d, ", __wasi_fd_filestat_get(fd, &s));
    printf("%llu, type %d\n", (unsigned long long)s.size, s.filetype);
    printf("set size: %d\n", __wasi_fd_filestat_set_size(fd, 4));
    printf("set times: %d\n", __wasi_fd_filestat_set_times(fd, 1000000000, 2000000000000000000u,
        __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
    printf("stat: %d, ", __wasi_path_filestat_get(3, 0, "f", &s));
    printf("size %llu, accessed %llu, modified %llu\n", (unsigned long long)s.size, (unsigned long long)s.atim,
        (unsigned long long)s.mtim);
    printf("set times, both ways: %d\n", __wasi_fd_filestat_set_times(fd, 1, 1,
        __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW));
    printf("advise: %d\n", __wasi_fd_advise(fd, 0, 4, __WASI_ADVICE_SEQUENTIAL));
    printf("datasync: %d, ", __wasi_fd_datasync(fd));
    printf("sync: %d\n", __wasi_fd_sync(fd));

    printf("append flag: %d\n", __wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_APPEND));
    __wasi_fdstat_t f;
    printf("fdstat: %d, ", __wasi_fd_fdstat_get(fd, &f));
    printf("type %d\n", f.fs_filetype);
    seek(fd, 0, __WASI_WHENCE_SET);
    put(fd, "++");
    printf("size: %d, ", __wasi_fd_filestat_get(fd, &s));
    printf("%llu\n", (unsigned long long)s.size);
    printf("close: %d, ", __wasi_fd_close(fd));
    printf("again: %d\n", __wasi_fd_close(fd));

    fd = open_file("f", __WASI_OFLAGS_TRUNC, 0);
    __wasi_fd_t other = open_file("g", __WASI_OFLAGS_CREAT, 0);
    put(fd, "to f");
    printf("renumber: %d\n", __wasi_fd_renumber(fd, other));
    printf("the old number: %d\n", __wasi_fd_filestat_get(fd, &s));
    put(other, "!");
    printf("the new number: %d, ", __wasi_fd_filestat_get(other, &s));
    printf("%llu\n", (unsigned long long)s.size);
    printf("close: %d\n", __wasi_fd_close(other));
}

static void paths(void)
{
    __wasi_filestat_t s;
    open_file("none", 0, 0);
    open_file("f/below", 0, 0);
    escape("../outside.txt", 0);
    escape("../new.txt", __WASI_OFLAGS_CREAT);
    escape("/etc/passwd", 0);
    printf("mkdir: %d, ", __wasi_path_create_directory(3, "sub"));
    printf("again: %d\n", __wasi_path_create_directory(3, "sub"));
    escape("sub/../../outside.txt", __WASI_OFLAGS_TRUNC);
    // An engine may refuse to make such links already; what counts is that none leads out.
    __wasi_path_symlink("../../outside.txt", 3, "sub/out");
    escape("sub/out", 0);
    __wasi_path_symlink("..", 3, "sub/up");
    escape("sub/up/../outside.txt", 0);
    __wasi_path_symlink("/etc", 3, "etc");
    escape("etc/passwd", 0);
    printf("symlink: %d\n", __wasi_path_symlink("loop", 3, "loop"));
    open_file("loop", 0, 0);
    printf("symlink: %d\n", __wasi_path_symlink("sub", 3, "via"));
    printf("mkdir through a link: %d\n", __wasi_path_create_directory(3, "via/inner"));
    printf("stat: %d, ", __wasi_path_filestat_get(3, 0, "sub/inner", &s));
    printf("type %d\n", s.filetype);
    printf("lstat of a link: %d, ", __wasi_path_filestat_get(3, 0, "via", &s));
    printf("type %d\n", s.filetype);
    printf("stat through a link: %d, ", __wasi_path_filestat_get(3, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, "via", &s));
    printf("type %d\n", s.filetype);
    uint8_t target[4];
    __wasi_size_t n = 0;
    printf("readlink: %d, ", __wasi_path_readlink(3, "via", target, 4, &n));
    printf("%u %.3s\n", (unsigned)n, (char *)target);
    printf("rename out: %d\n", __wasi_path_rename(3, "f", 3, "../g") != 0);
    printf("rename: %d\n", __wasi_path_rename(3, "f", 3, "sub/f"));
    printf("link out: %d\n", __wasi_path_link(3, 0, "../outside.txt", 3, "stolen") != 0);
    printf("unlink of a directory: %d\n", __wasi_path_unlink_file(3, "sub") != 0);
    printf("rmdir of a file: %d\n", __wasi_path_remove_directory(3, "sub/f"));
    printf("empty path: %d\n", __wasi_path_create_directory(3, "") != 0);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

// Reads a directory of many entries through a buffer that holds only a few, going on by cookie.
static void many(void)
{
    char path[32];
    static char names[300][16];
    __wasi_fd_t fd = 0;
    __wasi_path_create_directory(3, "many");
    for (int i = 0; i < 250; i++) {
        snprintf(path, sizeof path, "many/entry-%03d", i);
        if (__wasi_path_open(3, 0, path, __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_WRITE, 0, 0, &fd) != 0)
            puts("create failed");
        __wasi_fd_close(fd);
    }
    printf("open: %d\n", __wasi_path_open(3, 0, "many", __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_READDIR, 0, 0, &fd));
    int count = 0, calls = 0;
    __wasi_dircookie_t cookie = 0;
    for (;;) {
        _Alignas(8) uint8_t buffer[200];
        __wasi_size_t used = 0;
        __wasi_errno_t e = __wasi_fd_readdir(fd, buffer, sizeof buffer, cookie, &used);
        if (e != 0 || ++calls > 1000) {
            printf("readdir: %d after %d calls\n", e, calls);
            break;
        }
        // The last entry may be cut off: it is read again from the cookie of the one before.
        for (__wasi_size_t at = 0; at + sizeof(__wasi_dirent_t) <= used;) {
            __wasi_dirent_t entry;
            memcpy(&entry, buffer + at, sizeof entry);
            at += sizeof entry;
            if (at + entry.d_namlen > used)
                break;
            // "." and ".." may be listed or not.
            if (buffer[at] != '.' && count < 300 && entry.d_namlen < 16 && entry.d_type == __WASI_FILETYPE_REGULAR_FILE) {
                memcpy(names[count], buffer + at, entry.d_namlen);
                names[count++][entry.d_namlen] = 0;
            }
            at += entry.d_namlen;
            cookie = entry.d_next;
        }
        if (used < sizeof buffer)
            break;
    }
    qsort(names, (size_t)count, sizeof *names, by_text);
    printf("%d entries, %s to %s\n", count, names[0], names[249]);
    for (int i = 0; i < 250; i++) {
        snprintf(path, sizeof path, "many/entry-%03d", i);
        __wasi_path_unlink_file(3, path);
    }
    printf("close: %d, ", __wasi_fd_close(fd));
    printf("rmdir: %d\n", __wasi_path_remove_directory(3, "many"));
}

static void polling(void)
{
    __wasi_subscription_t in[2] = {
        {.userdata = 11, .u = {.tag = __WASI_EVENTTYPE_CLOCK, .u.clock = {.id = __WASI_CLOCKID_MONOTONIC, .timeout = 5000000}}},
        {.userdata = 22, .u = {.tag = __WASI_EVENTTYPE_FD_WRITE, .u.fd_write.file_descriptor = 1}},
    };
    __wasi_event_t out[2];
    __wasi_size_t n = 0;
    printf("poll of nothing: %d\n", __wasi_poll_oneoff(in, out, 0, &n));
    printf("poll of a clock: %d, ", __wasi_poll_oneoff(in, out, 1, &n));
    printf("%u event, %llu, error %d, type %d\n", (unsigned)n, (unsigned long long)out[0].userdata, out[0].error, out[0].type);
    __wasi_timestamp_t now = 0;
    printf("clock 9: %d\n", __wasi_clock_time_get((__wasi_clockid_t)9, 1, &now));
    printf("yield: %d\n", __wasi_sched_yield());
}

// A point in time instead of a span. Node sleeps that long counted from now, so this is a run of its own.
static void absolute(void)
{
    __wasi_timestamp_t now = 0;
    __wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now);
    __wasi_subscription_t in = {.userdata = 33, .u = {.tag = __WASI_EVENTTYPE_CLOCK, .u.clock = {
        .id = __WASI_CLOCKID_MONOTONIC, .timeout = now, .flags = __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME}}};
    __wasi_event_t out;
    __wasi_size_t n = 0;
    printf("poll of a time gone by: %d, ", __wasi_poll_oneoff(&in, &out, 1, &n));
    printf("%u event, %llu\n", (unsigned)n, (unsigned long long)out.userdata);
    in.u.u.clock.timeout = now + 10000000;
    printf("poll of a time to come: %d, ", __wasi_poll_oneoff(&in, &out, 1, &n));
    __wasi_timestamp_t later = 0;
    __wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &later);
    printf("%u event, not early: %s\n", (unsigned)n, later >= now + 9000000 ? "yes" : "no");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "absolute") == 0) {
        absolute();
        return 0;
    }
    preopens();
    contents();
    paths();
    many();
    polling();
    return 0;
}
