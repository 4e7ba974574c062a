/*
 * The item factors in codes.  A block's bounds decide what is not scored: that
 * they are bounds of just these rows is recomputed for some blocks.  For all,
 * it would cost several times what reading the file does; like the factors
 * themselves they are the writer's word, under the seal.
 */

#include "recs_bundle_private.h"

#include <math.h>


#define RECS_CHECKED_BLOCKS  32


static int
recs_check_code_block(const recs_bundle_view_t *v, uint32_t i)
{
    uint32_t                  first, last;
    const recs_code_block_t  *b;

    b = &v->code_blocks[i];
    first = i * RECS_BLOCK_ITEMS;
    last = v->n_items - first < RECS_BLOCK_ITEMS
           ? v->n_items - 1 : first + RECS_BLOCK_ITEMS - 1;

    return b->norm == v->item_norms[first]
           && b->norm <= RECS_NORM_MAX * 1.01
           && b->norm_min >= 0.0f && b->norm_min <= v->item_norms[last]
           && isfinite(b->scale) && b->scale > 0.0f
           && isfinite(b->error) && b->error >= 0.0f;
}


/* Rows from first to last of a table, which may cross its shards. */
static recs_status_t
recs_check_settle_rows(const recs_bundle_t *b, int fd, const recs_table_t *t,
    uint64_t first, uint64_t last, recs_error_t *err)
{
    uint64_t       i, n, start;
    recs_status_t  rc;

    for (i = first, rc = RECS_OK; i <= last && rc == RECS_OK; i += n) {
        n = t->rows_per_shard - i % t->rows_per_shard;
        n = n < last - i + 1 ? n : last - i + 1;

        start = (uint64_t) ((const char *) recs_table_row(t, i) - b->map);
        rc = recs_bundle_settle(b, fd, start, start + n * t->row_size, err);
    }

    return rc;
}


/* All that recs_check_code_errors() looks at is in tables not yet settled. */
static recs_status_t
recs_check_settle_block(const recs_bundle_t *b, int fd, uint32_t i,
    recs_error_t *err)
{
    uint32_t                   first, last;
    recs_status_t              rc;
    const recs_bundle_view_t  *v;

    v = &b->view;
    first = i * RECS_BLOCK_ITEMS;
    last = v->n_items - first < RECS_BLOCK_ITEMS
           ? v->n_items - 1 : first + RECS_BLOCK_ITEMS - 1;

    rc = recs_check_settle_rows(b, fd, &v->codes, i, i, err);

    return rc == RECS_OK
           ? recs_check_settle_rows(b, fd, &v->item_factors, first, last, err)
           : rc;
}


static int
recs_check_code_errors(const recs_bundle_view_t *v, uint32_t i)
{
    float                     scratch[RECS_FACTORS_MAX];
    double                    error;
    uint32_t                  j, item;
    const recs_code_block_t  *b;

    b = &v->code_blocks[i];

    for (j = 0; j < RECS_BLOCK_ITEMS; j++) {
        item = i * RECS_BLOCK_ITEMS + j;

        if (item == v->n_items) {
            break;
        }

        error = recs_codes_row_error(v->codes_kind, v->n_factors,
                                     recs_table_row(&v->item_factors, item),
                                     j, recs_table_row(&v->codes, i),
                                     b->scale, scratch);

        if (error > (double) b->error) {
            return 0;
        }
    }

    return 1;
}


recs_status_t
recs_bundle_check_codes(const recs_bundle_t *b, int fd, recs_error_t *err)
{
    int                        good;
    uint32_t                   i, step;
    recs_status_t              rc;
    const recs_bundle_view_t  *v;

    v = &b->view;
    step = v->n_blocks / RECS_CHECKED_BLOCKS + 1;

    for (i = 0; i < v->n_blocks; i++) {
        good = recs_check_code_block(v, i);

        if (good && i % step == 0) {
            rc = recs_check_settle_block(b, fd, i, err);
            if (rc != RECS_OK) {
                return rc;
            }

            good = recs_check_code_errors(v, i);
        }

        if (!good) {
            return recs_check_error(b, "a block of codes has wrong bounds", i,
                                    err);
        }
    }

    return RECS_OK;
}
