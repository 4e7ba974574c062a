/*
 * The logistic regression of a bundle: its tables `logistic_numeric`,
 * `logistic_weights` and `logistic_items`.
 */

#include "recs_bundle_private.h"


static recs_status_t
recs_bundle_logistic_error(const recs_bundle_t *b, const char *what,
    recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT, "\"%s\": the logistic regression: "
                      "%s", b->name, what);
}


/* A table that is there has a shard: all of its rows. */
static const void *
recs_bundle_logistic_rows(const recs_bundle_t *b, recs_table_id_t id,
    size_t row_size, uint64_t *n)
{
    const recs_table_t  *t;

    t = &b->tables[id].table;
    *n = t->row_size == row_size ? t->n_rows : 0;

    return t->shards[0];
}


recs_status_t
recs_bundle_load_logistic(recs_bundle_t *b, recs_error_t *err)
{
    unsigned          n_tables;
    uint64_t          n_features, n_weights, n_items;
    recs_logistic_t  *l;

    n_tables = (b->tables[RECS_TABLE_LOGISTIC_NUMERIC].n_shards > 0)
               + (b->tables[RECS_TABLE_LOGISTIC_WEIGHTS].n_shards > 0)
               + (b->tables[RECS_TABLE_LOGISTIC_ITEMS].n_shards > 0);

    if (n_tables == 0) {
        return RECS_OK;
    }

    if (n_tables < 3) {
        return recs_bundle_logistic_error(b, "a table is missing", err);
    }

    l = &b->view.logistic;
    l->numeric = recs_bundle_logistic_rows(b, RECS_TABLE_LOGISTIC_NUMERIC,
                                           sizeof(recs_logistic_numeric_t),
                                           &n_features);
    l->weights = recs_bundle_logistic_rows(b, RECS_TABLE_LOGISTIC_WEIGHTS,
                                           sizeof(float), &n_weights);
    l->items = recs_bundle_logistic_rows(b, RECS_TABLE_LOGISTIC_ITEMS,
                                         sizeof(float), &n_items);

    for (l->bits = 1; l->bits < RECS_LOGISTIC_BITS_MAX; l->bits++) {
        if (n_weights <= (uint64_t) 1 << l->bits) {
            break;
        }
    }

    if (n_features == 0 || n_features > RECS_LOGISTIC_FEATURES_MAX
        || n_weights != (uint64_t) 1 << l->bits || n_items != b->view.n_items)
    {
        return recs_bundle_logistic_error(b, "bad dimensions", err);
    }

    l->n_features = (uint32_t) n_features;

    return RECS_OK;
}


recs_status_t
recs_bundle_check_logistic(const recs_bundle_t *b, recs_error_t *err)
{
    const char  *wrong;

    if (b->view.logistic.n_features == 0) {
        return RECS_OK;
    }

    wrong = recs_logistic_check(&b->view.logistic, b->view.n_items);

    return wrong == NULL ? RECS_OK : recs_bundle_logistic_error(b, wrong, err);
}
