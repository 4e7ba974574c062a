/*
 * The lists of a bundle: what users have seen, what they touched last, and
 * the neighbours of items.  The scorer takes every number in them as an
 * index.
 *
 * They are most of what is not vectors, so each is looked at in the chunk of
 * the file that it begins in, by whichever thread has read that.  That a
 * table's lists lie one behind the other, so that those of a chunk are next
 * to each other and none is left out, is checked apart.
 */

#include "recs_bundle_private.h"

#include <stdlib.h>

#include "recs_lists.h"


struct recs_marks_s {
    uint8_t   mark;             /* of the list at hand */
    uint32_t  n_items;
    uint8_t   of[];                                     /* [n_items] */
};

/* What is wrong with row's list, or NULL. */
typedef const char *(*recs_list_check_t)(const recs_bundle_t *b,
    uint64_t row, recs_str_t run, recs_marks_t *marks);


recs_marks_t *
recs_marks_create(uint32_t n_items)
{
    recs_marks_t  *marks;

    marks = calloc(1, sizeof(recs_marks_t) + n_items);

    if (marks != NULL) {
        marks->n_items = n_items;
    }

    return marks;
}


/* Makes every item unmarked. */
static void
recs_marks_next(recs_marks_t *marks)
{
    uint32_t  i;

    marks->mark++;

    if (marks->mark > 0) {
        return;
    }

    for (i = 0; i < marks->n_items; i++) {
        marks->of[i] = 0;
    }

    marks->mark = 1;
}


/* Marks an item; 0 if there is no such item or it has the mark. */
static int
recs_marks_set(recs_marks_t *marks, uint32_t item)
{
    if (item >= marks->n_items || marks->of[item] == marks->mark) {
        return 0;
    }

    marks->of[item] = marks->mark;

    return 1;
}


static const char *
recs_check_seen_list(const recs_bundle_t *b, uint64_t row, recs_str_t run,
    recs_marks_t *marks)
{
    (void) row;
    (void) marks;

    if (run.len % sizeof(uint32_t) != 0) {
        return "a seen list is malformed";
    }

    return recs_lists_rising((const uint32_t *) (const void *) run.data,
                             (uint32_t) (run.len / sizeof(uint32_t)),
                             b->view.n_items)
           ? NULL : "a seen list is out of order or range";
}


static const char *
recs_check_recent_list(const recs_bundle_t *b, uint64_t row, recs_str_t run,
    recs_marks_t *marks)
{
    uint32_t         i, n;
    const uint32_t  *recent;

    (void) row;

    n = (uint32_t) (run.len / sizeof(uint32_t));
    recent = (const uint32_t *) (const void *) run.data;

    if (run.len % sizeof(uint32_t) != 0 || n > b->view.neighbor_history) {
        return "a recent list is malformed";
    }

    recs_marks_next(marks);

    for (i = 0; i < n; i++) {
        if (!recs_marks_set(marks, recent[i])) {
            return "a recent list repeats an item or is out of range";
        }
    }

    return NULL;
}


/* A list of the item, or with RECS_ITEM_NO of none. */
static const char *
recs_check_weights(const recs_bundle_t *b, uint32_t item, recs_str_t run)
{
    size_t             id_size;
    recs_neighbors_t   list;

    id_size = b->view.neighbor_id_size;
    list.n = (uint32_t) (run.len / (id_size + 1));
    list.ids = run.data;
    list.weights = (const uint8_t *) run.data + list.n * id_size;

    if (list.n * (id_size + 1) != run.len) {
        return "a neighbour list is malformed";
    }

    return recs_lists_neighbors(&list, (unsigned) id_size, item,
                                b->view.n_items);
}


static const char *
recs_check_neighbor_list(const recs_bundle_t *b, uint64_t row,
    recs_str_t run, recs_marks_t *marks)
{
    (void) marks;

    return recs_check_weights(b, (uint32_t) row, run);
}


