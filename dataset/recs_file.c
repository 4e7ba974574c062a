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
static void recs_file_sync_folder(const char *path);


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
        file->fd = mkostemp(file->temporary, O_CLOEXEC);
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
    if (recs_file_flush(file, err) != RECS_OK) {
        goto failed;
    }

    if (!file->in_place && fsync(file->fd) == -1) {
        recs_file_error(file, "sync", err);
        goto failed;
    }

    if (close(file->fd) == -1) {
        file->fd = -1;
        recs_file_error(file, "close", err);
        goto failed;
    }

    file->fd = -1;

    if (!file->in_place) {
        if (rename(file->temporary, file->path) == -1) {
            recs_file_error(file, "rename the new file to", err);
            goto failed;
        }

        recs_file_sync_folder(file->path);
    }

    return RECS_OK;

failed:

    recs_file_abort(file);

    return RECS_IO;
}


void
recs_file_abort(recs_file_t *file)
{
    if (file->fd != -1) {
        close(file->fd);
        file->fd = -1;
    }

    if (file->temporary[0] != '\0') {
        unlink(file->temporary);
        file->temporary[0] = '\0';
    }
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


/* Best effort: the file is whole without it, only its name may be lost. */

static void
recs_file_sync_folder(const char *path)
{
    int    fd;
    char   folder[4096];
    char  *slash;

    snprintf(folder, sizeof(folder), "%s", path);
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
