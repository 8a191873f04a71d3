/* Preloaded into agent and hub by tests/power: writes down, in one file and in their order, every call that changes
 * something below $TALLYMAN_POWER_FOLDER, every sync, and everything that is said and heard through a socket.
 *
 * Calls that change files or say something are made one at a time, so that the order written down is the order in which
 * they happened: what stands before a promise was done before anybody could hear it.
 *
 * Not seen: raw system calls, writes through a shared memory map, and io_uring. A shared map of anything but SQLite's
 * index of the log is told as a foreign act, and so is whatever copies between files inside the kernel; for the rest
 * tests/power compares the files with what the record makes of them, byte for byte.
 *
 * $TALLYMAN_POWER_HASTE lets waits pass so many times faster: a quiet half minute, an hour between two backups. While
 * there is a file $TALLYMAN_POWER_KILL, the program is killed after its next act, so that nothing it did is missing.
 *
 * A record is: kind (1 byte), file (8), offset (8), bytes of path (2), bytes of data (4), path, data; little endian. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind {
    CREATED = 'c', WRITTEN = 'w', RESIZED = 't', ALLOCATED = 'a', SYNCED = 's', FOLDER_SYNCED = 'd', ALL_SYNCED = 'S',
    RENAMED = 'r', LINKED = 'l', UNLINKED = 'u', FOLDER_MADE = 'm', FOLDER_REMOVED = 'k', FOREIGN = 'x',
    SAID = 'O', HEARD = 'I', CLOSED = 'Z',
};

static char folder[PATH_MAX];
static size_t folder_length;
static int record_file = -1;
static long haste = 1;
static const char *kill_file;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
/* A signal may arrive while this thread has its turn, and its handler may write to a socket to wake the program. So this
 * is said before the turn is asked for and taken back after it is given up: there is no moment in between. */
static __thread volatile sig_atomic_t has_turn;

static void take_turn(void) {
    has_turn = 1;
    pthread_mutex_lock(&turn);
}

static void end_turn(void) {
    pthread_mutex_unlock(&turn);
    has_turn = 0;
}

/* Whether what happens is to be written down. */
static int is_recording(void) { return record_file >= 0 && !has_turn; }

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* Each life of a process writes a file of its own: its end may be torn off by SIGKILL. */
__attribute__((constructor)) static void begin(void) {
    const char *wanted = getenv("TALLYMAN_POWER_FOLDER"), *record = getenv("TALLYMAN_POWER_RECORD");
    const char *faster = getenv("TALLYMAN_POWER_HASTE");
    if (faster && atol(faster) > 1) haste = atol(faster);
    kill_file = getenv("TALLYMAN_POWER_KILL");
    if (!wanted || !record || !realpath(wanted, folder)) return;
    folder_length = strlen(folder);
    for (int life = 0; life < 1000 && record_file < 0; life++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s.%03d", record, life);
        record_file = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
        if (record_file < 0 && errno != EEXIST) break;
    }
    if (record_file < 0) {
        fprintf(stderr, "recorder: %s cannot be written: %s\n", record, strerror(errno));
        abort();
    }
}

/* Called in turn. One call of the kernel for each record. */
static void note(enum kind kind, uint64_t file, uint64_t offset, const char *path, const void *data, size_t length) {
    if (record_file < 0) return;
    int before = errno;
    unsigned char head[23] = {(unsigned char)kind};
    uint16_t path_length = (uint16_t)strlen(path);
    uint32_t data_length = (uint32_t)length;
    memcpy(head + 1, &file, 8);
    memcpy(head + 9, &offset, 8);
    memcpy(head + 17, &path_length, 2);
    memcpy(head + 19, &data_length, 4);
    struct iovec parts[] = {{head, sizeof head}, {(void *)path, path_length}, {(void *)data, length}};
    long written = syscall(SYS_writev, record_file, parts, 3);
    if (written != (long)(sizeof head + path_length + length)) abort();
    int is_talk = kind == SAID || kind == HEARD || kind == CLOSED;
    if (!is_talk && kill_file && access(kill_file, F_OK) == 0) {
        syscall(SYS_unlinkat, AT_FDCWD, kill_file, 0);
        raise(SIGKILL);
    }
    errno = before;
}

