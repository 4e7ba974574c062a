/*
 * recs_status: how every call of the library reports its outcome.
 *
 * A fallible call returns recs_status_t, RECS_OK (0) on success, and takes an
 * optional recs_error_t as its last argument that receives one sentence for
 * a person: what, where and what to do.  The library never prints.
 */

#ifndef _RECS_STATUS_H_INCLUDED_
#define _RECS_STATUS_H_INCLUDED_


#include <stddef.h>


#define RECS_STATUS_MAP(XX)                                                   \
    XX(OK,        "success")                                                  \
    XX(NOMEM,     "out of memory")                                            \
    XX(IO,        "input/output error")                                       \
    XX(INVALID,   "invalid input")                                            \
    XX(CORRUPT,   "damaged file")                                             \
    XX(VERSION,   "unsupported format version")                               \
    XX(NOT_FOUND, "not found")                                                \
    XX(LIMIT,     "limit exceeded")                                           \
    XX(REFUSED,   "refused by a safety rule")

typedef enum {
#define RECS_STATUS_ENUM(name, text)  RECS_##name,
    RECS_STATUS_MAP(RECS_STATUS_ENUM)
#undef RECS_STATUS_ENUM
    RECS_STATUS_COUNT
} recs_status_t;


#define RECS_ERROR_MAX  512

typedef struct {
    recs_status_t  status;
    char           message[RECS_ERROR_MAX];
} recs_error_t;


/* The status in words; a constant string. */
const char *recs_strerror(recs_status_t status);

/*
 * Fills err (which may be NULL) and returns status, so that a failing call
 * reads "return recs_error(err, RECS_IO, ...)".  A message longer than
 * RECS_ERROR_MAX is cut; control characters are replaced by '?', so that a
 * hostile id or file name cannot forge a log line.
 */
recs_status_t recs_error(recs_error_t *err, recs_status_t status,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));


#endif /* _RECS_STATUS_H_INCLUDED_ */
