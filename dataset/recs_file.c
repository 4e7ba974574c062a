#include "recs_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


static recs_status_t recs_file_error(recs_file_t *file, const char *what,
    recs_error_t *err);
static recs_status_t recs_file_flush(recs_file_t *file, recs_error_t *err);
static recs_status_t recs_file_close(recs_file_t *file, recs_error_t *err);
static recs_status_t recs_file_rename(recs_file_t *file, recs_error_t *err);
static void recs_file_sync_folder(const recs_file_t *file);


recs_status_t
recs_file_create(recs_file_t *file, const char *path, recs_error_t *err)
{
    int          n;
    mode_t       mask;
    struct stat  st;

    file->fd = -1;
    file->in_place = 0;
    file->offset = 0;
    file->len = 0;
    file->temporary[0] = '\0';

    n = snprintf(file->path, sizeof(file->path), "%s", path);
    if (n == 0 || (size_t) n > sizeof(file->path) - 16) {
        return recs_error(err, RECS_INVALID, "\"%.64s\" is no usable name of"
                          " a file", path);
    }

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {

        if (S_ISDIR(st.st_mode)) {
            return recs_error(err, RECS_IO, "cannot write \"%s\": it is a"
                              " folder; name a file", path);
        }

        file->in_place = 1;
        file->fd = open(path, O_WRONLY|O_CLOEXEC);

    } else {
        snprintf(file->temporary, sizeof(file->temporary), "%.4080s.XXXXXX",
                 path);

        recs_temporary_hold();
        file->fd = mkostemp(file->temporary, O_CLOEXEC);

        if (file->fd != -1) {
            recs_temporary_add(&file->entry, RECS_TEMPORARY_FILE,
                               file->temporary);
        }

        recs_temporary_release();
    }

    if (file->fd == -1) {
        file->temporary[0] = '\0';
        return recs_error(err, RECS_IO, "cannot create \"%s\": %s", path,
                          strerror(errno));
    }

    if (!file->in_place) {
        mask = umask(0);
        umask(mask);
        fchmod(file->fd, 0666 & ~mask);
    }

    return RECS_OK;
}


recs_status_t
recs_file_write(recs_file_t *file, const void *data, size_t len,
    recs_error_t *err)
{
    size_t       n;
    const char  *p;

    p = data;
    file->offset += len;

    while (len > 0) {

        if (file->len == sizeof(file->buffer)
            && recs_file_flush(file, err) != RECS_OK)
        {
            return RECS_IO;
        }

        n = sizeof(file->buffer) - file->len;
        if (n > len) {
            n = len;
        }

        memcpy(file->buffer + file->len, p, n);
        file->len += n;
        p += n;
        len -= n;
    }

    return RECS_OK;
}


recs_status_t
recs_file_patch(recs_file_t *file, uint64_t offset, const void *data,
    size_t len, recs_error_t *err)
{
    ssize_t  n;

    if (recs_file_flush(file, err) != RECS_OK) {
        return RECS_IO;
    }

    n = pwrite(file->fd, data, len, (off_t) offset);
    if (n != (ssize_t) len) {
        return recs_file_error(file, "write", err);
    }

    return RECS_OK;
}


recs_status_t
recs_file_commit(recs_file_t *file, recs_error_t *err)
{
    recs_status_t  status;

    status = recs_file_close(file, err);

    if (status == RECS_OK) {
        recs_temporary_hold();
        status = recs_file_rename(file, err);
        recs_temporary_release();
    }

    if (status != RECS_OK) {
        recs_file_abort(file);
        return status;
    }

    recs_file_sync_folder(file);

    return RECS_OK;
}


recs_status_t
recs_file_put(const char *path, const void *data, size_t len,
    recs_error_t *err)
{
    recs_file_t    *file;
    recs_status_t   status;

    file = malloc(sizeof(recs_file_t));
    if (file == NULL) {
        return recs_error(err, RECS_NOMEM, "%s: out of memory", path);
    }

    status = recs_file_create(file, path, err);

    if (status == RECS_OK) {
        status = recs_file_write(file, data, len, err);

        if (status == RECS_OK) {
            status = recs_file_commit(file, err);

        } else {
            recs_file_abort(file);
        }
    }

    free(file);

    return status;
}