/* The place below the folder, or NULL. The folder itself is "". */
static const char *below(const char *path) {
    if (strncmp(path, folder, folder_length) != 0) return NULL;
    if (path[folder_length] == 0) return path + folder_length;
    return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

/* Where a descriptor leads, below the folder; NULL for everything else. */
static const char *place_now(int file, char *buffer, struct stat *status) {
    if (fstat(file, status) != 0) return NULL;
    if (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode)) return NULL;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, buffer, PATH_MAX - 1);
    if (length <= 0) return NULL;
    buffer[length] = 0;
    return below(buffer);
}

/* The same for a call that is about to be made; NULL also where nothing is written down. */
static const char *place_of(int file, char *buffer, struct stat *status) {
    return is_recording() ? place_now(file, buffer, status) : NULL;
}

/* The place of a name that may not exist: its folder, resolved, and its last part. */
static const char *place_of_name(int folder_file, const char *name, char *buffer) {
    if (!is_recording()) return NULL;
    char whole[PATH_MAX], base[PATH_MAX] = "";
    if (name[0] != '/' && folder_file != AT_FDCWD) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder_file);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length <= 0) return NULL;
        base[length] = 0;
    }
    if (snprintf(whole, sizeof whole, "%s%s%s", base, base[0] ? "/" : "", name) >= (int)sizeof whole) return NULL;
    char *slash = strrchr(whole, '/');
    const char *last = slash ? slash + 1 : whole;
    char parent[PATH_MAX];
    if (slash == whole) strcpy(parent, "/");
    else if (slash) { *slash = 0; strcpy(parent, whole); }
    else strcpy(parent, ".");
    char resolved[PATH_MAX];
    if (!realpath(parent, resolved)) return NULL;
    if (snprintf(buffer, PATH_MAX, "%s/%s", resolved, last) >= PATH_MAX) return NULL;
    return below(buffer);
}

static int is_socket(int file, struct stat *status) {
    return is_recording() && fstat(file, status) == 0 && S_ISSOCK(status->st_mode);
}

static void note_heard(int socket, const void *bytes, ssize_t length) {
    if (!is_recording()) return;
    take_turn();
    note(HEARD, (uint64_t)socket, 0, "", bytes, (size_t)length);
    end_turn();
}

/* As much of it as was taken. Sockets here never wait, so nobody's turn is held up. */
#define SAID_BY(call, socket, bytes) \
    take_turn(); \
    ssize_t said = call; \
    if (said > 0) note(SAID, (uint64_t)(socket), 0, "", bytes, (size_t)said); \
    end_turn()

static void note_foreign(int file, const char *what) {
    char buffer[PATH_MAX];
    struct stat status;
    const char *place = place_of(file, buffer, &status);
    if (!place) return;
    take_turn();
    note(FOREIGN, status.st_ino, 0, place, what, strlen(what));
    end_turn();
}

/* Opening: a file that is made, or cut to nothing. */

typedef int opener(int, const char *, int, mode_t);

static int opened(opener *call, int folder_file, const char *name, int flags, mode_t mode) {
    if (!is_recording() || !(flags & (O_CREAT | O_TRUNC))) return call(folder_file, name, flags, mode);
    take_turn();
    struct stat status;
    int was_there = fstatat(folder_file, name, &status, 0) == 0;
    int file = call(folder_file, name, flags, mode), before = errno;
    char buffer[PATH_MAX];
    const char *place = file >= 0 ? place_now(file, buffer, &status) : NULL;
    if (place && !was_there) note(CREATED, status.st_ino, 0, place, "", 0);
    else if (place && (flags & O_TRUNC)) note(RESIZED, status.st_ino, 0, place, "", 0);
    errno = before;
    end_turn();
    return file;
}

#define MODE_ARGUMENT \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

static int open_now(int folder_file, const char *name, int flags, mode_t mode) {
    static int (*real)(int, const char *, int, ...);
    if (!real) real = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat64");
    return real(folder_file, name, flags, mode);
}

