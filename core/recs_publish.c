#include "recs_publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_bundle_private.h"
#include "recs_generation.h"
#include "recs_golden.h"
#include "recs_publish_dir.h"


#define RECS_CURRENT_TMP       ".current.tmp"     /* a symlink to be moved */
#define RECS_PUBLISH_CHUNK     (1024 * 1024)
#define RECS_GOLDEN_BUDGET_MS  1000


/* All three steps; *seal is that of the bytes that passed. */
static recs_status_t
recs_publish_verify(int fd, const char *path, recs_seal_t *seal,
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
    *seal = bundle->seal;
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


/*
 * Copies, holds the copy against the seal that was verified, syncs; the copy
 * stands as a .tmp.
 */
static recs_status_t
recs_publish_copy(int in, const recs_seal_t *verified,
    recs_publish_dir_t *dir, recs_error_t *err)
{
    int            out;
    recs_seal_t    seal;
    recs_status_t  rc;

    recs_temporary_hold();

    (void) unlinkat(dir->fd, RECS_PUBLISH_TMP, 0);

    out = openat(dir->fd, RECS_PUBLISH_TMP,
                 O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC|O_NOFOLLOW, 0600);

    if (out != -1) {
        recs_temporary_add(&dir->copy_entry, RECS_TEMPORARY_FILE, dir->copy);
    }

    recs_temporary_release();

    if (out == -1) {
        return recs_publish_error("write into", dir->path, err);
    }

    if ((rc = recs_publish_copy_bytes(in, out, dir->path, err)) != RECS_OK
        || (rc = recs_seal_read(out, "the copy", &seal, err)) != RECS_OK
        || (rc = recs_seal_verify(out, "the copy", &seal, err)) != RECS_OK)
    {
        goto done;
    }

    if (memcmp(&seal, verified, sizeof(recs_seal_t)) != 0) {
        rc = recs_error(err, RECS_CORRUPT, "the bundle changed while it was "
                        "being published into \"%s\"", dir->path);
        goto done;
    }

    if (fchmod(out, 0444) == -1 || fsync(out) == -1) {
        rc = recs_publish_error("write into", dir->path, err);
    }

done:

    close(out);

    if (rc != RECS_OK) {
        recs_temporary_discard(&dir->copy_entry);
    }

    return rc;
}


/* Moves `current` to the generation's file. */
static recs_status_t
recs_publish_switch(const recs_publish_dir_t *dir, const char *name,
    recs_error_t *err)
{
    recs_status_t  rc;

    (void) unlinkat(dir->fd, RECS_CURRENT_TMP, 0);

    if (symlinkat(name, dir->fd, RECS_CURRENT_TMP) == -1) {
        return recs_publish_error("make a link in", dir->path, err);
    }

    if (renameat(dir->fd, RECS_CURRENT_TMP, dir->fd, RECS_CURRENT) == -1) {
        rc = recs_publish_error("move the link \"current\" in", dir->path, err);
        (void) unlinkat(dir->fd, RECS_CURRENT_TMP, 0);
        return rc;
    }

    return RECS_OK;
}


/*
 * Gives the copy its name and makes it current.  A generation that could not
 * be made current is taken away again.
 */
static recs_status_t
recs_publish_name(const recs_publish_dir_t *dir,
    const recs_generation_t *gen, recs_error_t *err)
{
    char           name[RECS_GENERATION_FILE];
    recs_status_t  rc;

    snprintf(name, sizeof(name), "gen-%s.mdb", gen->name);

    if (renameat(dir->fd, RECS_PUBLISH_TMP, dir->fd, name) == -1) {
        rc = recs_publish_error("name the generation in", dir->path, err);
        (void) unlinkat(dir->fd, RECS_PUBLISH_TMP, 0);
        return rc;
    }

    /* The link may not reach the disk before what it names. */
    rc = fsync(dir->fd) == -1 ? recs_publish_error("sync", dir->path, err)
                              : RECS_OK;

    if (rc == RECS_OK) {
        rc = recs_publish_switch(dir, name, err);
    }

    if (rc != RECS_OK) {
        (void) unlinkat(dir->fd, name, 0);
        return rc;
    }

    return fsync(dir->fd) == -1 ? recs_publish_error("sync", dir->path, err)
                                : RECS_OK;
}


/* Held: a signal comes before the copy has its name or when it is current. */
static recs_status_t
recs_publish_place(recs_publish_dir_t *dir, const recs_generation_t *gen,
    recs_error_t *err)
{
    recs_status_t  rc;

    recs_temporary_hold();

    rc = recs_publish_name(dir, gen, err);
    recs_temporary_forget(&dir->copy_entry);

    recs_temporary_release();

    return rc;
}


/*
 * The number after the highest that the directory has or, after somebody
 * deleted files by hand, that `current` names.
 */
static recs_status_t
recs_publish_next(const recs_publish_dir_t *dir, const recs_seal_t *seal,
    recs_generation_t *next, recs_error_t *err)
{
    char                hash8[9];
    uint32_t            n, last;
    recs_status_t       rc;
    struct stat         st;
    recs_generation_t  *list, current;

    if (fstatat(dir->fd, RECS_CURRENT, &st, AT_SYMLINK_NOFOLLOW) == 0
        && !S_ISLNK(st.st_mode))
    {
        return recs_error(err, RECS_INVALID, "\"%s/current\" is not a link: "
                          "\"%s\" is not a model directory", dir->path,
                          dir->path);
    }

    rc = recs_publish_list(dir->fd, dir->path, &list, &n, err);
    if (rc != RECS_OK) {
        return rc;
    }

    last = n > 0 ? list[n - 1].number : 0;
    free(list);

    if (recs_generation_current(dir->fd, dir->path, &current, NULL) == RECS_OK
        && current.number > last)
    {
        last = current.number;
    }

    if (last >= RECS_GENERATION_MAX) {
        return recs_error(err, RECS_LIMIT, "\"%s\" has used up its generation "
                          "numbers; start a new directory", dir->path);
    }

    recs_seal_hash8(seal, hash8);
    next->number = last + 1;
    snprintf(next->name, sizeof(next->name), "%06u-%s",
             next->number % (RECS_GENERATION_MAX + 1), hash8);

    return RECS_OK;
}


/* Publishes the verified bundle behind fd into the locked directory. */
static recs_status_t
recs_publish_fd(int fd, const recs_seal_t *verified, recs_publish_dir_t *dir,
    recs_generation_t *gen, recs_error_t *err)
{
    recs_status_t      rc;
    recs_generation_t  next;

    rc = recs_publish_next(dir, verified, &next, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_publish_copy(fd, verified, dir, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_publish_place(dir, &next, err);
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
    int                 fd;
    recs_seal_t         seal;
    recs_status_t       rc;
    recs_generation_t   from;
    recs_publish_dir_t  locked;

    rc = recs_generation_open(bundle_path, &fd, &from, err);
    if (rc != RECS_OK) {
        return rc;
    }

    /* Before the directory is made or locked: it takes its time. */
    rc = recs_publish_verify(fd, bundle_path, &seal, err);

    if (rc == RECS_OK) {
        rc = recs_publish_lock(&locked, dir, 1, err);
    }

    if (rc == RECS_OK) {
        rc = recs_publish_fd(fd, &seal, &locked, gen, err);
        recs_publish_unlock(&locked, rc);
    }

    close(fd);

    return rc;
}


/*
 * The generation to go back to: `to`, or the last one before the current that
 * has another payload.
 */
static recs_status_t
recs_rollback_choose(int dir_fd, const char *dir, uint32_t to,
    recs_generation_t *chosen, recs_error_t *err)
{
    uint32_t            i, n;
    recs_status_t       rc;
    recs_generation_t  *list, current;

    rc = recs_generation_current(dir_fd, dir, &current, err);
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
                    : list[i].number < current.number
                      && strcmp(list[i].name + 7, current.name + 7) != 0)
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

    return recs_error(err, RECS_NOT_FOUND, "\"%s\" has no other payload before "
                      "the current %s", dir, current.name);
}


recs_status_t
recs_rollback(const char *dir, uint32_t to, recs_generation_t *gen,
    recs_error_t *err)
{
    int                 fd;
    recs_seal_t         seal;
    recs_status_t       rc;
    recs_generation_t   chosen;
    recs_publish_dir_t  locked;

    rc = recs_publish_lock(&locked, dir, 0, err);
    if (rc != RECS_OK) {
        return rc;
    }

    fd = -1;

    if ((rc = recs_rollback_choose(locked.fd, dir, to, &chosen, err))
           == RECS_OK
        && (rc = recs_generation_open_named(dir, locked.fd, &chosen, &fd,
                                            err)) == RECS_OK
        && (rc = recs_publish_verify(fd, chosen.name, &seal, err)) == RECS_OK)
    {
        rc = recs_publish_fd(fd, &seal, &locked, gen, err);
    }

    if (fd != -1) {
        close(fd);
    }

    recs_publish_unlock(&locked, rc);

    return rc;
}


recs_status_t
recs_prune(const char *dir, uint32_t keep, uint32_t *n_removed,
    recs_error_t *err)
{
    char                name[RECS_GENERATION_FILE];
    uint32_t            i, n;
    recs_status_t       rc;
    recs_generation_t  *list, current;
    recs_publish_dir_t  locked;

    rc = recs_publish_lock(&locked, dir, 0, err);
    if (rc != RECS_OK) {
        return rc;
    }

    list = NULL;
    *n_removed = 0;

    if ((rc = recs_generation_current(locked.fd, dir, &current, err)) != RECS_OK
        || (rc = recs_publish_list(locked.fd, dir, &list, &n, err)) != RECS_OK)
    {
        goto done;
    }

    (void) unlinkat(locked.fd, RECS_PUBLISH_TMP, 0);
    (void) unlinkat(locked.fd, RECS_CURRENT_TMP, 0);

    for (i = 0; i + (keep > 0 ? keep : 1) < n; i++) {
        if (list[i].number == current.number) {
            continue;
        }

        snprintf(name, sizeof(name), "gen-%s.mdb", list[i].name);

        if (unlinkat(locked.fd, name, 0) == -1) {
            rc = recs_publish_error("remove", name, err);
            goto done;
        }

        (*n_removed)++;
    }

    if (fsync(locked.fd) == -1) {
        rc = recs_publish_error("sync", dir, err);
    }

done:

    free(list);
    recs_publish_unlock(&locked, rc);

    return rc;
}