static const char *
recs_check_user_list(const recs_bundle_t *b, uint64_t row, recs_str_t run,
    recs_marks_t *marks)
{
    (void) row;
    (void) marks;

    return recs_check_weights(b, RECS_ITEM_NO, run);
}


static const struct {
    recs_table_id_t     bytes;
    recs_table_id_t     spans;
    recs_list_check_t   check;
} recs_list_kinds[] = {
    { RECS_TABLE_SEEN_ITEMS, RECS_TABLE_SEEN_SPANS, recs_check_seen_list },
    { RECS_TABLE_RECENT_ITEMS, RECS_TABLE_RECENT_SPANS,
      recs_check_recent_list },
    { RECS_TABLE_NEIGHBORS, RECS_TABLE_NEIGHBOR_SPANS,
      recs_check_neighbor_list },
    { RECS_TABLE_OPPOSED, RECS_TABLE_OPPOSED_SPANS,
      recs_check_neighbor_list },
    { RECS_TABLE_USER_LISTS, RECS_TABLE_USER_LIST_SPANS,
      recs_check_user_list }
};

#define RECS_LIST_KINDS                                                       \
    (sizeof(recs_list_kinds) / sizeof(recs_list_kinds[0]))


int
recs_bundle_is_list(recs_table_id_t id)
{
    unsigned  k;

    for (k = 0; k < RECS_LIST_KINDS; k++) {
        if (recs_list_kinds[k].bytes == id) {
            return 1;
        }

        if (recs_list_kinds[k].spans == id) {
            return 2;
        }
    }

    return 0;
}


/* That each begins where the one before has ended, or behind. */
static recs_status_t
recs_check_apart(const recs_bundle_t *b, recs_table_id_t spans,
    recs_error_t *err)
{
    uint64_t             i;
    const recs_span_t   *former, *span;
    const recs_table_t  *t;

    t = &b->tables[spans].table;

    for (i = 1; i < t->n_rows; i++) {
        former = recs_table_row(t, i - 1);
        span = recs_table_row(t, i);

        if (span->shard < former->shard
            || (span->shard == former->shard
                && span->offset < former->offset + former->len))
        {
            return recs_check_error(b, "a list begins within another", i,
                                    err);
        }
    }

    return RECS_OK;
}


recs_status_t
recs_bundle_check_list_spans(const recs_bundle_t *b, recs_error_t *err)
{
    unsigned       k;
    recs_status_t  rc;

    for (k = 0; k < RECS_LIST_KINDS; k++) {
        if (b->tables[recs_list_kinds[k].bytes].n_shards == 0) {
            continue;
        }

        if ((rc = recs_check_spans(b, recs_list_kinds[k].bytes,
                                   recs_list_kinds[k].spans, err)) != RECS_OK
            || (rc = recs_check_apart(b, recs_list_kinds[k].spans, err))
               != RECS_OK)
        {
            return rc;
        }
    }

    return RECS_OK;
}


