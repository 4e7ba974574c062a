/*
 * bench_response: an HTTP/1.1 response as it arrives.
 */

#ifndef _BENCH_RESPONSE_H_INCLUDED_
#define _BENCH_RESPONSE_H_INCLUDED_


#include <stddef.h>


#define BENCH_RESPONSE_MAX  262144


/* buffer is the caller's; all else zeroed for a new response. */
typedef struct {
    char        *buffer;                /* [BENCH_RESPONSE_MAX + 1] */
    size_t       len;                   /* of what has arrived */
    size_t       body_at;               /* 0: the headers are not whole */
    size_t       need;                  /* in all, if that is known */
    size_t       chunk_at;              /* of the next chunk's size */
    size_t       body_len;              /* without what frames chunks */
    int          status;                /* 200, 204 */
    int          chunked;
    const char  *wrong;
} bench_response_t;


void bench_response_reset(bench_response_t *r);

/* 1: whole, 200 or 204; 0: not yet; -1: r->wrong says why. */
int bench_response_whole(bench_response_t *r);


#endif /* _BENCH_RESPONSE_H_INCLUDED_ */
