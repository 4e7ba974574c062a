/*
 * faults: fails, or ends, the n-th call of a program under test.  A library
 * for LD_PRELOAD, driven by t/lib/RecsFaults.pm through a file that program
 * and test share:
 *
 *     u32 armed     0: nothing is counted
 *     u32 kinds     which calls count: FAULT_MEMORY, FAULT_FILES
 *     u32 at        the call that is hit, from 1; 0: none, they are counted
 *     u32 action    what happens to it: FAULT_FAIL, FAULT_KILL
 *     u32 calls     counted so far
 *     u32 hits      how many calls were hit
 *     u32 error     errno of a call of FAULT_FILES that fails
 *
 * named by RECS_FAULTS; counting starts at main(), so that what the loader and
 * other libraries do before is their own affair.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>


#define FAULT_MEMORY  1
#define FAULT_FILES   2

#define FAULT_FAIL    0
#define FAULT_KILL    1


typedef struct {
    uint32_t          armed;
    uint32_t          kinds;
    uint32_t          at;
    uint32_t          action;
    _Atomic uint32_t  calls;
    _Atomic uint32_t  hits;
    uint32_t          error;
} fault_t;

typedef int (*fault_main_t)(int argc, char **argv, char **env);


void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

int __libc_start_main(fault_main_t program, int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end);


static fault_t       *fault;
static fault_main_t   fault_program;


/* 1 where this call has to fail. */
static int
fault_hits(uint32_t kind)
{
    if (fault == NULL || !fault->armed || !(fault->kinds & kind)) {
        return 0;
    }

    if (atomic_fetch_add(&fault->calls, 1) + 1 != fault->at) {
        return 0;
    }

    atomic_fetch_add(&fault->hits, 1);

    if (fault->action == FAULT_KILL) {
        kill(getpid(), SIGKILL);
    }

    errno = kind == FAULT_MEMORY ? ENOMEM : (int) fault->error;

    return 1;
}


static int
fault_main(int argc, char **argv, char **env)
{
    int          fd;
    void        *map;
    const char  *path;

    path = getenv("RECS_FAULTS");
    fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);

    if (fd != -1) {
        map = mmap(NULL, sizeof(fault_t), PROT_READ | PROT_WRITE, MAP_SHARED,
                   fd, 0);
        close(fd);
        fault = map == MAP_FAILED ? NULL : map;
    }

    return fault_program(argc, argv, env);
}


int
__libc_start_main(fault_main_t program, int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end)
{
    __typeof__(&__libc_start_main)  next;

    next = (__typeof__(next)) dlsym(RTLD_NEXT, "__libc_start_main");
    fault_program = program;

    return next(fault_main, argc, argv, init, fini, rtld_fini, stack_end);
}


void *
malloc(size_t size)
{
    return fault_hits(FAULT_MEMORY) ? NULL : __libc_malloc(size);
}


void *
calloc(size_t n, size_t size)
{
    return fault_hits(FAULT_MEMORY) ? NULL : __libc_calloc(n, size);
}


void *
realloc(void *p, size_t size)
{
    return fault_hits(FAULT_MEMORY) ? NULL : __libc_realloc(p, size);
}


void *
aligned_alloc(size_t alignment, size_t size)
{
    return fault_hits(FAULT_MEMORY) ? NULL : __libc_memalign(alignment, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    if (fault_hits(FAULT_MEMORY)) {
        return ENOMEM;
    }

    *p = __libc_memalign(alignment, size);

    return *p == NULL ? ENOMEM : 0;
}


char *
strdup(const char *s)
{
    char    *copy;
    size_t   size;

    size = strlen(s) + 1;
    copy = malloc(size);

    return copy == NULL ? NULL : memcpy(copy, s, size);
}


/* A call of the C library, by its name, that fails with -1. */
#define FAULT_CALL(type, name, params, args)                                  \
    type                                                                      \
    name params                                                               \
    {                                                                         \
        static type (*next) params;                                           \
                                                                              \
        if (fault_hits(FAULT_FILES)) {                                        \
            return -1;                                                        \
        }                                                                     \
                                                                              \
        if (next == NULL) {                                                   \
            next = (type (*) params) dlsym(RTLD_NEXT, #name);                 \
        }                                                                     \
                                                                              \
        return next args;                                                     \
    }

FAULT_CALL(ssize_t, read, (int fd, void *to, size_t n), (fd, to, n))
FAULT_CALL(ssize_t, pread, (int fd, void *to, size_t n, off_t at),
           (fd, to, n, at))
FAULT_CALL(ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n))
FAULT_CALL(ssize_t, pwrite, (int fd, const void *from, size_t n, off_t at),
           (fd, from, n, at))
FAULT_CALL(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n))
FAULT_CALL(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at),
           (fd, v, n, at))
