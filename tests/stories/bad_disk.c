/* Preloaded into the agent by tests/stories/bad_input/disk.rs: lets what is written to a store fail. While the file
 * $TALLYMAN_BAD_DISK.full is there the disk is full, while $TALLYMAN_BAD_DISK.failed is there it fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_of_store(int file) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "/agent.db") != NULL;
}

static int there_is(const char *state) {
    char path[PATH_MAX];
    const char *name = getenv("TALLYMAN_BAD_DISK");
    if (!name) return 0;
    snprintf(path, sizeof path, "%s.%s", name, state);
    return access(path, F_OK) == 0;
}

/* What writing to this file ends with; 0 where nothing is wrong. */
static int fault(int file) {
    int before = errno, found = 0;
    if (is_of_store(file)) found = there_is("failed") ? EIO : there_is("full") ? ENOSPC : 0;
    errno = before;
    return found;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define FAIL_OR(file, call) \
    int found = fault(file); \
    if (found) { \
        errno = found; \
        return -1; \
    } \
    return call

ssize_t write(int file, const void *bytes, size_t length) {
    REAL(write);
    FAIL_OR(file, real(file, bytes, length));
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
    REAL(pwrite64);
    FAIL_OR(file, real(file, bytes, length, offset));
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) {
    REAL(pwrite);
    FAIL_OR(file, real(file, bytes, length, offset));
}