int open(const char *name, int flags, ...) { MODE_ARGUMENT return opened(open_now, AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE_ARGUMENT return opened(open_now, AT_FDCWD, name, flags, mode); }
int openat(int at, const char *name, int flags, ...) { MODE_ARGUMENT return opened(open_now, at, name, flags, mode); }
int openat64(int at, const char *name, int flags, ...) { MODE_ARGUMENT return opened(open_now, at, name, flags, mode); }
int creat(const char *name, mode_t mode) {
    return opened(open_now, AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int file) {
    REAL(close);
    struct stat status;
    if (is_socket(file, &status)) {
        take_turn();
        note(CLOSED, (uint64_t)file, 0, "", "", 0);
        end_turn();
    }
    return real(file);
}

/* Writing. `at` is the offset, -1 for where the file stands. */

#define WRITTEN_BY(call, file, bytes, length, at) \
    char buffer[PATH_MAX]; \
    struct stat status; \
    const char *place = place_of(file, buffer, &status); \
    if (!place) return call; \
    take_turn(); \
    off_t offset = at; \
    if (fcntl(file, F_GETFL) & O_APPEND) { \
        fstat(file, &status); \
        offset = status.st_size; \
    } else if (offset < 0) offset = lseek(file, 0, SEEK_CUR); \
    ssize_t done = call; \
    if (done > 0) note(WRITTEN, status.st_ino, (uint64_t)offset, place, bytes, (size_t)done); \
    end_turn(); \
    return done

ssize_t write(int file, const void *bytes, size_t length) {
    REAL(write);
    struct stat kind;
    if (is_socket(file, &kind)) {
        SAID_BY(real(file, bytes, length), file, bytes);
        return said;
    }
    WRITTEN_BY(real(file, bytes, length), file, bytes, length, -1);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) {
    REAL(pwrite);
    WRITTEN_BY(real(file, bytes, length, at), file, bytes, length, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
    REAL(pwrite64);
    WRITTEN_BY(real(file, bytes, length, at), file, bytes, length, at);
}

/* Several pieces are written down as one. */
static void *joined(const struct iovec *parts, size_t count) {
    size_t length = 1;
    for (size_t part = 0; part < count; part++) length += parts[part].iov_len;
    char *whole = malloc(length), *end = whole;
    if (!whole) abort();
    for (size_t part = 0; part < count; part++) {
        memcpy(end, parts[part].iov_base, parts[part].iov_len);
        end += parts[part].iov_len;
    }
    return whole;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL(writev);
    struct stat kind;
    if (!is_recording() || fstat(file, &kind) != 0 || !(S_ISSOCK(kind.st_mode) || S_ISREG(kind.st_mode)))
        return real(file, parts, count);
    if (S_ISSOCK(kind.st_mode)) {
        void *whole = joined(parts, (size_t)count);
        SAID_BY(real(file, parts, count), file, whole);
        free(whole);
        return said;
    }
    /* One piece after the other is the same to the file, and the plain call writes them down. */
    ssize_t all = 0;
    for (int part = 0; part < count; part++) {
        ssize_t done = write(file, parts[part].iov_base, parts[part].iov_len);
        if (done < 0) return all > 0 ? all : done;
        all += done;
        if ((size_t)done < parts[part].iov_len) break;
    }
    return all;
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
    REAL(pwritev);
    note_foreign(file, "pwritev");
    return real(file, parts, count, at);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
    REAL(pwritev64);
    note_foreign(file, "pwritev64");
    return real(file, parts, count, at);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags) {
    REAL(copy_file_range);
    note_foreign(to, "copy_file_range");
    return real(from, from_at, to, to_at, length, flags);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t length) {
    REAL(sendfile64);
    note_foreign(to, "sendfile");
    return real(to, from, at, length);
}

#define MAPPED(name, offset_type) \
    void *name(void *at, size_t length, int protection, int flags, int file, offset_type offset) { \
        REAL(name); \
        char buffer[PATH_MAX]; \
        struct stat status; \
        if (file >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE)) { \
            const char *place = place_of(file, buffer, &status); \
            size_t end = place ? strlen(place) : 0; \
            if (end > 4 && strcmp(place + end - 4, "-shm") != 0) note_foreign(file, #name); \
        } \
        return real(at, length, protection, flags, file, offset); \
    }
MAPPED(mmap, off_t)
MAPPED(mmap64, off64_t)

/* Sizes. */

#define RESIZED_BY(call, file, size) \
    char buffer[PATH_MAX]; \
    struct stat status; \
    const char *place = place_of(file, buffer, &status); \
    if (!place) return call; \
    take_turn(); \
    int done = call; \
    if (done == 0) note(RESIZED, status.st_ino, (uint64_t)(size), place, "", 0); \
    end_turn(); \
    return done

int ftruncate(int file, off_t size) {
    REAL(ftruncate);
    RESIZED_BY(real(file, size), file, size);
}

int ftruncate64(int file, off64_t size) {
    REAL(ftruncate64);
    RESIZED_BY(real(file, size), file, size);
}

static int truncated(const char *name, off64_t size) {
    int file = open(name, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    int done = ftruncate64(file, size), before = errno;
    close(file);
    errno = before;
    return done;
}

int truncate(const char *name, off_t size) { return truncated(name, size); }
int truncate64(const char *name, off64_t size) { return truncated(name, size); }

#define ALLOCATED_BY(call, file, mode, at, length) \
    char buffer[PATH_MAX]; \
    struct stat status; \
    const char *place = place_of(file, buffer, &status); \
    if (!place) return call; \
    take_turn(); \
    int done = call; \
    if (done == 0 && (mode) == 0) note(ALLOCATED, status.st_ino, (uint64_t)((at) + (length)), place, "", 0); \
    else if (done == 0) note(FOREIGN, status.st_ino, 0, place, "fallocate", 9); \
    end_turn(); \
    return done

int fallocate(int file, int mode, off_t at, off_t length) {
    REAL(fallocate);
    ALLOCATED_BY(real(file, mode, at, length), file, mode, at, length);
}

int fallocate64(int file, int mode, off64_t at, off64_t length) {
    REAL(fallocate64);
    ALLOCATED_BY(real(file, mode, at, length), file, mode, at, length);
}

int posix_fallocate(int file, off_t at, off_t length) {
    REAL(posix_fallocate);
    ALLOCATED_BY(real(file, at, length), file, 0, at, length);
}

int posix_fallocate64(int file, off64_t at, off64_t length) {
    REAL(posix_fallocate64);
    ALLOCATED_BY(real(file, at, length), file, 0, at, length);
}

/* Syncs. sync_file_range and msync make nothing certain, so nothing is noted of them. */

#define SYNCED_BY(call, file) \
    char buffer[PATH_MAX]; \
    struct stat status; \
    const char *place = place_of(file, buffer, &status); \
    if (!place) return call; \
    take_turn(); \
    int done = call; \
    if (done == 0) note(S_ISDIR(status.st_mode) ? FOLDER_SYNCED : SYNCED, status.st_ino, 0, place, "", 0); \
    end_turn(); \
    return done

int fsync(int file) {
    REAL(fsync);
    SYNCED_BY(real(file), file);
}

int fdatasync(int file) {
    REAL(fdatasync);
    SYNCED_BY(real(file), file);
}

static void note_all_synced(void) {
    take_turn();
    note(ALL_SYNCED, 0, 0, "", "", 0);
    end_turn();
}

void sync(void) {
    REAL(sync);
    real();
    note_all_synced();
}

int syncfs(int file) {
    REAL(syncfs);
    int done = real(file);
    if (done == 0) note_all_synced();
    return done;
}

/* Names. */

#define NAMED_BY(kind, call, at, name, other, other_length) \
    char buffer[PATH_MAX]; \
    const char *place = place_of_name(at, name, buffer); \
    if (!place) return call; \
    take_turn(); \
    int done = call; \
    if (done == 0) note(kind, 0, 0, place, other, other_length); \
    end_turn(); \
    return done

int unlink(const char *name) {
    REAL(unlink);
    NAMED_BY(UNLINKED, real(name), AT_FDCWD, name, "", 0);
}

int unlinkat(int at, const char *name, int flags) {
    REAL(unlinkat);
    NAMED_BY(flags & AT_REMOVEDIR ? FOLDER_REMOVED : UNLINKED, real(at, name, flags), at, name, "", 0);
}

int remove(const char *name) {
    struct stat status;
    return lstat(name, &status) == 0 && S_ISDIR(status.st_mode) ? rmdir(name) : unlink(name);
}

int rmdir(const char *name) {
    REAL(rmdir);
    NAMED_BY(FOLDER_REMOVED, real(name), AT_FDCWD, name, "", 0);
}

int mkdir(const char *name, mode_t mode) {
    REAL(mkdir);
    NAMED_BY(FOLDER_MADE, real(name, mode), AT_FDCWD, name, "", 0);
}

int mkdirat(int at, const char *name, mode_t mode) {
    REAL(mkdirat);
    NAMED_BY(FOLDER_MADE, real(at, name, mode), at, name, "", 0);
}

#define RENAMED_BY(kind, call, from_at, from, to_at, to) \
    char other[PATH_MAX]; \
    const char *target = place_of_name(to_at, to, other); \
    const char *told = target ? target : "a name elsewhere"; \
    NAMED_BY(target ? kind : FOREIGN, call, from_at, from, told, strlen(told))

int rename(const char *from, const char *to) {
    REAL(rename);
    RENAMED_BY(RENAMED, real(from, to), AT_FDCWD, from, AT_FDCWD, to);
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
    REAL(renameat);
    RENAMED_BY(RENAMED, real(from_at, from, to_at, to), from_at, from, to_at, to);
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    REAL(renameat2);
    RENAMED_BY(RENAMED, real(from_at, from, to_at, to, flags), from_at, from, to_at, to);
}

int link(const char *from, const char *to) {
    REAL(link);
    RENAMED_BY(LINKED, real(from, to), AT_FDCWD, from, AT_FDCWD, to);
}

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    REAL(linkat);
    RENAMED_BY(LINKED, real(from_at, from, to_at, to, flags), from_at, from, to_at, to);
}

/* Talk. */

ssize_t send(int socket, const void *bytes, size_t length, int flags) {
    REAL(send);
    struct stat status;
    if (!is_socket(socket, &status)) return real(socket, bytes, length, flags);
    SAID_BY(real(socket, bytes, length, flags), socket, bytes);
    return said;
}

ssize_t sendto(int socket, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    REAL(sendto);
    struct stat status;
    if (!is_socket(socket, &status)) return real(socket, bytes, length, flags, to, size);
    SAID_BY(real(socket, bytes, length, flags, to, size), socket, bytes);
    return said;
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
    REAL(sendmsg);
    if (!is_recording()) return real(socket, message, flags);
    void *whole = joined(message->msg_iov, message->msg_iovlen);
    SAID_BY(real(socket, message, flags), socket, whole);
    free(whole);
    return said;
}

ssize_t read(int file, void *bytes, size_t length) {
    REAL(read);
    ssize_t done = real(file, bytes, length);
    int before = errno;
    struct stat status;
    if (done > 0 && is_socket(file, &status)) note_heard(file, bytes, done);
    errno = before;
    return done;
}

ssize_t recv(int socket, void *bytes, size_t length, int flags) {
    REAL(recv);
    ssize_t done = real(socket, bytes, length, flags);
    if (done > 0 && !(flags & MSG_PEEK)) note_heard(socket, bytes, done);
    return done;
}

ssize_t recvfrom(int socket, void *bytes, size_t length, int flags, struct sockaddr *from, socklen_t *size) {
    REAL(recvfrom);
    ssize_t done = real(socket, bytes, length, flags, from, size);
    if (done > 0 && !(flags & MSG_PEEK)) note_heard(socket, bytes, done);
    return done;
}

/* Haste: the clock that waits are measured by, and the wait itself. */

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    static int64_t start_ns;
    int done = real(clock, now);
    if (haste == 1 || clock != CLOCK_MONOTONIC || done != 0) return done;
    int64_t at_ns = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec;
    int64_t none = 0;
    __atomic_compare_exchange_n(&start_ns, &none, at_ns, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    at_ns = start_ns + (at_ns - start_ns) * haste;
    now->tv_sec = at_ns / 1000000000;
    now->tv_nsec = at_ns % 1000000000;
    return 0;
}

int epoll_wait(int poll, struct epoll_event *events, int events_max, int wait_ms) {
    REAL(epoll_wait);
    if (haste > 1 && wait_ms > 0) wait_ms = (int)((wait_ms + haste - 1) / haste);
    return real(poll, events, events_max, wait_ms);
}
