#include "recs_publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_bundle.h"
#include "recs_golden.h"
#include "recs_seal.h"


#define RECS_CURRENT           "current"
#define RECS_PUBLISH_TMP       ".publish.tmp"     /* a bundle being copied */
#define RECS_CURRENT_TMP       ".current.tmp"     /* a symlink to be moved */
#define RECS_PUBLISH_CHUNK     (1024 * 1024)
#define RECS_GOLDEN_BUDGET_MS  1000


int
recs_generation_parse(const char *file_name, recs_generation_t *gen)
{
    int         i;
    const char  *p;

    if (strncmp(file_name, "gen-", 4) != 0
        || strlen(file_name) != 4 + RECS_GENERATION_LEN + 4
        || strcmp(file_name + 4 + RECS_GENERATION_LEN, ".mdb") != 0)
    {
        return 0;
    }

    p = file_name + 4;

    for (i = 0; i < RECS_GENERATION_LEN; i++) {
        if (i == 6 ? p[i] != '-'
                   : !strchr(i < 6 ? "0123456789" : "0123456789abcdef", p[i]))
        {
            return 0;
        }
    }

    memcpy(gen->name, p, RECS_GENERATION_LEN);
    gen->name[RECS_GENERATION_LEN] = '\0';
    gen->number = (uint32_t) strtoul(gen->name, NULL, 10);

    return gen->number > 0;
}


static recs_status_t
recs_publish_error(const char *what, const char *path, recs_error_t *err)
{
    return recs_error(err, errno == ENOENT ? RECS_NOT_FOUND : RECS_IO,
                      "cannot %s \"%s\": %s", what, path, strerror(errno));
}


/* The generation's name of a bundle that stands by itself. */
static recs_status_t
recs_generation_of_file(int fd, const char *path, recs_generation_t *gen,
    recs_error_t *err)
{
    char           hash8[9];
    recs_seal_t    seal;
    recs_status_t  rc;

    rc = recs_seal_read(fd, path, &seal, err);
    if (rc != RECS_OK) {
        return rc;
    }

    recs_seal_hash8(&seal, hash8);

    gen->number = 0;
    snprintf(gen->name, sizeof(gen->name), "000000-%s", hash8);

    return RECS_OK;
}


/* Where `current` in the directory points: a plain generation file name. */
static recs_status_t
recs_generation_current(int dir_fd, const char *dir, char *name, size_t size,
    recs_generation_t *gen, recs_error_t *err)
{
    ssize_t  n;

    n = readlinkat(dir_fd, RECS_CURRENT, name, size - 1);

    if (n == -1) {
        return recs_error(err, errno == ENOENT ? RECS_NOT_FOUND : RECS_IO,
                          "\"%s\" has no published model: cannot read its "
                          "link \"current\": %s", dir, strerror(errno));
    }

    name[n] = '\0';

    if (!recs_generation_parse(name, gen)) {
        return recs_error(err, RECS_INVALID, "\"%s/current\" points to "
                          "\"%s\", which is not a generation", dir, name);
    }

    return RECS_OK;
}


static recs_status_t
recs_generation_open_in(const char *dir, int dir_fd, int *fd,
    recs_generation_t *gen, recs_error_t *err)
{
    char           name[256];
    recs_status_t  rc;

    rc = recs_generation_current(dir_fd, dir, name, sizeof(name), gen, err);
    if (rc != RECS_OK) {
        return rc;
    }

    *fd = openat(dir_fd, name, O_RDONLY|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);

    return *fd == -1 ? recs_publish_error("open", name, err) : RECS_OK;
}


recs_status_t
recs_generation_open(const char *path, int *fd, recs_generation_t *gen,
    recs_error_t *err)
{
    int            opened;
    struct stat    st;
    recs_status_t  rc;

    opened = open(path, O_RDONLY|O_CLOEXEC|O_NONBLOCK);
    if (opened == -1) {
        return recs_publish_error("open", path, err);
    }

    if (fstat(opened, &st) == -1) {
        rc = recs_publish_error("stat", path, err);
        close(opened);
        return rc;
    }

    if (S_ISDIR(st.st_mode)) {
        rc = recs_generation_open_in(path, opened, fd, gen, err);
        close(opened);
        return rc;
    }

    rc = recs_generation_of_file(opened, path, gen, err);
    if (rc != RECS_OK) {
        close(opened);
        return rc;
    }

    *fd = opened;

    return RECS_OK;
}


