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
recs_bundle_check_codes(const recs_bundle_t *b, recs_error_t *err)
{
    uint32_t                   i, step;
    const recs_bundle_view_t  *v;

    v = &b->view;
    step = v->n_blocks / RECS_CHECKED_BLOCKS + 1;

    for (i = 0; i < v->n_blocks; i++) {
        if (!recs_check_code_block(v, i)
            || (i % step == 0 && !recs_check_code_errors(v, i)))
        {
            return recs_check_error(b, "a block of codes has wrong bounds", i,
                                    err);
        }
    }

    return RECS_OK;
}
