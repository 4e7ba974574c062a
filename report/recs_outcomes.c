#include "recs_outcomes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


/* Outcomes of one day in a chunk. */
typedef struct {
    uint32_t          day;
    uint32_t          n;
} recs_outcome_run_t;

typedef struct {
    recs_outcome_run_t  *runs;         /* [n_runs], rising */
    uint32_t             n_runs;
    uint32_t             next;         /* run to be read */
    off_t                offset;       /* of it, in the file */
} recs_outcome_chunk_t;

struct recs_outcomes_s {
    const char            *folder;
    int                    fd;         /* -1: none */
    off_t                  len;

    recs_outcome_t        *added;      /* [RECS_OUTCOMES_CHUNK] */
    recs_outcome_t        *sorted;
    uint32_t               n_added;

    recs_outcome_chunk_t  *chunks;
    uint32_t               n_chunks;
    int64_t                last_ms;
};


static recs_status_t recs_outcomes_chunk(recs_outcomes_t *o,
    recs_error_t *err);
static recs_status_t recs_outcomes_sort(recs_outcomes_t *o,
    recs_outcome_chunk_t *chunk, recs_error_t *err);
static recs_status_t recs_outcomes_open(recs_outcomes_t *o,
    recs_error_t *err);
static recs_status_t recs_outcomes_write(recs_outcomes_t *o,
    recs_error_t *err);
static recs_status_t recs_outcomes_read(recs_outcomes_t *o,
    recs_outcome_chunk_t *chunk, recs_error_t *err);


recs_status_t
recs_outcomes_create(recs_outcomes_t **outcomes, const char *folder,
    recs_error_t *err)
{
    recs_outcomes_t  *o;

    o = calloc(1, sizeof(*o));
    if (o == NULL) {
        goto failed;
    }

    o->folder = folder;
    o->fd = -1;
    o->added = malloc(RECS_OUTCOMES_CHUNK * sizeof(recs_outcome_t));
    o->sorted = malloc(RECS_OUTCOMES_CHUNK * sizeof(recs_outcome_t));

    if (o->added == NULL || o->sorted == NULL) {
        goto failed;
    }

    *outcomes = o;

    return RECS_OK;

failed:

    recs_outcomes_destroy(o);

    return recs_error(err, RECS_NOMEM, "no memory for outcomes");
}


void
recs_outcomes_destroy(recs_outcomes_t *o)
{
    uint32_t  i;

    if (o == NULL) {
        return;
    }

    for (i = 0; i < o->n_chunks; i++) {
        free(o->chunks[i].runs);
    }

    if (o->fd != -1) {
        close(o->fd);
    }

    free(o->chunks);
    free(o->added);
    free(o->sorted);
    free(o);
}


recs_status_t
recs_outcomes_add(recs_outcomes_t *o, const recs_outcome_t *outcome,
    recs_error_t *err)
{
    recs_status_t  status;

    if (o->n_added == RECS_OUTCOMES_CHUNK) {
        status = recs_outcomes_chunk(o, err);

        if (status == RECS_OK) {
            status = recs_outcomes_write(o, err);
        }

        if (status != RECS_OK) {
            return status;
        }
    }

    o->added[o->n_added++] = *outcome;

    if ((int64_t) outcome->time_ms > o->last_ms) {
        o->last_ms = (int64_t) outcome->time_ms;
    }

    return RECS_OK;
}


recs_status_t
recs_outcomes_finish(recs_outcomes_t *o, int64_t *last_ms, recs_error_t *err)
{
    recs_status_t  status;

    if (o->n_added != 0) {
        status = recs_outcomes_chunk(o, err);

        /* The only one stays in o->sorted. */

        if (status == RECS_OK && o->n_chunks > 1) {
            status = recs_outcomes_write(o, err);
        }

        if (status != RECS_OK) {
            return status;
        }
    }

    *last_ms = o->last_ms;

    return RECS_OK;
}


recs_status_t
recs_outcomes_next(recs_outcomes_t *o, const recs_outcome_t **day,
    uint32_t *n, recs_error_t *err)
{
    uint32_t               i;
    recs_outcome_chunk_t  *chunk, *first;

    first = NULL;

    for (i = 0; i < o->n_chunks; i++) {
        chunk = &o->chunks[i];

        if (chunk->next < chunk->n_runs
            && (first == NULL || chunk->runs[chunk->next].day
                                 < first->runs[first->next].day))
        {
            first = chunk;
        }
    }

    if (first == NULL) {
        *n = 0;
        return RECS_OK;
    }

    i = first->runs[first->next].n;

    if (o->fd == -1) {
        *day = o->sorted + first->offset;
        first->offset += i;

    } else {
        if (recs_outcomes_read(o, first, err) != RECS_OK) {
            return RECS_IO;
        }

        *day = o->sorted;
    }

    first->next++;
    *n = i;

    return RECS_OK;
}


