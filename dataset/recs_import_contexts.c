#include "recs_import_contexts.h"

#include <stdlib.h>
#include <string.h>


static recs_status_t recs_import_contexts_row(recs_import_contexts_t *c,
    const recs_context_t *contexts, uint32_t n, uint32_t *number);
static recs_status_t recs_import_contexts_put(recs_id_map_t *map,
    const uint32_t *values, size_t n, uint32_t *number);
static void recs_import_contexts_get(const recs_id_map_t *map,
    uint32_t number, uint32_t *values, size_t n);
static void recs_import_contexts_sort(uint32_t *segments, uint32_t n);
static uint32_t recs_import_contexts_number(const recs_import_contexts_t *c,
    const recs_interaction_t *rows, size_t n, uint32_t *renumbered,
    recs_import_contexts_arrays_t *arrays);
static recs_status_t recs_import_contexts_segments(
    const recs_import_contexts_t *c, recs_contexts_t *contexts,
    recs_import_contexts_arrays_t *arrays);
static recs_status_t recs_import_contexts_names(
    const recs_import_contexts_t *c, const uint32_t *order, uint32_t n,
    recs_import_contexts_arrays_t *arrays);


recs_status_t
recs_import_contexts_init(recs_import_contexts_t *c)
{
    uint32_t  none;

    c->segments = recs_id_map_create();
    c->rows = recs_id_map_create();
    c->pairs = recs_id_map_create();
    c->last[0] = UINT32_MAX;

    if (c->segments == NULL || c->rows == NULL || c->pairs == NULL) {
        return RECS_NOMEM;
    }

    return recs_import_contexts_row(c, NULL, 0, &none);
}


void
recs_import_contexts_free(recs_import_contexts_t *c)
{
    recs_id_map_destroy(c->segments);
    recs_id_map_destroy(c->rows);
    recs_id_map_destroy(c->pairs);
    memset(c, 0, sizeof(*c));
}


recs_status_t
recs_import_contexts_add(recs_import_contexts_t *c, uint32_t event,
    const recs_context_t *contexts, uint32_t n, uint32_t *number)
{
    uint32_t       pair[2];
    recs_status_t  status;

    pair[0] = event;
    pair[1] = 0;

    if (n > 0) {
        status = recs_import_contexts_row(c, contexts, n, &pair[1]);
        if (status != RECS_OK) {
            return status;
        }
    }

    if (pair[0] != c->last[0] || pair[1] != c->last[1]) {
        status = recs_import_contexts_put(c->pairs, pair, 2, &c->last_number);
        if (status != RECS_OK) {
            return status;
        }

        memcpy(c->last, pair, sizeof(pair));
    }

    *number = c->last_number;

    return RECS_OK;
}


uint32_t
recs_import_contexts_event(const recs_import_contexts_t *c, uint32_t number)
{
    uint32_t  pair[2];

    recs_import_contexts_get(c->pairs, number, pair, 2);

    return pair[0];
}


recs_status_t
recs_import_contexts_finish(const recs_import_contexts_t *c,
    const recs_interaction_t *rows, size_t n, recs_contexts_t *contexts,
    recs_import_contexts_arrays_t *arrays)
{
    size_t         n_rows;
    uint32_t      *renumbered;
    recs_status_t  status;

    memset(arrays, 0, sizeof(*arrays));
    memset(contexts, 0, sizeof(*contexts));

    n_rows = recs_id_map_count(c->rows);
    if (n_rows == 1) {
        return RECS_OK;
    }

    renumbered = malloc(n_rows * sizeof(uint32_t));
    arrays->numbers = malloc((n + 1) * sizeof(uint32_t));
    arrays->rows = malloc(n_rows * RECS_CONTEXTS_MAX * sizeof(uint32_t));

    if (renumbered == NULL || arrays->numbers == NULL || arrays->rows == NULL)
    {
        free(renumbered);
        return RECS_NOMEM;
    }

    contexts->n = recs_import_contexts_number(c, rows, n, renumbered, arrays);
    free(renumbered);

    status = RECS_OK;

    /* Those who were in one may all have been dropped. */

    if (contexts->n > 1) {
        status = recs_import_contexts_segments(c, contexts, arrays);
        contexts->numbers = arrays->numbers;
        contexts->rows = arrays->rows;
    }

    return status;
}


static recs_status_t
recs_import_contexts_row(recs_import_contexts_t *c,
    const recs_context_t *contexts, uint32_t n, uint32_t *number)
{
    char           text[RECS_SEGMENT_NAME_MAX];
    uint32_t       i, n_valid, segments[RECS_CONTEXTS_MAX];
    recs_str_t     name;
    recs_status_t  status;

    name.data = text;
    n_valid = 0;
    memset(segments, 0xff, sizeof(segments));

    for (i = 0; i < n; i++) {
        name.len = recs_segment_name(text, contexts[i].name,
                                     contexts[i].value);
        if (name.len == 0) {
            continue;
        }

        status = recs_id_map_add(c->segments, name, &segments[n_valid++]);
        if (status != RECS_OK) {
            return status;
        }
    }

    recs_import_contexts_sort(segments, n_valid);

    return recs_import_contexts_put(c->rows, segments, RECS_CONTEXTS_MAX,
                                    number);
}


