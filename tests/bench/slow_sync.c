/* Makes every fsync and fdatasync of a program take TALLYMAN_BENCH_SYNC_US microseconds longer: a steady model of
 * slow flash, for ratios that do not drift with the machine's disk. Preloaded by tests/bench/durable.rs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_a_while(void) {
    const char *text = getenv("TALLYMAN_BENCH_SYNC_US");
    long microseconds = text ? strtol(text, NULL, 10) : 0;
    struct timespec pause = {microseconds / 1000000, (microseconds % 1000000) * 1000};
    nanosleep(&pause, NULL);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_a_while();
    return real(file);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_a_while();
    return real(file);
}
