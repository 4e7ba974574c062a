#include "recs_interactions.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>


#define RECS_INTERACTIONS_INITIAL  (64 * 1024)


static recs_status_t recs_interactions_sort(recs_interactions_t *in);
static int recs_interactions_compare(const void *a, const void *b);


recs_status_t
recs_interactions_add(recs_interactions_t *in, const recs_interaction_t *row)
{
    size_t               size;
    recs_interaction_t  *rows;

    if (in->n == in->size) {

        if (in->n > 0 && recs_interactions_compact(in) != RECS_OK) {
            return RECS_NOMEM;
        }

        /* A quarter must be free, or the next sort would come too soon. */

        if (in->n >= in->size - in->size / 4) {
            size = in->size ? 2 * in->size : RECS_INTERACTIONS_INITIAL;

            rows = realloc(in->rows, size * sizeof(recs_interaction_t));
            if (rows == NULL) {
                return RECS_NOMEM;
            }

            in->rows = rows;
            in->size = size;
        }
    }

    in->rows[in->n++] = *row;

    return RECS_OK;
}


recs_status_t
recs_interactions_compact(recs_interactions_t *in)
{
    size_t               k, n;
    recs_interaction_t  *rows;

    if (in->n == 0) {
        return RECS_OK;
    }

    if (recs_interactions_sort(in) != RECS_OK) {
        return RECS_NOMEM;
    }

    rows = in->rows;
    n = 1;

    for (k = 1; k < in->n; k++) {
        if (recs_interactions_compare(&rows[k], &rows[n - 1]) != 0) {
            rows[n++] = rows[k];
        }
    }

    in->n_duplicates += in->n - n;
    in->n = n;

    return RECS_OK;
}


uint64_t
recs_interactions_aggregate(recs_interactions_t *in, const double *weights)
{
    size_t               k, n;
    double               sum;
    uint64_t             merged;
    recs_interaction_t  *rows, *row;

    rows = in->rows;
    n = 0;

    for (k = 0; k < in->n; /* void */ ) {
        row = &rows[n++];
        *row = rows[k];
        sum = 0;

        do {
            sum += (double) rows[k].value * weights[rows[k].event];
            row->time_ms = rows[k].time_ms;
            row->event = rows[k].event;
            k++;
        } while (k < in->n && rows[k].user == row->user
                 && rows[k].item == row->item);

        row->value = sum < FLT_MAX ? (float) sum : FLT_MAX;
    }

    merged = in->n - n;
    in->n = n;

    return merged;
}


void
recs_interactions_free(recs_interactions_t *in)
{
    free(in->rows);
    memset(in, 0, sizeof(*in));
}


/* By user with a counting sort, then each user's few rows by comparison. */

static recs_status_t
recs_interactions_sort(recs_interactions_t *in)
{
    size_t               k, *starts;
    uint32_t             u, n_users;
    recs_interaction_t  *sorted;

    n_users = 0;

    for (k = 0; k < in->n; k++) {
        if (in->rows[k].user >= n_users) {
            n_users = in->rows[k].user + 1;
        }
    }

    starts = calloc(n_users + (size_t) 1, sizeof(size_t));
    sorted = malloc(in->size * sizeof(recs_interaction_t));

    if (starts == NULL || sorted == NULL) {
        free(starts);
        free(sorted);
        return RECS_NOMEM;
    }

    for (k = 0; k < in->n; k++) {
        starts[in->rows[k].user + 1]++;
    }

    for (u = 0; u < n_users; u++) {
        starts[u + 1] += starts[u];
    }

    for (k = 0; k < in->n; k++) {
        sorted[starts[in->rows[k].user]++] = in->rows[k];
    }

    /* Each start has moved to the next one's. */

    for (k = 0, u = 0; u < n_users; u++) {
        qsort(sorted + k, starts[u] - k, sizeof(recs_interaction_t),
              recs_interactions_compare);
        k = starts[u];
    }

    free(starts);
    free(in->rows);
    in->rows = sorted;

    return RECS_OK;
}


static int
recs_interactions_compare(const void *a, const void *b)
{
    const recs_interaction_t  *x, *y;

    x = a;
    y = b;

    if (x->user != y->user) {
        return x->user < y->user ? -1 : 1;
    }

    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }

    if (x->time_ms != y->time_ms) {
        return x->time_ms < y->time_ms ? -1 : 1;
    }

    if (x->event != y->event) {
        return x->event < y->event ? -1 : 1;
    }

    return x->value < y->value ? -1 : x->value > y->value;
}
