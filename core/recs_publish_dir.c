#include "recs_publish_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_generation.h"


#define RECS_PUBLISH_TRIES  100


/* The folder above may be misspelt, so it is not made. */
static recs_status_t
recs_publish_make(recs_publish_dir_t *dir, recs_error_t *err)
{
    int          len, rc;
    const char  *slash;

    recs_temporary_hold();
    rc = mkdir(dir->path, 0755);

    if (rc == 0) {
        dir->made = 1;
        recs_temporary_add(&dir->entry, RECS_TEMPORARY_EMPTY, dir->path);
    }

    recs_temporary_release();

    if (rc == 0 || errno == EEXIST) {
        return RECS_OK;
    }

    len = (int) strlen(dir->path);

    while (len > 1 && dir->path[len - 1] == '/') {
        len--;
    }

    slash = memrchr(dir->path, '/', (size_t) len);

    if (errno != ENOENT || slash == NULL) {
        return recs_publish_error("make", dir->path, err);
    }

    return recs_error(err, RECS_NOT_FOUND, "cannot make \"%s\": the folder "
                      "above it is missing; run mkdir -p \"%.*s\" first",
                      dir->path, (int) (slash - dir->path), dir->path);
}


/* A directory that we have made stays only if something came of it. */
void
recs_publish_unlock(recs_publish_dir_t *dir, recs_status_t rc)
{
    if (dir->made) {

        if (rc != RECS_OK) {
            recs_temporary_discard(&dir->entry);

        } else {
            recs_temporary_hold();
            recs_temporary_forget(&dir->entry);
            recs_temporary_release();
        }

        dir->made = 0;
    }

    if (dir->fd != -1) {
        close(dir->fd);
        dir->fd = -1;
    }
}


/* One that we have made is for workers of another user, whatever the umask. */
static recs_status_t
recs_publish_open(recs_publish_dir_t *dir, struct stat *st,
    recs_error_t *err)
{
    dir->fd = open(dir->path, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dir->fd == -1) {
        return recs_publish_error("open model directory", dir->path, err);
    }

    if (flock(dir->fd, LOCK_EX) == -1 || fstat(dir->fd, st) == -1) {
        return recs_publish_error("lock", dir->path, err);
    }

    if (dir->made && fchmod(dir->fd, (st->st_mode & 07777) | 0755) == -1) {
        return recs_publish_error("open to all readers", dir->path, err);
    }

    return RECS_OK;
}


recs_status_t
recs_publish_lock(recs_publish_dir_t *dir, const char *path, int create,
    recs_error_t *err)
{
    int            n;
    uint32_t       i;
    struct stat    st;
    recs_status_t  rc;

    dir->fd = -1;
    dir->path = path;
    dir->made = 0;

    n = snprintf(dir->copy, sizeof(dir->copy), "%s/" RECS_PUBLISH_TMP, path);
    if (n < 0 || (size_t) n >= sizeof(dir->copy)) {
        return recs_error(err, RECS_INVALID, "\"%.64s\" is too long a name",
                          path);
    }

    for (i = 0; /* void */ ; i++) {
        if (create && (rc = recs_publish_make(dir, err)) != RECS_OK) {
            return rc;
        }

        rc = recs_publish_open(dir, &st, err);

        if (rc == RECS_OK && st.st_nlink > 0) {
            return RECS_OK;
        }

        recs_publish_unlock(dir, RECS_IO);

        /*
         * Its maker may have failed and removed it, before we had opened it or
         * while we waited for the lock: once more.  But a link to nothing is
         * there and cannot be opened for ever.
         */

        if (rc != RECS_OK
            && (!create || rc != RECS_NOT_FOUND || i == RECS_PUBLISH_TRIES))
        {
            return rc;
        }
    }
}