static recs_status_t
recs_import_contexts_put(recs_id_map_t *map, const uint32_t *values, size_t n,
    uint32_t *number)
{
    recs_str_t  key;

    key.data = (const char *) values;
    key.len = n * sizeof(uint32_t);

    return recs_id_map_add(map, key, number);
}


static void
recs_import_contexts_get(const recs_id_map_t *map, uint32_t number,
    uint32_t *values, size_t n)
{
    memcpy(values, recs_id_map_id(map, number).data, n * sizeof(uint32_t));
}


static void
recs_import_contexts_sort(uint32_t *segments, uint32_t n)
{
    uint32_t  i, j, segment;

    for (i = 1; i < n; i++) {
        segment = segments[i];

        for (j = i; j > 0 && segments[j - 1] > segment; j--) {
            segments[j] = segments[j - 1];
        }

        segments[j] = segment;
    }
}


/*
 * Numbers the contexts that are left in the order in which they are met, the
 * empty one first; their rows hold segments as they were read.
 */

static uint32_t
recs_import_contexts_number(const recs_import_contexts_t *c,
    const recs_interaction_t *rows, size_t n, uint32_t *renumbered,
    recs_import_contexts_arrays_t *arrays)
{
    size_t    k;
    uint32_t  n_contexts, pair[2];

    memset(renumbered, 0xff, recs_id_map_count(c->rows) * sizeof(uint32_t));
    memset(arrays->rows, 0xff, RECS_CONTEXTS_MAX * sizeof(uint32_t));
    renumbered[0] = 0;
    n_contexts = 1;

    for (k = 0; k < n; k++) {
        recs_import_contexts_get(c->pairs, rows[k].event, pair, 2);

        if (renumbered[pair[1]] == UINT32_MAX) {
            recs_import_contexts_get(c->rows, pair[1], arrays->rows
                                     + (size_t) n_contexts * RECS_CONTEXTS_MAX,
                                     RECS_CONTEXTS_MAX);
            renumbered[pair[1]] = n_contexts++;
        }

        arrays->numbers[k] = renumbered[pair[1]];
    }

    return n_contexts;
}


/* Sorts the segments that are left and gives the rows their new numbers. */

static recs_status_t
recs_import_contexts_segments(const recs_import_contexts_t *c,
    recs_contexts_t *contexts, recs_import_contexts_arrays_t *arrays)
{
    size_t         k, n_places;
    uint8_t       *keep;
    uint32_t       i, n, *order, *ranks;
    recs_status_t  status;

    n = recs_id_map_count(c->segments);
    n_places = (size_t) contexts->n * RECS_CONTEXTS_MAX;

    order = NULL;
    keep = calloc(n + (size_t) 1, 1);
    ranks = malloc((n + (size_t) 1) * sizeof(uint32_t));
    status = RECS_NOMEM;

    if (keep == NULL || ranks == NULL) {
        goto done;
    }

    for (k = 0; k < n_places; k++) {
        if (arrays->rows[k] != RECS_CONTEXT_END) {
            keep[arrays->rows[k]] = 1;
        }
    }

    status = recs_id_map_order(c->segments, keep, &order,
                               &contexts->n_segments);
    if (status != RECS_OK) {
        goto done;
    }

    for (i = 0; i < contexts->n_segments; i++) {
        ranks[order[i]] = i;
    }

    for (k = 0; k < n_places; k++) {
        if (arrays->rows[k] != RECS_CONTEXT_END) {
            arrays->rows[k] = ranks[arrays->rows[k]];
        }
    }

    for (k = 0; k < n_places; k += RECS_CONTEXTS_MAX) {
        recs_import_contexts_sort(arrays->rows + k, RECS_CONTEXTS_MAX);
    }

    status = recs_import_contexts_names(c, order, contexts->n_segments,
                                        arrays);
    contexts->segments = arrays->segments;

done:

    free(keep);
    free(ranks);
    free(order);

    return status;
}


static recs_status_t
recs_import_contexts_names(const recs_import_contexts_t *c,
    const uint32_t *order, uint32_t n, recs_import_contexts_arrays_t *arrays)
{
    char        *p;
    size_t       len;
    uint32_t     i;
    recs_str_t   name;

    len = 0;

    for (i = 0; i < n; i++) {
        len += recs_id_map_id(c->segments, order[i]).len + 1;
    }

    arrays->segments = malloc((n + (size_t) 1) * sizeof(char *));
    arrays->text = malloc(len + 1);

    if (arrays->segments == NULL || arrays->text == NULL) {
        return RECS_NOMEM;
    }

    p = arrays->text;

    for (i = 0; i < n; i++) {
        name = recs_id_map_id(c->segments, order[i]);
        memcpy(p, name.data, name.len);
        p[name.len] = '\0';

        arrays->segments[i] = p;
        p += name.len + 1;
    }

    return RECS_OK;
}
