/* Stands before the C library of a server under test (LD_PRELOAD) and lets the disk and the clock fail while a file of
 * that name lies in the folder named by DONGHANH_FAULTS: `fsync` (EIO), `full` (ENOSPC), `readonly` (EROFS) for files of
 * the database, `clock` (a day earlier). Linux only; never part of the product. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int wanted(const char *what) {
    const char *folder = getenv("DONGHANH_FAULTS");
    char path[4096];
    if (!folder) return 0;
    snprintf(path, sizeof path, "%s/%s", folder, what);
    return access(path, F_OK) == 0;
}

/* Whether a descriptor is the database or its write-ahead log: sockets and pipes must go on. */
static int of_database(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "donghanh.sqlite") != NULL;
}

static void count(const char *what) {
    const char *folder = getenv("DONGHANH_FAULTS");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.fired", folder, what);
    FILE *file = fopen(path, "a");
    if (file) {
        fputc('.', file);
        fclose(file);
    }
}

static int refused(int fd) {
    int saved = 0;
    const char *what = NULL;
    if (wanted("full")) saved = ENOSPC, what = "full";
    else if (wanted("readonly")) saved = EROFS, what = "readonly";
    if (!what || !of_database(fd)) return 0;
    count(what);
    errno = saved;
    return 1;
}

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t length) {
    return refused(fd) ? -1 : REAL(write)(fd, bytes, length);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    return refused(fd) ? -1 : REAL(pwrite)(fd, bytes, length, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    return refused(fd) ? -1 : REAL(pwrite64)(fd, bytes, length, at);
}
int ftruncate(int fd, off_t length) { return refused(fd) ? -1 : REAL(ftruncate)(fd, length); }
int ftruncate64(int fd, off64_t length) { return refused(fd) ? -1 : REAL(ftruncate64)(fd, length); }

static int sync_fails(int fd) {
    if (!wanted("fsync") || !of_database(fd)) return 0;
    count("fsync");
    errno = EIO;
    return 1;
}
int fsync(int fd) { return sync_fails(fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return sync_fails(fd) ? -1 : REAL(fdatasync)(fd); }

int clock_gettime(clockid_t which, struct timespec *now) {
    int outcome = REAL(clock_gettime)(which, now);
    if (outcome == 0 && which == CLOCK_REALTIME && wanted("clock")) {
        now->tv_sec -= 24 * 3600;
        count("clock");
    }
    return outcome;
}
