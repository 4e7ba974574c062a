/*
 * The item factors in codes, and which kind of codes a bundle gets.
 */

#include "recs_model_writing.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_kernel.h"
#include "recs_search.h"
#include "recs_topk.h"


/*
 * The kinds are tried out on a part of the catalogue.  Every machine chooses
 * the same: a query whose codes suit the largest span of all kernels finds the
 * same items with each.
 */
#define RECS_TRIAL_SPAN     2
#define RECS_TRIAL_BLOCKS   4096
#define RECS_TRIAL_FLOATS   (16 * 1024 * 1024)
#define RECS_TRIAL_QUERIES  48
#define RECS_TRIAL_BEST     10

/*
 * What the work costs, in bytes of int8 codes scanned: a byte of int4 codes
 * has two factors to multiply, a block's bounds have to be found, a survivor
 * is a row somewhere in memory.
 */
#define RECS_COST_INT4      1.4
#define RECS_COST_BLOCK     300
#define RECS_COST_SURVIVOR  2500
#define RECS_COST_ROW       6.0         /* a byte of a survivor's row */


typedef struct {
    float              *rows;           /* [n_blocks * 32][stride] */
    uint8_t            *codes;
    recs_code_block_t  *blocks;
    int8_t             *query;
    uint32_t            n_blocks;       /* of the part */
    uint32_t            step;           /* of the whole's, to the next */
    uint32_t            n_items;
} recs_trial_t;


/* Gathers a block's rows, padded; returns how many it has. */
static uint32_t
recs_codes_rows(const recs_writing_t *w, uint32_t block, float *to)
{
    size_t    n_factors;
    uint32_t  i, n, first;

    n_factors = w->model->n_factors;
    first = block * RECS_BLOCK_ITEMS;
    n = w->model->items.n - first;
    n = n < RECS_BLOCK_ITEMS ? n : RECS_BLOCK_ITEMS;

    memset(to, 0, (size_t) RECS_BLOCK_ITEMS * w->stride * sizeof(float));

    for (i = 0; i < n; i++) {
        memcpy(to + (size_t) i * w->stride,
               w->model->item_factors
               + w->items[first + i].index * n_factors,
               n_factors * sizeof(float));
    }

    return n;
}


static void
recs_codes_encode_rows(const recs_writing_t *w, recs_codes_kind_t kind,
    const float *rows, uint32_t n, uint8_t *codes, recs_code_block_t *block)
{
    uint32_t      i;
    const float  *of[RECS_BLOCK_ITEMS];

    for (i = 0; i < n; i++) {
        of[i] = rows + (size_t) i * w->stride;
    }

    recs_codes_encode(kind, w->model->n_factors, of, n, w->code_scratch,
                      codes, block);
}


void
recs_model_fill_codes(void *data, uint64_t row, void *dst)
{
    uint32_t         n;
    recs_writing_t  *w;

    w = data;
    n = recs_codes_rows(w, (uint32_t) row, w->code_rows);

    recs_codes_encode_rows(w, w->codes_kind, w->code_rows, n, dst,
                           &w->code_blocks[row]);
}


void
recs_model_fill_code_block(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->code_blocks[row],
           sizeof(recs_code_block_t));
}


/* A user's vector, padded; an item's where users have none. */
static void
recs_trial_query(const recs_writing_t *w, uint32_t i, uint32_t n, float *query)
{
    size_t        n_factors;
    uint32_t      row;
    const float  *rows;

    n_factors = w->model->n_factors;

    if (w->model->user_factors != NULL && w->n_users > 0) {
        row = w->users[(uint64_t) i * w->n_users / n];
        rows = w->model->user_factors;

    } else {
        row = (uint32_t) ((uint64_t) i * w->model->items.n / n);
        rows = w->model->item_factors;
    }

    memset(query, 0, w->stride * sizeof(float));
    memcpy(query, rows + row * n_factors, n_factors * sizeof(float));
}


/* Scores the survivors of a block, which raises the threshold. */
static void
recs_trial_survivors(const recs_writing_t *w, const recs_trial_t *t,
    const float *query, uint32_t block, uint32_t hits, recs_topk_t *topk)
{
    float     score;
    uint32_t  item;

    for ( /* void */ ; hits != 0; hits &= hits - 1) {
        item = block * RECS_BLOCK_ITEMS + (uint32_t) __builtin_ctz(hits);

        if (item < t->n_items) {
            score = recs_kernel()->dot(query,
                                       t->rows + (size_t) item * w->stride,
                                       w->stride);
            recs_topk_push(topk, score, item, item);
        }
    }
}


