#include "recs_ease_lists.h"
#include "recs_sparse.h"

#include <stdlib.h>
#include <string.h>


#define RECS_EASE_LANES     16           /* sources computed together */
#define RECS_EASE_ROWS      64           /* of the Gram matrix, at once */
#define RECS_EASE_PANELS    1024         /* columns that the inverse needs */
#define RECS_EASE_GIB       (1024.0 * 1024 * 1024)


/* A thread's, of the dual form. */
typedef struct {
    float  *rows;                 /* [RECS_EASE_LANES][n_users], X'M */
    float  *turned;               /* [n_users][RECS_EASE_LANES] */
    float  *scores;               /* [RECS_EASE_LANES][n_items], X'M X */
} recs_ease_scratch_t;

typedef struct {
    recs_sparse_t          users;         /* X */
    recs_sparse_copy_t     items;         /* X' */
    const recs_sparse_t   *rows;          /* the shorter of the two */
    const recs_sparse_t   *columns;       /* ... and its transpose */
    double                 regularization;

    float                 *inverse;       /* [n][n], n the rows */
    float                 *scales;        /* [n_items], of each target */
    recs_ease_scratch_t   *scratch;       /* [n_threads] */
    recs_heaviest_t        heaviest;      /* of the weights above 0 */
    recs_heaviest_t        opposed;       /* ... and below, without the sign */
    int                    is_opposed;    /* those are wanted */
} recs_ease_t;


static int
recs_ease_is_dual(const recs_ease_t *ease)
{
    return ease->rows == &ease->users;
}


/* The lower triangle of rows * rows' + regularization I. */
static void
recs_ease_gram(void *data, uint32_t chunk, uint32_t thread)
{
    float                *row;
    uint32_t              i, end;
    uint64_t              at, k;
    recs_ease_t          *ease;
    const recs_sparse_t  *rows, *columns;

    (void) thread;

    ease = data;
    rows = ease->rows;
    columns = ease->columns;
    end = (chunk + 1) * RECS_EASE_ROWS;
    end = end < rows->n_rows ? end : rows->n_rows;

    for (i = chunk * RECS_EASE_ROWS; i < end; i++) {
        row = ease->inverse + (size_t) i * rows->n_rows;

        for (at = rows->offsets[i]; at < rows->offsets[i + 1]; at++) {
            for (k = columns->offsets[rows->columns[at]];
                 k < columns->offsets[rows->columns[at] + 1]
                 && columns->columns[k] <= i;
                 k++)
            {
                row[columns->columns[k]] += 1;
            }
        }

        row[i] += (float) ease->regularization;
    }
}


/* What the weights to an item are scaled by: the header has both forms. */
static void
recs_ease_scale(void *data, uint32_t chunk, uint32_t thread)
{
    float                *row;
    double                sum;
    uint32_t              i, end, n;
    uint64_t              at, k;
    recs_ease_t          *ease;
    const recs_sparse_t  *items;

    (void) thread;

    ease = data;
    items = &ease->items.matrix;
    n = ease->rows->n_rows;
    end = (chunk + 1) * RECS_EASE_ROWS;
    end = end < items->n_rows ? end : items->n_rows;

    for (i = chunk * RECS_EASE_ROWS; i < end; i++) {
        if (!recs_ease_is_dual(ease)) {
            ease->scales[i] = -1 / ease->inverse[(size_t) i * n + i];
            continue;
        }

        sum = 0;

        for (at = items->offsets[i]; at < items->offsets[i + 1]; at++) {
            row = ease->inverse + (size_t) items->columns[at] * n;

            for (k = items->offsets[i]; k < items->offsets[i + 1]; k++) {
                sum += (double) row[items->columns[k]];
            }
        }

        ease->scales[i] = (float) (1 / (1 - sum));
    }
}


/* One source's row before it is scaled: its lists. */
static void
recs_ease_cut(recs_ease_t *ease, const float *row, uint32_t source,
    uint32_t thread)
{
    float     weight;
    uint32_t  i;

    for (i = 0; i < ease->users.n_columns; i++) {
        weight = row[i] * ease->scales[i];

        if (i == source) {
            continue;
        }

        if (weight > 0) {
            recs_heaviest_add(&ease->heaviest, thread, i, weight);

        } else if (weight < 0 && ease->is_opposed) {
            recs_heaviest_add(&ease->opposed, thread, i, -weight);
        }
    }

    recs_heaviest_end(&ease->heaviest, thread, source);

    if (ease->is_opposed) {
        recs_heaviest_end(&ease->opposed, thread, source);
    }
}


