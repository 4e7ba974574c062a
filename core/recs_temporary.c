#include "recs_temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>


static atomic_flag        recs_temporary_held = ATOMIC_FLAG_INIT;
static sigset_t           recs_temporary_mask;     /* the holder's, before */
static recs_temporary_t  *recs_temporary_list;


/*
 * A mutex may not be taken in a handler.  This lock may: its holder has all
 * signals blocked, so a handler only ever waits for another thread.
 */
static void
recs_temporary_lock(void)
{
    while (atomic_flag_test_and_set_explicit(&recs_temporary_held,
                                             memory_order_acquire))
    {
        (void) sched_yield();
    }
}


void
recs_temporary_hold(void)
{
    int       saved;
    sigset_t  all, mask;

    saved = errno;

    (void) sigfillset(&all);
    (void) pthread_sigmask(SIG_BLOCK, &all, &mask);

    recs_temporary_lock();
    recs_temporary_mask = mask;

    errno = saved;
}


void
recs_temporary_release(void)
{
    sigset_t  mask;

    mask = recs_temporary_mask;

    atomic_flag_clear_explicit(&recs_temporary_held, memory_order_release);
    (void) pthread_sigmask(SIG_SETMASK, &mask, NULL);
}


void
recs_temporary_add(recs_temporary_t *temporary, recs_temporary_kind_t kind,
    const char *path)
{
    temporary->kind = kind;
    temporary->path = path;
    temporary->next = recs_temporary_list;
    recs_temporary_list = temporary;
}


void
recs_temporary_forget(recs_temporary_t *temporary)
{
    recs_temporary_t  **p;

    for (p = &recs_temporary_list; *p != NULL; p = &(*p)->next) {
        if (*p == temporary) {
            *p = temporary->next;
            return;
        }
    }
}


/*
 * Empties the folder behind fd, folders in it too, and closes fd.  opendir()
 * would allocate, which a handler may not.
 */
static void
recs_temporary_empty(int fd)
{
    int                    inner;
    char                  *p;
    ssize_t                n, at;
    const struct dirent64 *entry;

    alignas(struct dirent64) char  entries[4096];

    while ((n = getdents64(fd, entries, sizeof(entries))) > 0) {

        for (at = 0; at < n; at += entry->d_reclen) {
            p = entries + at;
            entry = (const struct dirent64 *) (void *) p;

            if (strcmp(entry->d_name, ".") == 0
                || strcmp(entry->d_name, "..") == 0
                || unlinkat(fd, entry->d_name, 0) == 0)
            {
                continue;
            }

            inner = openat(fd, entry->d_name,
                           O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
            if (inner != -1) {
                recs_temporary_empty(inner);
                (void) unlinkat(fd, entry->d_name, AT_REMOVEDIR);
            }
        }
    }

    (void) close(fd);
}


static void
recs_temporary_remove(const recs_temporary_t *temporary)
{
    int  fd;

    if (temporary->kind == RECS_TEMPORARY_FILE) {
        (void) unlink(temporary->path);
        return;
    }

    if (temporary->kind == RECS_TEMPORARY_FOLDER) {
        fd = open(temporary->path,
                  O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
        if (fd != -1) {
            recs_temporary_empty(fd);
        }
    }

    (void) rmdir(temporary->path);
}


void
recs_temporary_discard(recs_temporary_t *temporary)
{
    recs_temporary_hold();
    recs_temporary_remove(temporary);
    recs_temporary_forget(temporary);
    recs_temporary_release();
}


void
recs_temporary_sweep(void)
{
    const recs_temporary_t  *t;

    recs_temporary_lock();

    for (t = recs_temporary_list; t != NULL; t = t->next) {
        recs_temporary_remove(t);
    }
}
