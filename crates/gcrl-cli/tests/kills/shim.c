/* Stands before the C library: counts the calls that change a file system, and kills the program at call
 * KILL_AT, which is left undone; of a `write`, half is done. At its end a program that was not killed
 * writes how many there were to the file KILL_COUNT. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long n_calls;
static long kill_at;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("KILL_AT");
    kill_at = text ? atol(text) : 0;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("KILL_COUNT");
    FILE *file = path ? fopen(path, "w") : 0;
    if (file) {
        fprintf(file, "%ld", (long)n_calls);
        fclose(file);
    }
}

static int is_last(void) { return atomic_fetch_add(&n_calls, 1) + 1 == kill_at; }

static void die(void) {
    for (;;) kill(getpid(), SIGKILL);
}

static void step(void) {
    if (is_last()) die();
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* What goes to the terminal is no file. */
#define WRITE(name, place, pass) \
    ssize_t name place { \
        if (2 < file && is_last()) { \
            n /= 2; \
            NEXT(name) pass; \
            die(); \
        } \
        return NEXT(name) pass; \
    }
WRITE(write, (int file, const void *bytes, size_t n), (file, bytes, n))
WRITE(pwrite, (int file, const void *bytes, size_t n, off_t at), (file, bytes, n, at))
WRITE(pwrite64, (int file, const void *bytes, size_t n, off64_t at), (file, bytes, n, at))

#define CALL(name, place, pass) \
    int name place { step(); return NEXT(name) pass; }
CALL(rename, (const char *from, const char *to), (from, to))
CALL(mkdir, (const char *path, mode_t mode), (path, mode))
CALL(rmdir, (const char *path), (path))
CALL(unlink, (const char *path), (path))
CALL(unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
CALL(fsync, (int file), (file))
CALL(fdatasync, (int file), (file))
CALL(ftruncate, (int file, off_t len), (file, len))
CALL(ftruncate64, (int file, off64_t len), (file, len))

#define OPEN(name, place, pass) \
    int name place { \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TRUNC)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
            step(); \
        } \
        return NEXT(name) pass; \
    }
OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