static void
recs_ease_run_direct(void *data, uint32_t chunk, uint32_t thread)
{
    uint32_t      source, end, n;
    recs_ease_t  *ease;

    ease = data;
    n = ease->users.n_columns;
    end = (chunk + 1) * RECS_HEAVIEST_CHUNK;
    end = end < n ? end : n;

    for (source = chunk * RECS_HEAVIEST_CHUNK; source < end; source++) {
        recs_ease_cut(ease, ease->inverse + (size_t) source * n, source,
                      thread);
    }
}


/* rows[lane] = the sum of M's rows of the source's users, then turned. */
static void
recs_ease_sum_users(const recs_ease_t *ease, recs_ease_scratch_t *scratch,
    uint32_t first, uint32_t n_lanes)
{
    float                *sums;
    uint32_t              lane, v, n;
    uint64_t              at;
    const float          *row;
    const recs_sparse_t  *items;

    items = &ease->items.matrix;
    n = ease->users.n_rows;
    memset(scratch->rows, 0, (size_t) RECS_EASE_LANES * n * sizeof(float));

    for (lane = 0; lane < n_lanes; lane++) {
        sums = scratch->rows + (size_t) lane * n;

        for (at = items->offsets[first + lane];
             at < items->offsets[first + lane + 1];
             at++)
        {
            row = ease->inverse + (size_t) items->columns[at] * n;

            for (v = 0; v < n; v++) {
                sums[v] += row[v];
            }
        }
    }

    for (v = 0; v < n; v++) {
        for (lane = 0; lane < RECS_EASE_LANES; lane++) {
            scratch->turned[(size_t) v * RECS_EASE_LANES + lane] =
                                       scratch->rows[(size_t) lane * n + v];
        }
    }
}


/* scores[lane][i] = the sum over the users of item i. */
static void
recs_ease_sum_items(const recs_ease_t *ease, recs_ease_scratch_t *scratch)
{
    float                 sums[RECS_EASE_LANES];
    uint32_t              i, lane;
    uint64_t              at;
    const float          *turned;
    const recs_sparse_t  *items;

    items = &ease->items.matrix;

    for (i = 0; i < items->n_rows; i++) {
        memset(sums, 0, sizeof(sums));

        for (at = items->offsets[i]; at < items->offsets[i + 1]; at++) {
            turned = scratch->turned
                     + (size_t) items->columns[at] * RECS_EASE_LANES;

            for (lane = 0; lane < RECS_EASE_LANES; lane++) {
                sums[lane] += turned[lane];
            }
        }

        for (lane = 0; lane < RECS_EASE_LANES; lane++) {
            scratch->scores[(size_t) lane * items->n_rows + i] = sums[lane];
        }
    }
}


static void
recs_ease_run_dual(void *data, uint32_t chunk, uint32_t thread)
{
    uint32_t              source, lane, end, n, n_lanes;
    recs_ease_t          *ease;
    recs_ease_scratch_t  *scratch;

    ease = data;
    scratch = &ease->scratch[thread];
    n = ease->users.n_columns;
    end = (chunk + 1) * RECS_HEAVIEST_CHUNK;
    end = end < n ? end : n;

    for (source = chunk * RECS_HEAVIEST_CHUNK;
         source < end;
         source += RECS_EASE_LANES)
    {
        n_lanes = end - source < RECS_EASE_LANES ? end - source
                                                 : RECS_EASE_LANES;

        recs_ease_sum_users(ease, scratch, source, n_lanes);
        recs_ease_sum_items(ease, scratch);

        for (lane = 0; lane < n_lanes; lane++) {
            recs_ease_cut(ease, scratch->scores + (size_t) lane * n,
                          source + lane, thread);
        }
    }
}


static recs_status_t
recs_ease_allocate(recs_ease_t *ease)
{
    size_t                n, n_users, n_items;
    uint32_t              t;
    recs_ease_scratch_t  *scratch;

    n = ease->rows->n_rows;
    n_users = ease->users.n_rows;
    n_items = ease->users.n_columns;

    ease->inverse = calloc(n * n, sizeof(float));
    ease->scales = malloc(n_items * sizeof(float));
    ease->scratch = calloc(ease->heaviest.n_threads,
                           sizeof(recs_ease_scratch_t));

    if (ease->inverse == NULL || ease->scales == NULL || ease->scratch == NULL
        || recs_heaviest_create(&ease->heaviest) != RECS_OK
        || (ease->is_opposed
            && recs_heaviest_create(&ease->opposed) != RECS_OK))
    {
        return RECS_NOMEM;
    }

    for (t = 0; recs_ease_is_dual(ease) && t < ease->heaviest.n_threads; t++) {
        scratch = &ease->scratch[t];
        scratch->rows = malloc(RECS_EASE_LANES * n_users * sizeof(float));
        scratch->turned = malloc(RECS_EASE_LANES * n_users * sizeof(float));
        scratch->scores = malloc(RECS_EASE_LANES * n_items * sizeof(float));

        if (scratch->rows == NULL || scratch->turned == NULL
            || scratch->scores == NULL)
        {
            return RECS_NOMEM;
        }
    }

    return RECS_OK;
}


