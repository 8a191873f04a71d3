/* Preloaded into the simulator's own process: disks that fail by command. Each machine keeps its files in a folder; what
 * is written there passes here first, and can be refused, fail, or be taken back when the power goes. Written and not yet
 * synced is kept in an undo list, newest last, with what was there before.
 *
 * Commands are readings of links that do not exist, so that nobody needs a pointer: /tallyman-disk/<verb>/<node>/<rest>.
 * The answer is what the link seems to point at. There is one thread. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define NODES 8
#define FILES 4096

struct undo {
    char path[PATH_MAX];
    ino_t inode;
    off_t size;   /* of the file before */
    off_t offset; /* of the bytes */
    size_t length;
    char *bytes;
    struct undo *before;
};

static struct machine {
    char folder[PATH_MAX];
    size_t folder_length;
    int is_cut, is_full, lies;
    char loss; /* of a power cut that is armed: the word's first letter */
    long cut_after, fail_after; /* -1: not armed */
    struct undo *newest;
    unsigned long cuts, failures, full, lost;
} machines[NODES];

/* The machine and path of an open file. */
static struct { int machine; char path[PATH_MAX]; } *files;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int real_open(const char *path, int flags) {
    REAL(open64);
    return real(path, flags, 0);
}

static int real_close(int file) {
    REAL(close);
    return real(file);
}

static ssize_t real_pwrite(int file, const void *bytes, size_t length, off_t offset) {
    REAL(pwrite64);
    return real(file, bytes, length, offset);
}

static int real_truncate(int file, off_t length) {
    REAL(ftruncate64);
    return real(file, length);
}

/* SQLite's index of the log is memory, and is gone with the power anyway. Locks hold nothing. */
static int is_followed(const char *path) {
    size_t length = strlen(path);
    return !(length > 4 && !strcmp(path + length - 4, "-shm")) && !(length > 5 && !strcmp(path + length - 5, ".lock"));
}

static struct machine *of_path(const char *path) {
    for (int node = 0; node < NODES; node++) {
        struct machine *machine = &machines[node];
        if (machine->folder_length && !strncmp(path, machine->folder, machine->folder_length) &&
            path[machine->folder_length] == '/' && is_followed(path))
            return machine;
    }
    return NULL;
}

static struct machine *of_file(int file) {
    if (!files || file < 0 || file >= FILES || !files[file].machine) return NULL;
    return &machines[files[file].machine - 1];
}

static void forget(struct machine *machine, ino_t inode) {
    struct undo **link = &machine->newest;
    while (*link) {
        struct undo *undo = *link;
        if (inode && undo->inode != inode) {
            link = &undo->before;
            continue;
        }
        *link = undo->before;
        free(undo->bytes);
        free(undo);
    }
}

/* Before `length` bytes at `offset` change, or everything behind `offset` with length 0. */
static void remember(struct machine *machine, int file, off_t offset, size_t length) {
    struct stat now;
    if (fstat(file, &now)) return;
    struct undo *undo = calloc(1, sizeof *undo);
    if (!undo) return;
    snprintf(undo->path, sizeof undo->path, "%s", files[file].path);
    undo->inode = now.st_ino;
    undo->size = now.st_size;
    undo->offset = offset;
    if (!length && now.st_size > offset) length = (size_t)(now.st_size - offset);
    if (length && offset < now.st_size) {
        undo->bytes = malloc(length);
        ssize_t found = undo->bytes ? pread(file, undo->bytes, length, offset) : 0;
        undo->length = found > 0 ? (size_t)found : 0;
    }
    undo->before = machine->newest;
    machine->newest = undo;
}

