#include "recs_bundle_private.h"

#include <stdlib.h>
#include <sys/mman.h>


#define RECS_SETTLE_BUFFER  ((uint64_t) 128 * 1024)


/* For a kernel without MADV_POPULATE_READ, or to learn what it met. */
static recs_status_t
recs_settle_read(const recs_bundle_t *b, int fd, uint64_t start,
    uint64_t end, recs_error_t *err)
{
    char           *buf;
    size_t          n;
    recs_status_t   rc;

    buf = malloc(RECS_SETTLE_BUFFER);
    if (buf == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to check \"%s\"",
                          b->name);
    }

    for (rc = RECS_OK; start < end && rc == RECS_OK; start += n) {
        n = (size_t) (end - start < RECS_SETTLE_BUFFER ? end - start
                                                       : RECS_SETTLE_BUFFER);
        rc = recs_seal_pread(fd, b->name, buf, n, start, err);
    }

    free(buf);

    return rc;
}


recs_status_t
recs_bundle_settle(const recs_bundle_t *b, int fd, uint64_t start,
    uint64_t end, recs_error_t *err)
{
    start -= start % b->meta.psize;

    if (start >= end) {
        return RECS_OK;
    }

#if defined(MADV_POPULATE_READ)
    if (madvise((void *) (uintptr_t) (b->map + start), end - start,
                MADV_POPULATE_READ) == 0)
    {
        return RECS_OK;
    }
#endif

    return recs_settle_read(b, fd, start, end, err);
}


recs_status_t
recs_bundle_settle_table(const recs_bundle_t *b, int fd, recs_table_id_t id,
    recs_error_t *err)
{
    uint32_t                    i;
    uint64_t                    start;
    recs_status_t               rc;
    const recs_loaded_table_t  *t;

    t = &b->tables[id];

    for (i = 0; i < t->n_shards; i++) {
        start = (uint64_t) (t->shards[i] - b->map);

        rc = recs_bundle_settle(b, fd, start, start + t->sizes[i], err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}
