#include "recs_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>


#define RECS_SOURCE_BUFFER  65536


struct recs_stream_s {
    const char     *name;
    int             fd;
    int             owns_fd;
    uint64_t        bytes;
    int             eof;
    int             whole;             /* no frame is half read */

    int             gzip;
    z_stream        inflate;
    ZSTD_DStream   *zstd;

    size_t          at;
    size_t          len;
    char            buffer[RECS_SOURCE_BUFFER];
};


static recs_status_t recs_source_detect(recs_stream_t *source,
    recs_error_t *err);
static recs_status_t recs_source_more(recs_stream_t *source,
    recs_error_t *err);
static recs_status_t recs_source_plain(recs_stream_t *source, char *data,
    size_t size, size_t *n);
static recs_status_t recs_source_gunzip(recs_stream_t *source, char *data,
    size_t size, size_t *n, recs_error_t *err);
static recs_status_t recs_source_unzstd(recs_stream_t *source, char *data,
    size_t size, size_t *n, recs_error_t *err);


recs_status_t
recs_source_open(recs_stream_t **source, const char *path, uint64_t *total,
    recs_error_t *err)
{
    struct stat     st;
    recs_status_t   status;
    recs_stream_t  *s;

    s = malloc(sizeof(recs_stream_t));
    if (s == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to read \"%s\"", path);
    }

    memset(s, 0, offsetof(recs_stream_t, buffer));
    s->name = path;
    s->whole = 1;
    s->owns_fd = strcmp(path, "-") != 0;
    s->fd = s->owns_fd ? open(path, O_RDONLY|O_CLOEXEC) : STDIN_FILENO;

    if (s->fd == -1 || fstat(s->fd, &st) == -1) {
        status = recs_error(err, RECS_IO, "cannot open \"%s\": %s", path,
                            strerror(errno));
        goto failed;
    }

    if (S_ISDIR(st.st_mode)) {
        status = recs_error(err, RECS_IO, "cannot read \"%s\": it is a folder,"
                            " not a file", path);
        goto failed;
    }

    status = recs_source_detect(s, err);
    if (status != RECS_OK) {
        goto failed;
    }

    *total = S_ISREG(st.st_mode) ? (uint64_t) st.st_size : 0;
    *source = s;

    return RECS_OK;

failed:

    recs_source_close(s);

    return status;
}


void
recs_source_close(recs_stream_t *source)
{
    if (source == NULL) {
        return;
    }

    if (source->gzip) {
        inflateEnd(&source->inflate);
    }

    ZSTD_freeDStream(source->zstd);

    if (source->owns_fd && source->fd != -1) {
        close(source->fd);
    }

    free(source);
}


recs_status_t
recs_source_read(recs_stream_t *source, char *data, size_t size, size_t *n,
    recs_error_t *err)
{
    recs_status_t  status;

    *n = 0;

    while (*n == 0) {

        if (source->at == source->len) {
            status = recs_source_more(source, err);
            if (status != RECS_OK) {
                return status;
            }
        }

        if (source->eof && source->at == source->len && source->whole) {
            return RECS_OK;
        }

        if (source->gzip) {
            status = recs_source_gunzip(source, data, size, n, err);

        } else if (source->zstd != NULL) {
            status = recs_source_unzstd(source, data, size, n, err);

        } else {
            status = recs_source_plain(source, data, size, n);
        }

        if (status != RECS_OK) {
            return status;
        }

        if (*n == 0 && source->eof && source->at == source->len
            && !source->whole)
        {
            return recs_error(err, RECS_INVALID, "\"%s\" ends in the middle of"
                              " its compressed data", source->name);
        }
    }

    return RECS_OK;
}


uint64_t
recs_source_bytes(const recs_stream_t *source)
{
    return source->bytes;
}


static recs_status_t
recs_source_detect(recs_stream_t *source, recs_error_t *err)
{
    recs_status_t  status;

    while (source->len < 4 && !source->eof) {
        status = recs_source_more(source, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    if (source->len >= 2 && memcmp(source->buffer, "\x1f\x8b", 2) == 0) {

        if (inflateInit2(&source->inflate, 15 + 16) != Z_OK) {
            return recs_error(err, RECS_NOMEM, "no memory to unpack \"%s\"",
                              source->name);
        }

        source->gzip = 1;

    } else if (source->len >= 4
               && memcmp(source->buffer, "\x28\xb5\x2f\xfd", 4) == 0)
    {
        source->zstd = ZSTD_createDStream();

        if (source->zstd == NULL) {
            return recs_error(err, RECS_NOMEM, "no memory to unpack \"%s\"",
                              source->name);
        }
    }

    return RECS_OK;
}


/* Appends to what detect has read, else refills the empty buffer. */

static recs_status_t
recs_source_more(recs_stream_t *source, recs_error_t *err)
{
    ssize_t  n;

    if (source->eof) {
        return RECS_OK;
    }

    if (source->at == source->len) {
        source->at = 0;
        source->len = 0;
    }

    do {
        n = read(source->fd, source->buffer + source->len,
                 RECS_SOURCE_BUFFER - source->len);
    } while (n == -1 && errno == EINTR);

    if (n == -1) {
        return recs_error(err, RECS_IO, "cannot read \"%s\": %s",
                          source->name, strerror(errno));
    }

    source->len += (size_t) n;
    source->bytes += (uint64_t) n;
    source->eof = n == 0;

    return RECS_OK;
}


static recs_status_t
recs_source_plain(recs_stream_t *source, char *data, size_t size, size_t *n)
{
    *n = source->len - source->at;

    if (*n > size) {
        *n = size;
    }

    memcpy(data, source->buffer + source->at, *n);
    source->at += *n;

    return RECS_OK;
}


static recs_status_t
recs_source_gunzip(recs_stream_t *source, char *data, size_t size, size_t *n,
    recs_error_t *err)
{
    int        rc;
    z_stream  *z;

    z = &source->inflate;

    if (source->whole && source->at < source->len) {
        inflateReset(z);
        source->whole = 0;
    }

    z->next_in = (Bytef *) source->buffer + source->at;
    z->avail_in = (uInt) (source->len - source->at);
    z->next_out = (Bytef *) data;
    z->avail_out = (uInt) size;

    rc = inflate(z, Z_NO_FLUSH);

    source->at = source->len - z->avail_in;
    *n = size - z->avail_out;

    if (rc == Z_STREAM_END) {
        source->whole = 1;

    } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
        return recs_error(err, RECS_INVALID, "\"%s\" holds damaged gzip data"
                          " (%s)", source->name,
                          z->msg ? z->msg : "no memory");
    }

    return RECS_OK;
}


static recs_status_t
recs_source_unzstd(recs_stream_t *source, char *data, size_t size, size_t *n,
    recs_error_t *err)
{
    size_t          rc;
    ZSTD_inBuffer   in;
    ZSTD_outBuffer  out;

    in.src = source->buffer;
    in.size = source->len;
    in.pos = source->at;
    out.dst = data;
    out.size = size;
    out.pos = 0;

    rc = ZSTD_decompressStream(source->zstd, &out, &in);

    if (ZSTD_isError(rc)) {
        return recs_error(err, RECS_INVALID, "\"%s\" holds damaged zstd data"
                          " (%s)", source->name, ZSTD_getErrorName(rc));
    }

    source->at = in.pos;
    source->whole = rc == 0;
    *n = out.pos;

    return RECS_OK;
}