/* The first row whose list begins in the shard at offset or behind. */
static uint64_t
recs_lists_first(const recs_table_t *spans, uint32_t shard, uint64_t offset)
{
    uint64_t            low, high, middle;
    const recs_span_t  *span;

    low = 0;
    high = spans->n_rows;

    while (low < high) {
        middle = low + (high - low) / 2;
        span = recs_table_row(spans, middle);

        if (span->shard < shard
            || (span->shard == shard && span->offset < offset))
        {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low;
}


/* A list that begins in the chunk; where it does not end there, in the map. */
static recs_status_t
recs_look_list(const recs_chunk_t *chunk, unsigned k, uint64_t row,
    uint64_t at, recs_marks_t *marks, int *wrong, recs_error_t *err)
{
    recs_str_t            run;
    recs_status_t         rc;
    const recs_span_t    *span;
    const recs_bundle_t  *b;

    b = chunk->bundle;
    span = recs_table_row(&b->tables[recs_list_kinds[k].spans].table, row);

    run.data = chunk->bytes + (at - chunk->at);
    run.len = span->len;

    if (run.len > chunk->at + chunk->room - at) {
        rc = recs_bundle_settle(b, chunk->fd, at, at + run.len, err);
        if (rc != RECS_OK) {
            return rc;
        }

        run.data = b->map + at;
    }

    *wrong |= recs_list_kinds[k].check(b, row, run, marks) != NULL;

    return RECS_OK;
}


static recs_status_t
recs_look_shard(const recs_chunk_t *chunk, unsigned k, uint32_t shard,
    recs_marks_t *marks, int *wrong, recs_error_t *err)
{
    uint64_t                    start, row, at;
    recs_status_t               rc;
    const recs_span_t          *span;
    const recs_table_t         *spans;
    const recs_loaded_table_t  *bytes;

    bytes = &chunk->bundle->tables[recs_list_kinds[k].bytes];
    spans = &chunk->bundle->tables[recs_list_kinds[k].spans].table;
    start = (uint64_t) (bytes->shards[shard] - chunk->bundle->map);

    if (start >= chunk->at + chunk->size
        || start + bytes->sizes[shard] < chunk->at)
    {
        return RECS_OK;
    }

    for (row = recs_lists_first(spans, shard,
                                chunk->at > start ? chunk->at - start : 0);
         row < spans->n_rows;
         row++)
    {
        span = recs_table_row(spans, row);
        at = start + span->offset;

        if (span->shard != shard || at >= chunk->at + chunk->size) {
            break;
        }

        /* Nobody may have looked at the spans by now. */
        if (at < chunk->at
            || !recs_check_span(chunk->bundle, recs_list_kinds[k].bytes,
                                span))
        {
            *wrong = 1;
            break;
        }

        rc = recs_look_list(chunk, k, row, at, marks, wrong, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


recs_status_t
recs_bundle_look_lists(const recs_chunk_t *chunk, recs_marks_t *marks,
    int *wrong, recs_error_t *err)
{
    unsigned       k;
    uint32_t       s;
    recs_status_t  rc;

    for (k = 0, rc = RECS_OK; k < RECS_LIST_KINDS; k++) {
        for (s = 0;
             s < chunk->bundle->tables[recs_list_kinds[k].bytes].n_shards
             && rc == RECS_OK;
             s++)
        {
            rc = recs_look_shard(chunk, k, s, marks, wrong, err);
        }
    }

    return rc;
}


static recs_status_t
recs_check_lists_of(const recs_bundle_t *b, unsigned k, recs_marks_t *marks,
    recs_error_t *err)
{
    uint64_t          row;
    recs_str_t        run;
    const char       *wrong;
    recs_table_id_t   bytes, spans;

    bytes = recs_list_kinds[k].bytes;
    spans = recs_list_kinds[k].spans;

    for (row = 0; row < b->tables[spans].table.n_rows; row++) {
        run = recs_bundle_run(b, bytes, spans, row);
        wrong = recs_list_kinds[k].check(b, row, run, marks);

        if (wrong != NULL) {
            return recs_check_error(b, wrong, row, err);
        }
    }

    return RECS_OK;
}


recs_status_t
recs_bundle_check_lists(const recs_bundle_t *b, int fd, recs_marks_t *marks,
    recs_error_t *err)
{
    unsigned         k;
    recs_status_t    rc;
    recs_table_id_t  bytes;

    for (k = 0; k < RECS_LIST_KINDS; k++) {
        bytes = recs_list_kinds[k].bytes;

        if (b->tables[bytes].n_shards == 0) {
            continue;
        }

        if ((rc = recs_bundle_settle_table(b, fd, bytes, err)) != RECS_OK
            || (rc = recs_check_lists_of(b, k, marks, err)) != RECS_OK)
        {
            return rc;
        }
    }

    return recs_error(err, RECS_CORRUPT, "\"%s\" changed while it was read",
                      b->name);
}