static void
recs_ease_free(recs_ease_t *ease)
{
    uint32_t  t;

    for (t = 0; ease->scratch != NULL && t < ease->heaviest.n_threads; t++) {
        free(ease->scratch[t].rows);
        free(ease->scratch[t].turned);
        free(ease->scratch[t].scores);
    }

    free(ease->scratch);
    free(ease->scales);
    free(ease->inverse);
    recs_heaviest_free(&ease->heaviest);
    recs_heaviest_free(&ease->opposed);
    recs_sparse_copy_free(&ease->items);
}


/* In chunks: of rows of the Gram matrix, of items, of sources. */
static recs_status_t
recs_ease_run(recs_ease_t *ease, recs_knn_lists_t *lists,
    recs_knn_lists_t *opposed, const recs_ease_params_t *params,
    recs_threads_t *threads, recs_error_t *err)
{
    uint32_t       n;
    recs_status_t  status;

    n = ease->rows->n_rows;
    recs_threads_run(threads, (n - 1) / RECS_EASE_ROWS + 1, recs_ease_gram,
                     ease);

    status = recs_inverse(ease->inverse, n, threads, params->step,
                          params->data, err);
    if (status != RECS_OK) {
        return status;
    }

    recs_threads_run(threads,
                     (ease->users.n_columns - 1) / RECS_EASE_ROWS + 1,
                     recs_ease_scale, ease);
    recs_threads_run(threads, ease->heaviest.n_chunks,
                     recs_ease_is_dual(ease) ? recs_ease_run_dual
                                             : recs_ease_run_direct,
                     ease);

    status = recs_heaviest_join(&ease->heaviest, lists);

    if (status == RECS_OK && ease->is_opposed
        && (status = recs_heaviest_join(&ease->opposed, opposed)) != RECS_OK)
    {
        recs_knn_lists_free(lists);
    }

    return status == RECS_OK
           ? RECS_OK : recs_error(err, status, "no memory for the neighbours "
                                  "of %u items", ease->users.n_columns);
}


/* Chosen before anything of that size is asked for. */
static recs_status_t
recs_ease_check(const recs_ease_t *ease, double memory, recs_error_t *err)
{
    double  n, gib;

    n = ease->rows->n_rows;
    gib = n * (n + RECS_EASE_PANELS) * sizeof(float) / RECS_EASE_GIB;

    if (gib <= memory) {
        return RECS_OK;
    }

    return recs_error(err, RECS_LIMIT, "the inverse of %u %s squared takes "
                      "%.1f GiB, memory allows %.9g: raise it, or take a "
                      "model without an inverse (knn, blend)",
                      ease->rows->n_rows,
                      recs_ease_is_dual(ease) ? "users" : "items", gib,
                      memory);
}


recs_status_t
recs_ease_lists_build(recs_knn_lists_t *lists, recs_knn_lists_t *opposed,
    const recs_dataset_view_t *view, const recs_ease_params_t *params,
    recs_threads_t *threads, recs_error_t *err)
{
    recs_ease_t    ease;
    recs_status_t  status;

    memset(&ease, 0, sizeof(recs_ease_t));
    ease.users.n_rows = view->n_users;
    ease.users.n_columns = view->n_items;
    ease.users.offsets = view->user_offsets;
    ease.users.columns = view->items;
    ease.regularization = params->regularization;
    ease.heaviest.n_rows = view->n_items;
    ease.heaviest.n_columns = view->n_items;
    ease.heaviest.n_kept = params->n_neighbors;
    ease.heaviest.n_threads = recs_threads_n(threads);
    ease.opposed = ease.heaviest;
    ease.is_opposed = opposed != NULL;

    status = recs_sparse_transpose(&ease.items, &ease.users, err);
    if (status != RECS_OK) {
        return status;
    }

    ease.rows = view->n_users < view->n_items ? &ease.users
                                              : &ease.items.matrix;
    ease.columns = view->n_users < view->n_items ? &ease.items.matrix
                                                 : &ease.users;

    status = recs_ease_check(&ease, params->memory, err);

    if (status == RECS_OK) {
        status = recs_ease_allocate(&ease) == RECS_OK
                 ? recs_ease_run(&ease, lists, opposed, params, threads, err)
                 : recs_error(err, RECS_NOMEM, "no memory for the inverse of "
                              "%u rows squared", ease.rows->n_rows);
    }

    recs_ease_free(&ease);

    return status;
}