static void take_back(const struct undo *undo, size_t keep) {
    int file = real_open(undo->path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    struct stat now;
    if (!fstat(file, &now) && now.st_ino == undo->inode) {
        if (undo->length > keep)
            real_pwrite(file, undo->bytes + keep, undo->length - keep, undo->offset + (off_t)keep);
        if (!keep) real_truncate(file, undo->size);
    }
    real_close(file);
}

static void cut(struct machine *machine, char loss) {
    if (machine->is_cut) return;
    machine->is_cut = 1;
    unsigned long unsynced = 0, taken = 0;
    for (struct undo *undo = machine->newest; undo; undo = undo->before) unsynced++;
    for (struct undo *undo = machine->newest; undo; undo = undo->before) {
        if (loss == 'n' || (loss == 'h' && taken >= (unsynced + 1) / 2) || (loss == 't' && taken >= 1)) break;
        take_back(undo, loss == 't' ? undo->length / 2 : 0);
        taken++;
    }
    machine->lost += taken;
    forget(machine, 0);
}

/* What an operation ends with; 0 where nothing is wrong. */
static int fault(struct machine *machine, int grows) {
    if (machine->is_cut) return EIO;
    if (machine->cut_after >= 0 && machine->cut_after-- == 0) {
        machine->cuts++;
        cut(machine, machine->loss);
        return EIO;
    }
    if (machine->fail_after >= 0 && machine->fail_after-- == 0) {
        machine->failures++;
        return EIO;
    }
    if (grows && machine->is_full) {
        machine->full++;
        return ENOSPC;
    }
    return 0;
}

static int grows(int file, off_t offset, size_t length) {
    struct stat now;
    return !fstat(file, &now) && offset + (off_t)length > now.st_size;
}

#define FAIL_WITH(found) \
    do { \
        int fault_found = (found); \
        if (fault_found) { \
            errno = fault_found; \
            return -1; \
        } \
    } while (0)

static ssize_t write_at(int file, const void *bytes, size_t length, off_t offset) {
    struct machine *machine = of_file(file);
    if (machine) {
        FAIL_WITH(fault(machine, grows(file, offset, length)));
        remember(machine, file, offset, length);
    }
    return real_pwrite(file, bytes, length, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) { return write_at(file, bytes, length, offset); }

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) { return write_at(file, bytes, length, offset); }

ssize_t write(int file, const void *bytes, size_t length) {
    REAL(write);
    struct machine *machine = of_file(file);
    if (machine) {
        off_t offset = lseek(file, 0, SEEK_CUR);
        FAIL_WITH(fault(machine, grows(file, offset, length)));
        remember(machine, file, offset, length);
    }
    return real(file, bytes, length);
}

static int cut_to(int file, off_t length) {
    struct machine *machine = of_file(file);
    if (machine) {
        FAIL_WITH(fault(machine, grows(file, length, 0)));
        remember(machine, file, length, 0);
    }
    return real_truncate(file, length);
}

int ftruncate64(int file, off64_t length) { return cut_to(file, length); }

int ftruncate(int file, off_t length) { return cut_to(file, length); }

static int synced(int file) {
    struct machine *machine = of_file(file);
    struct stat now;
    if (!machine) return 0;
    FAIL_WITH(fault(machine, 0));
    if (!machine->lies && !fstat(file, &now)) forget(machine, now.st_ino);
    return 0;
}

int fsync(int file) {
    REAL(fsync);
    return of_file(file) ? synced(file) : real(file);
}

int fdatasync(int file) {
    REAL(fdatasync);
    return of_file(file) ? synced(file) : real(file);
}

int unlink(const char *path) {
    REAL(unlink);
    struct machine *machine = of_path(path);
    if (machine) FAIL_WITH(fault(machine, 0));
    return real(path);
}

int rename(const char *from, const char *to) {
    REAL(rename);
    struct machine *machine = of_path(from);
    if (machine) FAIL_WITH(fault(machine, 0));
    return real(from, to);
}

static int opened(int file, const char *path) {
    struct machine *machine = of_path(path);
    if (!files) files = calloc(FILES, sizeof *files);
    if (!files || file < 0 || file >= FILES) return file;
    files[file].machine = machine ? (int)(machine - machines) + 1 : 0;
    if (machine) snprintf(files[file].path, sizeof files[file].path, "%s", path);
    return file;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & O_CREAT) { \
            va_list arguments; \
            va_start(arguments, flags); \
            mode = va_arg(arguments, mode_t); \
            va_end(arguments); \
        } \
        struct machine *machine = of_path(path); \
        if (machine && (flags & O_CREAT) && machine->is_cut) FAIL_WITH(EIO); \
        return opened(real(path, flags, mode), path); \
    }

OPEN(open)
OPEN(open64)

int close(int file) {
    if (files && file >= 0 && file < FILES) files[file].machine = 0;
    return real_close(file);
}

static int command(const char *text, char *answer, size_t space) {
    char verb[16] = "", rest[PATH_MAX] = "";
    int node = -1;
    if (sscanf(text, "%15[^/]/%d/%4095[^\n]", verb, &node, rest) < 2 || node < 0 || node >= NODES) return -1;
    struct machine *machine = &machines[node];
    if (!strcmp(verb, "add")) {
        forget(machine, 0);
        memset(machine, 0, sizeof *machine);
        machine->cut_after = machine->fail_after = -1;
        snprintf(machine->folder, sizeof machine->folder, "/%s", rest);
        machine->folder_length = strlen(machine->folder);
    } else if (!strcmp(verb, "cut")) {
        cut(machine, rest[0]);
    } else if (!strcmp(verb, "cut-after")) {
        machine->loss = rest[0];
        machine->cut_after = atol(strchr(rest, '/') ? strchr(rest, '/') + 1 : "0");
    } else if (!strcmp(verb, "fail-after")) {
        machine->fail_after = atol(rest);
    } else if (!strcmp(verb, "full")) {
        machine->is_full = rest[0] == '1';
    } else if (!strcmp(verb, "settle")) {
        forget(machine, 0);
    } else if (!strcmp(verb, "lie")) {
        machine->lies = 1;
    } else if (!strcmp(verb, "mend")) {
        machine->is_cut = machine->is_full = 0;
        machine->cut_after = machine->fail_after = -1;
        if (!machine->lies) forget(machine, 0);
    }
    return snprintf(answer, space, "%d %lu %lu %lu %lu", machine->is_cut, machine->cuts, machine->failures, machine->full,
                    machine->lost);
}

ssize_t readlink(const char *path, char *answer, size_t space) {
    REAL(readlink);
    static const char ours[] = "/tallyman-disk/";
    if (strncmp(path, ours, sizeof ours - 1)) return real(path, answer, space);
    int length = command(path + sizeof ours - 1, answer, space);
    if (length < 0) {
        errno = EINVAL;
        return -1;
    }
    return length < (int)space ? length : (ssize_t)space;
}