FAULT_CALL(ssize_t, copy_file_range,
           (int from, off_t *at, int to, off_t *to_at, size_t n,
            unsigned int flags),
           (from, at, to, to_at, n, flags))
FAULT_CALL(ssize_t, sendfile, (int to, int from, off_t *at, size_t n),
           (to, from, at, n))
FAULT_CALL(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence))
FAULT_CALL(int, fsync, (int fd), (fd))
FAULT_CALL(int, fdatasync, (int fd), (fd))
FAULT_CALL(int, ftruncate, (int fd, off_t size), (fd, size))
FAULT_CALL(int, fallocate, (int fd, int mode, off_t at, off_t size),
           (fd, mode, at, size))
FAULT_CALL(int, fstat, (int fd, struct stat *st), (fd, st))
FAULT_CALL(int, stat, (const char *path, struct stat *st), (path, st))
FAULT_CALL(int, lstat, (const char *path, struct stat *st), (path, st))
FAULT_CALL(int, fchmod, (int fd, mode_t mode), (fd, mode))
FAULT_CALL(int, chmod, (const char *path, mode_t mode), (path, mode))
FAULT_CALL(int, flock, (int fd, int operation), (fd, operation))
FAULT_CALL(int, mkdir, (const char *path, mode_t mode), (path, mode))
FAULT_CALL(int, rename, (const char *from, const char *to), (from, to))
FAULT_CALL(int, renameat, (int fd, const char *from, int to_fd,
           const char *to), (fd, from, to_fd, to))
FAULT_CALL(int, symlink, (const char *to, const char *path), (to, path))
FAULT_CALL(int, symlinkat, (const char *to, int fd, const char *path),
           (to, fd, path))
FAULT_CALL(int, unlink, (const char *path), (path))
FAULT_CALL(int, unlinkat, (int fd, const char *path, int flags),
           (fd, path, flags))
FAULT_CALL(ssize_t, readlink, (const char *path, char *to, size_t n),
           (path, to, n))
FAULT_CALL(ssize_t, readlinkat, (int fd, const char *path, char *to,
           size_t n), (fd, path, to, n))
FAULT_CALL(int, mkstemp, (char *path), (path))
FAULT_CALL(int, mkostemp, (char *path, int flags), (path, flags))


/* The mode is there where a file may be made. */
#define FAULT_OPEN(name, params, args, args_mode)                             \
    int                                                                       \
    name params                                                               \
    {                                                                         \
        int         mode;                                                     \
        va_list     list;                                                     \
        static int  (*next) params;                                           \
                                                                              \
        if (fault_hits(FAULT_FILES)) {                                        \
            return -1;                                                        \
        }                                                                     \
                                                                              \
        if (next == NULL) {                                                   \
            next = (int (*) params) dlsym(RTLD_NEXT, #name);                  \
        }                                                                     \
                                                                              \
        if (!(flags & (O_CREAT | O_TMPFILE))) {                               \
            return next args;                                                 \
        }                                                                     \
                                                                              \
        va_start(list, flags);                                                \
        mode = va_arg(list, int);                                             \
        va_end(list);                                                         \
                                                                              \
        return next args_mode;                                                \
    }

FAULT_OPEN(open, (const char *path, int flags, ...), (path, flags),
           (path, flags, mode))
FAULT_OPEN(openat, (int fd, const char *path, int flags, ...),
           (fd, path, flags), (fd, path, flags, mode))