/* A model directory, locked against other publishers until it is closed. */
static recs_status_t
recs_publish_lock(const char *dir, int create, int *dir_fd,
    recs_error_t *err)
{
    int  fd;

    if (create && mkdir(dir, 0755) == -1 && errno != EEXIST) {
        return recs_publish_error("make", dir, err);
    }

    fd = open(dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (fd == -1) {
        return recs_publish_error("open model directory", dir, err);
    }

    if (flock(fd, LOCK_EX) == -1) {
        close(fd);
        return recs_publish_error("lock", dir, err);
    }

    *dir_fd = fd;

    return RECS_OK;
}


static int
recs_publish_compare(const void *one, const void *two)
{
    const recs_generation_t  *a, *b;

    a = one;
    b = two;

    return (a->number > b->number) - (a->number < b->number);
}


/* All generations of the directory, oldest first; freed by the caller. */
static recs_status_t
recs_publish_list(int dir_fd, const char *dir, recs_generation_t **list,
    uint32_t *n, recs_error_t *err)
{
    int                 fd;
    DIR                *d;
    uint32_t            count, size;
    struct dirent      *entry;
    recs_generation_t  *gens, *grown, gen;

    fd = openat(dir_fd, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (fd == -1) {
        return recs_publish_error("read", dir, err);
    }

    d = fdopendir(fd);
    if (d == NULL) {
        close(fd);
        return recs_publish_error("read", dir, err);
    }

    gens = NULL;
    count = size = 0;

    while ((entry = readdir(d)) != NULL) {
        if (!recs_generation_parse(entry->d_name, &gen)) {
            continue;
        }

        if (count == size) {
            size = size * 2 + 16;

            grown = realloc(gens, size * sizeof(recs_generation_t));
            if (grown == NULL) {
                closedir(d);
                free(gens);
                return recs_error(err, RECS_NOMEM, "no memory to list \"%s\"",
                                  dir);
            }

            gens = grown;
        }

        gens[count++] = gen;
    }

    closedir(d);

    if (count > 0) {
        qsort(gens, count, sizeof(recs_generation_t), recs_publish_compare);
    }

    *list = gens;
    *n = count;

    return RECS_OK;
}


static recs_status_t
recs_publish_verify(int fd, const char *path, char hash8[9],
    recs_error_t *err)
{
    unsigned        n_checked;
    recs_bundle_t  *bundle;
    recs_status_t   rc;

    rc = recs_bundle_open_fd(&bundle, fd, path, 0, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_golden_check(bundle, RECS_GOLDEN_BUDGET_MS, &n_checked, err);
    memcpy(hash8, recs_bundle_hash8(bundle), 9);
    recs_bundle_close(bundle);

    return rc;
}


static recs_status_t
recs_publish_copy_bytes(int in, int out, const char *dir, recs_error_t *err)
{
    char     *buf;
    off_t     at;
    ssize_t   n, done, written;

    buf = malloc(RECS_PUBLISH_CHUNK);
    if (buf == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to publish");
    }

    at = 0;

    for ( ;; ) {
        n = pread(in, buf, RECS_PUBLISH_CHUNK, at);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            break;
        }

        for (done = 0; done < n; done += written) {
            written = write(out, buf + done, (size_t) (n - done));

            if (written == -1 && errno == EINTR) {
                written = 0;
                continue;
            }

            if (written == -1) {
                n = -1;
                break;
            }
        }

        if (n == -1) {
            break;
        }

        at += n;
    }

    free(buf);

    return n == 0 ? RECS_OK
                  : recs_publish_error("copy the bundle into", dir, err);
}


/* Copies, verifies what was copied, syncs; the copy stands as a .tmp. */
static recs_status_t
recs_publish_copy(int in, int dir_fd, const char *dir, recs_error_t *err)
{
    int            out;
    recs_seal_t    seal;
    recs_status_t  rc;

    (void) unlinkat(dir_fd, RECS_PUBLISH_TMP, 0);

    out = openat(dir_fd, RECS_PUBLISH_TMP,
                 O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC|O_NOFOLLOW, 0600);
    if (out == -1) {
        return recs_publish_error("write into", dir, err);
    }

    if ((rc = recs_publish_copy_bytes(in, out, dir, err)) != RECS_OK
        || (rc = recs_seal_read(out, "the copy", &seal, err)) != RECS_OK
        || (rc = recs_seal_verify(out, "the copy", &seal, err)) != RECS_OK)
    {
        goto done;
    }

    if (fchmod(out, 0444) == -1 || fsync(out) == -1) {
        rc = recs_publish_error("write into", dir, err);
    }

done:

    close(out);

    if (rc != RECS_OK) {
        (void) unlinkat(dir_fd, RECS_PUBLISH_TMP, 0);
    }

    return rc;
}


/* Gives the copy its name and moves `current` to it. */
static recs_status_t
recs_publish_switch(int dir_fd, const char *dir, const recs_generation_t *gen,
    recs_error_t *err)
{
    char  name[64];

    snprintf(name, sizeof(name), "gen-%s.mdb", gen->name);

    (void) unlinkat(dir_fd, RECS_CURRENT_TMP, 0);

    if (renameat(dir_fd, RECS_PUBLISH_TMP, dir_fd, name) == -1
        || fsync(dir_fd) == -1
        || symlinkat(name, dir_fd, RECS_CURRENT_TMP) == -1
        || renameat(dir_fd, RECS_CURRENT_TMP, dir_fd, RECS_CURRENT) == -1
        || fsync(dir_fd) == -1)
    {
        return recs_publish_error("switch the generation in", dir, err);
    }

    return RECS_OK;
}


/* Publishes the bundle behind fd into the locked directory. */
static recs_status_t
recs_publish_fd(int fd, const char *path, int dir_fd, const char *dir,
    recs_generation_t *gen, recs_error_t *err)
{
    char                hash8[9];
    uint32_t            n, last;
    recs_status_t       rc;
    recs_generation_t  *list, next;

    rc = recs_publish_verify(fd, path, hash8, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_publish_list(dir_fd, dir, &list, &n, err);
    if (rc != RECS_OK) {
        return rc;
    }

    last = n > 0 ? list[n - 1].number : 0;
    free(list);

    if (last >= RECS_GENERATION_MAX) {
        return recs_error(err, RECS_LIMIT, "\"%s\" has used up its generation "
                          "numbers; start a new directory", dir);
    }

    next.number = last + 1;
    snprintf(next.name, sizeof(next.name), "%06u-%s",
             next.number % (RECS_GENERATION_MAX + 1), hash8);

    rc = recs_publish_copy(fd, dir_fd, dir, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_publish_switch(dir_fd, dir, &next, err);
    if (rc != RECS_OK) {
        return rc;
    }

    *gen = next;

    return RECS_OK;
}


recs_status_t
recs_publish(const char *bundle_path, const char *dir, recs_generation_t *gen,
    recs_error_t *err)
{
    int                fd, dir_fd;
    recs_status_t      rc;
    recs_generation_t  from;

    rc = recs_generation_open(bundle_path, &fd, &from, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_publish_lock(dir, 1, &dir_fd, err);

    if (rc == RECS_OK) {
        rc = recs_publish_fd(fd, bundle_path, dir_fd, dir, gen, err);
        close(dir_fd);
    }

    close(fd);

    return rc;
}


/* The generation to go back to: `to`, or the one before the current. */
static recs_status_t
recs_rollback_choose(int dir_fd, const char *dir, uint32_t to,
    recs_generation_t *chosen, recs_error_t *err)
{
    char                name[256];
    uint32_t            i, n;
    recs_status_t       rc;
    recs_generation_t  *list, current;

    rc = recs_generation_current(dir_fd, dir, name, sizeof(name), &current,
                                 err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_publish_list(dir_fd, dir, &list, &n, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = RECS_NOT_FOUND;

    for (i = 0; i < n; i++) {
        if (to != 0 ? list[i].number == to
                    : list[i].number < current.number)
        {
            *chosen = list[i];
            rc = RECS_OK;
        }
    }

    free(list);

    if (rc == RECS_OK) {
        return RECS_OK;
    }

    if (to != 0) {
        return recs_error(err, RECS_NOT_FOUND, "\"%s\" has no generation "
                          "%06u", dir, to % (RECS_GENERATION_MAX + 1));
    }

    return recs_error(err, RECS_NOT_FOUND, "\"%s\" has no generation before "
                      "the current %s", dir, current.name);
}


recs_status_t
recs_rollback(const char *dir, uint32_t to, recs_generation_t *gen,
    recs_error_t *err)
{
    int                fd, dir_fd;
    char               name[64];
    recs_status_t      rc;
    recs_generation_t  chosen;

    rc = recs_publish_lock(dir, 0, &dir_fd, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_rollback_choose(dir_fd, dir, to, &chosen, err);

    if (rc == RECS_OK) {
        snprintf(name, sizeof(name), "gen-%s.mdb", chosen.name);

        fd = openat(dir_fd, name, O_RDONLY|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);

        if (fd == -1) {
            rc = recs_publish_error("open", name, err);

        } else {
            rc = recs_publish_fd(fd, name, dir_fd, dir, gen, err);
            close(fd);
        }
    }

    close(dir_fd);

    return rc;
}


recs_status_t
recs_prune(const char *dir, uint32_t keep, uint32_t *n_removed,
    recs_error_t *err)
{
    int                 dir_fd;
    char                name[256];
    uint32_t            i, n;
    recs_status_t       rc;
    recs_generation_t  *list, current;

    rc = recs_publish_lock(dir, 0, &dir_fd, err);
    if (rc != RECS_OK) {
        return rc;
    }

    list = NULL;
    *n_removed = 0;

    if ((rc = recs_generation_current(dir_fd, dir, name, sizeof(name),
                                      &current, err)) != RECS_OK
        || (rc = recs_publish_list(dir_fd, dir, &list, &n, err)) != RECS_OK)
    {
        goto done;
    }

    (void) unlinkat(dir_fd, RECS_PUBLISH_TMP, 0);
    (void) unlinkat(dir_fd, RECS_CURRENT_TMP, 0);

    for (i = 0; i + (keep > 0 ? keep : 1) < n; i++) {
        if (list[i].number == current.number) {
            continue;
        }

        snprintf(name, sizeof(name), "gen-%s.mdb", list[i].name);

        if (unlinkat(dir_fd, name, 0) == -1) {
            rc = recs_publish_error("remove", name, err);
            goto done;
        }

        (*n_removed)++;
    }

done:

    free(list);
    close(dir_fd);

    return rc;
}