/* What one query costs with blocks of the kind. */
static double
recs_trial_query_cost(const recs_writing_t *w, const recs_trial_t *t,
    recs_codes_kind_t kind, const float *query)
{
    double             block, survivors;
    uint32_t           hits;
    recs_topk_t        topk;
    recs_scan_t        scan;
    recs_code_query_t  coded;
    recs_topk_entry_t  entries[RECS_TRIAL_BEST];

    coded.codes = t->query;
    recs_codes_query(kind, w->model->n_factors, query, RECS_TRIAL_SPAN,
                     &coded);
    recs_topk_init(&topk, entries, RECS_TRIAL_BEST);

    memset(&scan, 0, sizeof(recs_scan_t));
    scan.codes = t->codes;
    scan.block_size = recs_codes_block_size(kind, w->model->n_factors);
    scan.blocks = t->blocks;
    scan.query = &coded;
    scan.end = t->n_blocks;
    survivors = 0;

    for ( ;; ) {
        scan.threshold = recs_topk_threshold(&topk);

        hits = kind == RECS_CODES_INT8
               ? recs_kernel()->next_int8(&scan)
               : recs_kernel()->next_int4(&scan);

        if (hits == 0) {
            break;
        }

        survivors += __builtin_popcount(hits);
        recs_trial_survivors(w, t, query, scan.block - 1, hits, &topk);
    }

    block = RECS_COST_BLOCK + (double) scan.block_size
                              * (kind == RECS_CODES_INT4 ? RECS_COST_INT4
                                                         : 1.0);

    return (double) scan.block * t->step * block
           + survivors * (RECS_COST_SURVIVOR
                          + RECS_COST_ROW * w->stride * sizeof(float));
}


static double
recs_trial_cost(const recs_writing_t *w, const recs_trial_t *t,
    recs_codes_kind_t kind)
{
    float     query[RECS_FACTORS_MAX];
    double    cost;
    uint32_t  i, first, n;

    for (i = 0; i < t->n_blocks; i++) {
        first = i * RECS_BLOCK_ITEMS;
        n = t->n_items - first < RECS_BLOCK_ITEMS ? t->n_items - first
                                                  : RECS_BLOCK_ITEMS;

        recs_codes_encode_rows(w, kind, t->rows + (size_t) first * w->stride,
                               n, t->codes + i * recs_codes_block_size(kind,
                                                     w->model->n_factors),
                               &t->blocks[i]);
    }

    cost = 0;

    for (i = 0; i < RECS_TRIAL_QUERIES; i++) {
        recs_trial_query(w, i, RECS_TRIAL_QUERIES, query);
        cost += recs_trial_query_cost(w, t, kind, query);
    }

    return cost;
}


static void
recs_trial_free(recs_trial_t *t)
{
    free(t->rows);
    free(t->codes);
    free(t->blocks);
    free(t->query);
}


/* Blocks spread over the whole, so that norms fall as they do there. */
static recs_status_t
recs_trial_create(const recs_writing_t *w, recs_trial_t *t, uint32_t n_blocks,
    recs_error_t *err)
{
    size_t    most;
    uint32_t  i;

    most = RECS_TRIAL_FLOATS / ((size_t) RECS_BLOCK_ITEMS * w->stride);
    most = most < RECS_TRIAL_BLOCKS ? most : RECS_TRIAL_BLOCKS;

    memset(t, 0, sizeof(recs_trial_t));
    t->step = (uint32_t) ((n_blocks + most - 1) / most);
    t->n_blocks = (n_blocks + t->step - 1) / t->step;
    t->rows = malloc((size_t) t->n_blocks * RECS_BLOCK_ITEMS * w->stride
                     * sizeof(float));
    t->codes = malloc((size_t) t->n_blocks * RECS_BLOCK_ITEMS * w->stride);
    t->blocks = malloc(t->n_blocks * sizeof(recs_code_block_t));
    t->query = malloc(recs_codes_query_size(w->model->n_factors));

    if (t->rows == NULL || t->codes == NULL || t->blocks == NULL
        || t->query == NULL)
    {
        recs_trial_free(t);
        return recs_error(err, RECS_NOMEM, "no memory to write the bundle");
    }

    for (i = 0; i < t->n_blocks; i++) {
        t->n_items += recs_codes_rows(w, i * t->step, t->rows
                                      + (size_t) i * RECS_BLOCK_ITEMS
                                        * w->stride);
    }

    return RECS_OK;
}


recs_status_t
recs_model_arrange_codes(recs_writing_t *w, recs_error_t *err)
{
    size_t         block;
    double         int8, int4;
    recs_trial_t   t;
    recs_status_t  rc;

    if (w->model->n_factors == 0) {
        return RECS_OK;
    }

    w->n_blocks = recs_codes_blocks(w->model->items.n);
    block = (size_t) RECS_BLOCK_ITEMS * w->stride * sizeof(float);

    w->code_rows = malloc(block);
    w->code_scratch = malloc(block);
    w->code_blocks = malloc(w->n_blocks * sizeof(recs_code_block_t));

    if (w->code_rows == NULL || w->code_scratch == NULL
        || w->code_blocks == NULL)
    {
        return recs_error(err, RECS_NOMEM, "no memory to write the bundle");
    }

    rc = recs_trial_create(w, &t, w->n_blocks, err);
    if (rc != RECS_OK) {
        return rc;
    }

    int8 = recs_trial_cost(w, &t, RECS_CODES_INT8);
    int4 = recs_trial_cost(w, &t, RECS_CODES_INT4);
    w->codes_kind = int4 < int8 ? RECS_CODES_INT4 : RECS_CODES_INT8;

    recs_trial_free(&t);

    return RECS_OK;
}