recs_status_t
recs_file_commit_both(recs_file_t *one, recs_file_t *two, recs_error_t *err)
{
    recs_status_t  status;

    status = recs_file_close(one, err);

    if (status == RECS_OK) {
        status = recs_file_close(two, err);
    }

    if (status == RECS_OK) {
        recs_temporary_hold();

        status = recs_file_rename(one, err);

        if (status == RECS_OK) {
            status = recs_file_rename(two, err);

            if (status != RECS_OK && !one->in_place) {
                (void) unlink(one->path);
            }
        }

        recs_temporary_release();
    }

    if (status != RECS_OK) {
        recs_file_abort(one);
        recs_file_abort(two);
        return status;
    }

    recs_file_sync_folder(one);
    recs_file_sync_folder(two);

    return RECS_OK;
}


void
recs_file_abort(recs_file_t *file)
{
    if (file->fd != -1) {
        close(file->fd);
        file->fd = -1;
    }

    if (file->temporary[0] != '\0') {
        recs_temporary_discard(&file->entry);
        file->temporary[0] = '\0';
    }
}


recs_status_t
recs_file_apart(const char *output, const char *input, recs_error_t *err)
{
    int          rc;
    struct stat  out, in;

    if (stat(output, &out) == -1 || !S_ISREG(out.st_mode)) {
        return RECS_OK;
    }

    rc = strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &in)
                                 : stat(input, &in);

    if (rc == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
        return recs_error(err, RECS_REFUSED, "\"%s\" is an input, which the"
                          " output would replace; name another file", output);
    }

    return RECS_OK;
}


static recs_status_t
recs_file_error(recs_file_t *file, const char *what, recs_error_t *err)
{
    return recs_error(err, RECS_IO, "cannot %s \"%s\": %s", what, file->path,
                      strerror(errno));
}


static recs_status_t
recs_file_flush(recs_file_t *file, recs_error_t *err)
{
    size_t   done;
    ssize_t  n;

    for (done = 0; done < file->len; done += (size_t) n) {
        n = write(file->fd, file->buffer + done, file->len - done);

        if (n == -1 && errno == EINTR) {
            n = 0;

        } else if (n <= 0) {
            return recs_file_error(file, "write", err);
        }
    }

    file->len = 0;

    return RECS_OK;
}


static recs_status_t
recs_file_close(recs_file_t *file, recs_error_t *err)
{
    int  rc;

    if (recs_file_flush(file, err) != RECS_OK) {
        return RECS_IO;
    }

    if (!file->in_place && fsync(file->fd) == -1) {
        return recs_file_error(file, "sync", err);
    }

    rc = close(file->fd);
    file->fd = -1;

    return rc == -1 ? recs_file_error(file, "close", err) : RECS_OK;
}


/* While held: the file has its name and is not temporary any more in one. */

static recs_status_t
recs_file_rename(recs_file_t *file, recs_error_t *err)
{
    if (file->in_place) {
        return RECS_OK;
    }

    if (rename(file->temporary, file->path) == -1) {
        return recs_file_error(file, "rename the new file to", err);
    }

    recs_temporary_forget(&file->entry);
    file->temporary[0] = '\0';

    return RECS_OK;
}


/* Best effort: the file is whole without it, only its name may be lost. */

static void
recs_file_sync_folder(const recs_file_t *file)
{
    int    fd;
    char   folder[4096];
    char  *slash;

    if (file->in_place) {
        return;
    }

    snprintf(folder, sizeof(folder), "%s", file->path);
    slash = strrchr(folder, '/');

    if (slash == NULL) {
        strcpy(folder, ".");

    } else {
        slash[slash == folder] = '\0';
    }

    fd = open(folder, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (fd != -1) {
        fsync(fd);
        close(fd);
    }
}
