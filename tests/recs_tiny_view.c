#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_tiny_view.h"


typedef struct {
    double    norm;
    uint32_t  row;
} recs_tiny_row_t;


static int
recs_tiny_row_compare(const void *a, const void *b)
{
    const recs_tiny_row_t  *x, *y;

    x = a;
    y = b;

    if (x->norm != y->norm) {
        return x->norm < y->norm ? 1 : -1;
    }

    return x->row < y->row ? -1 : x->row > y->row;
}


recs_bundle_view_t *
recs_tiny_view(const float *factors, uint32_t n_items, uint32_t n_factors,
    uint32_t rows_per_shard)
{
    float                *to, *norms;
    uint32_t              i, f, n_shards, *order;
    const char          **shards;
    const float          *row;
    recs_tiny_row_t      *rows;
    recs_bundle_view_t   *view;

    view = calloc(1, sizeof(recs_bundle_view_t));
    rows = calloc(n_items, sizeof(recs_tiny_row_t));
    norms = calloc(n_items, sizeof(float));
    order = calloc(n_items, sizeof(uint32_t));

    for (i = 0; i < n_items; i++) {
        rows[i].row = i;

        for (f = 0; f < n_factors; f++) {
            rows[i].norm += (double) factors[i * n_factors + f]
                            * factors[i * n_factors + f];
        }
    }

    qsort(rows, n_items, sizeof(recs_tiny_row_t), recs_tiny_row_compare);

    view->n_items = n_items;
    view->n_factors = n_factors;
    view->stride = (n_factors + 15) / 16 * 16;

    n_shards = (n_items + rows_per_shard - 1) / rows_per_shard;
    shards = calloc(n_shards, sizeof(char *));

    for (i = 0; i < n_shards; i++) {
        shards[i] = calloc((size_t) rows_per_shard * view->stride,
                           sizeof(float));
    }

    view->item_factors.shards = shards;
    view->item_factors.n_rows = n_items;
    view->item_factors.rows_per_shard = rows_per_shard;
    view->item_factors.row_size = view->stride * sizeof(float);

    for (i = 0; i < n_items; i++) {
        row = factors + (size_t) rows[i].row * n_factors;
        to = (float *) recs_table_row(&view->item_factors, i);
        memcpy(to, row, n_factors * sizeof(float));
        norms[i] = nextafterf((float) sqrt(rows[i].norm), INFINITY);
        order[i] = rows[i].row;
    }

    view->item_norms = norms;
    view->item_order = order;
    free(rows);

    return view;
}


void
recs_tiny_view_free(recs_bundle_view_t *view)
{
    uint64_t  i, n_shards;

    n_shards = (view->item_factors.n_rows + view->item_factors.rows_per_shard
                - 1)
               / view->item_factors.rows_per_shard;

    for (i = 0; i < n_shards; i++) {
        free((void *) view->item_factors.shards[i]);
    }

    free((void *) view->item_factors.shards);
    free((void *) view->item_norms);
    free((void *) view->item_order);
    free(view);
}