/* What was added becomes a chunk, in o->sorted. */

static recs_status_t
recs_outcomes_chunk(recs_outcomes_t *o, recs_error_t *err)
{
    recs_outcome_chunk_t  *chunks;

    chunks = realloc(o->chunks,
                     (o->n_chunks + 1) * sizeof(recs_outcome_chunk_t));
    if (chunks == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for outcomes");
    }

    o->chunks = chunks;
    memset(&chunks[o->n_chunks], 0, sizeof(recs_outcome_chunk_t));

    return recs_outcomes_sort(o, &chunks[o->n_chunks++], err);
}


static uint32_t
recs_outcome_day(const recs_outcome_t *outcome)
{
    return (uint32_t) (outcome->time_ms / RECS_OUTCOME_DAY_MS);
}


/* By counting: the days of a chunk are few, 50,000 at the most. */

static recs_status_t
recs_outcomes_sort(recs_outcomes_t *o, recs_outcome_chunk_t *chunk,
    recs_error_t *err)
{
    uint32_t             i, n, day, first, last, *places;
    recs_outcome_run_t  *runs;

    first = recs_outcome_day(&o->added[0]);
    last = first;

    for (i = 1; i < o->n_added; i++) {
        day = recs_outcome_day(&o->added[i]);
        first = day < first ? day : first;
        last = day > last ? day : last;
    }

    places = calloc((size_t) last - first + 2, sizeof(uint32_t));
    if (places == NULL) {
        goto failed;
    }

    n = 0;

    for (i = 0; i < o->n_added; i++) {
        n += places[recs_outcome_day(&o->added[i]) - first + 1]++ == 0;
    }

    runs = malloc(n * sizeof(recs_outcome_run_t));
    if (runs == NULL) {
        goto failed;
    }

    n = 0;

    for (day = first; day <= last; day++) {
        i = places[day - first + 1];

        if (i != 0) {
            runs[n].day = day;
            runs[n++].n = i;
        }

        places[day - first + 1] += places[day - first];
    }

    for (i = 0; i < o->n_added; i++) {
        day = recs_outcome_day(&o->added[i]);
        o->sorted[places[day - first]++] = o->added[i];
    }

    chunk->runs = runs;
    chunk->n_runs = n;
    free(places);

    return RECS_OK;

failed:

    free(places);

    return recs_error(err, RECS_NOMEM, "no memory for outcomes");
}


static recs_status_t
recs_outcomes_open(recs_outcomes_t *o, recs_error_t *err)
{
    char  path[4096];
    int   len;

    o->fd = open(o->folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

    if (o->fd == -1) {
        len = snprintf(path, sizeof(path), "%s/recs-XXXXXX", o->folder);

        if (len < (int) sizeof(path)) {
            o->fd = mkostemp(path, O_CLOEXEC);
        }

        if (o->fd == -1) {
            return recs_error(err, RECS_IO, "cannot make a file in \"%s\" "
                              "(%s): set TMPDIR to a folder with room",
                              o->folder, strerror(errno));
        }

        unlink(path);
    }

    return RECS_OK;
}


/* The last chunk, from o->sorted to the file. */

static recs_status_t
recs_outcomes_write(recs_outcomes_t *o, recs_error_t *err)
{
    size_t       len;
    ssize_t      n;
    const char  *p;

    if (o->fd == -1 && recs_outcomes_open(o, err) != RECS_OK) {
        return RECS_IO;
    }

    o->chunks[o->n_chunks - 1].offset = o->len;

    p = (const char *) o->sorted;
    len = o->n_added * sizeof(recs_outcome_t);

    while (len != 0) {
        n = write(o->fd, p, len);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            return recs_error(err, RECS_IO, "cannot keep outcomes in \"%s\" "
                              "(%s): set TMPDIR to a folder with room",
                              o->folder, strerror(errno));
        }

        p += n;
        len -= (size_t) n;
        o->len += n;
    }

    o->n_added = 0;

    return RECS_OK;
}


/* The chunk's next run into o->sorted. */

static recs_status_t
recs_outcomes_read(recs_outcomes_t *o, recs_outcome_chunk_t *chunk,
    recs_error_t *err)
{
    char     *p;
    size_t    len;
    ssize_t   n;

    p = (char *) o->sorted;
    len = chunk->runs[chunk->next].n * sizeof(recs_outcome_t);

    while (len != 0) {
        n = pread(o->fd, p, len, chunk->offset);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            return recs_error(err, RECS_IO, "cannot read outcomes back from "
                              "\"%s\" (%s)", o->folder, strerror(errno));
        }

        p += n;
        len -= (size_t) n;
        chunk->offset += n;
    }

    return RECS_OK;
}
