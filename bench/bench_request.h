/*
 * bench_request: the requests that a load client sends, one after the other
 * and from the first again.
 */

#ifndef _BENCH_REQUEST_H_INCLUDED_
#define _BENCH_REQUEST_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


#define BENCH_REQUEST_MAX  8192


typedef struct {
    char      *text;
    size_t     len;
    int        numbered;                /* ########## stands in it */
} bench_request_t;

typedef struct {
    bench_request_t  *list;
    uint32_t          n;
    const char       *wrong;
} bench_requests_t;


/*
 * One for each line of the file users, with the cookie uid= of what stands
 * there: a GET of path, or a POST of body where there is one.  1, or 0 and
 * requests->wrong.
 */
int bench_requests_read(bench_requests_t *requests, const char *users,
    const char *path, const char *body);

/*
 * The request of that number, with the number, in ten digits, wherever
 * ########## stands; in numbered[BENCH_REQUEST_MAX] or where it was read.
 */
const char *bench_request_text(const bench_requests_t *requests,
    uint64_t number, char *numbered, size_t *len);


#endif /* _BENCH_REQUEST_H_INCLUDED_ */
