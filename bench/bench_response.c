#include "bench_response.h"

#include <stdlib.h>
#include <string.h>


void
bench_response_reset(bench_response_t *r)
{
    char  *buffer;

    buffer = r->buffer;
    memset(r, 0, sizeof(bench_response_t));
    r->buffer = buffer;
}


static int
bench_response_wrong(bench_response_t *r, const char *wrong)
{
    r->wrong = wrong;

    return -1;
}


/* 0: read, or not whole yet. */
static int
bench_response_headers(bench_response_t *r)
{
    char  *end, *p;

    end = memmem(r->buffer, r->len, "\r\n\r\n", 4);
    if (end == NULL) {
        return 0;
    }

    if (memcmp(r->buffer, "HTTP/1.1 20", 11) != 0
        || (r->buffer[11] != '0' && r->buffer[11] != '4'))
    {
        return bench_response_wrong(r, "the status is not 200 or 204");
    }

    *end = '\0';
    r->status = 200 + r->buffer[11] - '0';
    r->body_at = (size_t) (end - r->buffer) + 4;
    r->chunk_at = r->body_at;

    if (r->status == 204) {
        r->need = r->body_at;
        return 0;
    }

    p = strcasestr(r->buffer, "\r\nContent-Length: ");

    if (p != NULL) {
        r->body_len = strtoul(p + 18, NULL, 10);
        r->need = r->body_at + r->body_len;

        return r->body_len < BENCH_RESPONSE_MAX
               ? 0 : bench_response_wrong(r, "it is too long");
    }

    r->chunked = 1;

    return strcasestr(r->buffer, "\r\nTransfer-Encoding: chunked") != NULL
           ? 0 : bench_response_wrong(r, "it is of no known length");
}


static int
bench_response_chunks(bench_response_t *r)
{
    char    *line, *end;
    size_t   size, rest;

    for ( ;; ) {
        line = r->buffer + r->chunk_at;
        end = memmem(line, r->len - r->chunk_at, "\r\n", 2);

        if (end == NULL) {
            return 0;
        }

        size = strtoul(line, NULL, 16);
        rest = r->len - (size_t) (end + 2 - r->buffer);

        if (size > BENCH_RESPONSE_MAX) {
            return bench_response_wrong(r, "a chunk is too long");
        }

        if (rest < size + 2) {
            return 0;
        }

        if (end[2 + size] != '\r' || end[3 + size] != '\n') {
            return bench_response_wrong(r, "its chunks are broken");
        }

        if (size == 0) {
            return rest == 2
                   ? 1 : bench_response_wrong(r, "bytes follow its end");
        }

        r->body_len += size;
        r->chunk_at = (size_t) (end + 2 - r->buffer) + size + 2;
    }
}


int
bench_response_whole(bench_response_t *r)
{
    if (r->body_at == 0 && bench_response_headers(r) == -1) {
        return -1;
    }

    if (r->body_at == 0) {
        return r->len < BENCH_RESPONSE_MAX
               ? 0 : bench_response_wrong(r, "its headers are too long");
    }

    if (r->chunked) {
        return bench_response_chunks(r);
    }

    if (r->len > r->need) {
        return bench_response_wrong(r, "it is longer than it says");
    }

    return r->len == r->need;
}
