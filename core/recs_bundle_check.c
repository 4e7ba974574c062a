/*
 * What a valid seal does not prove: that the writer was right.  Everything
 * the scorer will index or add up is looked at once, here.
 */

#include "recs_bundle_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_search.h"


static recs_status_t
recs_check_error(const recs_bundle_t *b, const char *what, uint64_t row,
    recs_error_t *err)
{
    return recs_error(err, RECS_CORRUPT, "\"%s\": %s at row %llu", b->name,
                      what, (unsigned long long) row);
}


/* Exponent bits all set mean infinity or NaN. */
static int
recs_check_finite(const float *values, uint64_t n)
{
    uint64_t  i;
    uint32_t  bits, bad;

    bad = 0;

    for (i = 0; i < n; i++) {
        memcpy(&bits, &values[i], sizeof(uint32_t));
        bad |= (bits & 0x7f800000) == 0x7f800000;
    }

    return !bad;
}


static recs_status_t
recs_check_factors(const recs_bundle_t *b, recs_table_id_t id,
    recs_error_t *err)
{
    uint32_t             f;
    uint64_t             row;
    const float         *values;
    const recs_table_t  *t;

    t = &b->tables[id].table;

    for (row = 0; row < t->n_rows; row++) {
        values = recs_table_row(t, row);

        if (!recs_check_finite(values, b->view.stride)) {
            return recs_check_error(b, "a factor is not finite", row, err);
        }

        for (f = b->view.n_factors; f < b->view.stride; f++) {
            if (values[f] != 0.0f) {
                return recs_check_error(b, "padding is not zero", row, err);
            }
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_check_norms(const recs_bundle_t *b, recs_error_t *err)
{
    double                     sum;
    uint32_t                   f, item;
    const float               *row;
    const recs_bundle_view_t  *v;

    v = &b->view;

    if (v->item_norms == NULL) {
        return RECS_OK;
    }

    for (item = 0; item < v->n_items; item++) {
        row = recs_table_row(&v->item_factors, item);
        sum = 0.0;

        for (f = 0; f < v->n_factors; f++) {
            sum += (double) row[f] * row[f];
        }

        if (!isfinite(v->item_norms[item])
            || (double) v->item_norms[item] < sqrt(sum)
            || (item > 0 && v->item_norms[item] > v->item_norms[item - 1]))
        {
            return recs_check_error(b, "a norm is wrong or out of order",
                                    item, err);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_check_permutation(const recs_bundle_t *b, const uint32_t *numbers,
    const char *what, recs_error_t *err)
{
    uint32_t             i, n;
    recs_status_t        rc;
    recs_bitmap_word_t  *met;

    if (numbers == NULL) {
        return RECS_OK;
    }

    n = b->view.n_items;

    met = calloc(recs_bitmap_words(n), sizeof(recs_bitmap_word_t));
    if (met == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory to check \"%s\"",
                          b->name);
    }

    rc = RECS_OK;

    for (i = 0; i < n; i++) {
        if (numbers[i] >= n || recs_bitmap_test(met, numbers[i])) {
            rc = recs_check_error(b, what, i, err);
            break;
        }

        recs_bitmap_set(met, numbers[i]);
    }

    free(met);

    return rc;
}


static recs_status_t
recs_check_popularity(const recs_bundle_t *b, recs_error_t *err)
{
    uint32_t                   i, former, next;
    recs_status_t              rc;
    const recs_bundle_view_t  *v;

    v = &b->view;

    if (v->popularity == NULL) {
        return RECS_OK;
    }

    if (!recs_check_finite(v->popularity, v->n_items)) {
        return recs_check_error(b, "a popularity is not finite", 0, err);
    }

    rc = recs_check_permutation(b, v->popular_items,
                                "popular_items is not a permutation", err);
    if (rc != RECS_OK) {
        return rc;
    }

    for (i = 1; i < v->n_items; i++) {
        former = v->popular_items[i - 1];
        next = v->popular_items[i];

        if (v->popularity[next] > v->popularity[former]
            || (v->popularity[next] == v->popularity[former]
                && v->item_order[next] < v->item_order[former]))
        {
            return recs_check_error(b, "popular_items is out of order", i,
                                    err);
        }
    }

    return RECS_OK;
}


static int
recs_check_span(const recs_bundle_t *b, recs_table_id_t bytes,
    const recs_span_t *span)
{
    const recs_loaded_table_t  *t;

    t = &b->tables[bytes];

    return span->shard < t->n_shards && span->offset % 4 == 0
           && span->offset <= t->sizes[span->shard]
           && span->len <= t->sizes[span->shard] - span->offset;
}


static recs_status_t
recs_check_spans(const recs_bundle_t *b, recs_table_id_t bytes,
    recs_table_id_t spans, recs_error_t *err)
{
    uint64_t             i;
    const recs_table_t  *t;

    t = &b->tables[spans].table;

    for (i = 0; i < t->n_rows; i++) {
        if (!recs_check_span(b, bytes, recs_table_row(t, i))) {
            return recs_check_error(b, "a run lies outside its table", i,
                                    err);
        }
    }

    return RECS_OK;
}


/*
 * Records, and the id database: with as many keys as there are rows, and
 * every row's id leading back to the row, it is a bijection.
 */
static recs_status_t
recs_check_entities(const recs_bundle_t *b, recs_table_id_t bytes,
    recs_table_id_t spans, uint32_t n_columns, MDB_dbi dbi, uint32_t n,
    recs_error_t *err)
{
    MDB_val        key, data;
    MDB_stat       stat;
    uint32_t       i, number;
    recs_str_t     record, id;
    recs_status_t  rc;

    rc = recs_check_spans(b, bytes, spans, err);
    if (rc != RECS_OK) {
        return rc;
    }

    if (mdb_stat(b->txn, dbi, &stat) != 0 || stat.ms_entries != n) {
        return recs_check_error(b, "ids and records differ in number", n,
                                err);
    }

    for (i = 0; i < n; i++) {
        record = recs_bundle_run(b, bytes, spans, i);

        if (recs_record_check(record, n_columns) != RECS_OK) {
            return recs_check_error(b, "a record is malformed", i, err);
        }

        id = recs_record_id(record);
        key.mv_data = (void *) id.data;
        key.mv_size = id.len;

        if (mdb_get(b->txn, dbi, &key, &data) != 0
            || data.mv_size != sizeof(uint32_t)
            || !recs_bundle_inside(b, data.mv_data, data.mv_size))
        {
            return recs_check_error(b, "an id cannot be looked up", i, err);
        }

        memcpy(&number, data.mv_data, sizeof(uint32_t));

        if (number != i) {
            return recs_check_error(b, "an id leads to another row", i, err);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_check_seen(const recs_bundle_t *b, recs_error_t *err)
{
    uint32_t         i, n, user;
    const uint32_t  *seen;
    recs_str_t       run;
    recs_status_t    rc;

    if (b->tables[RECS_TABLE_SEEN_ITEMS].n_shards == 0) {
        return RECS_OK;
    }

    rc = recs_check_spans(b, RECS_TABLE_SEEN_ITEMS, RECS_TABLE_SEEN_SPANS,
                          err);
    if (rc != RECS_OK) {
        return rc;
    }

    for (user = 0; user < b->view.n_users; user++) {
        run = recs_bundle_run(b, RECS_TABLE_SEEN_ITEMS, RECS_TABLE_SEEN_SPANS,
                              user);
        seen = recs_bundle_seen(b, user, &n);

        if (run.len % sizeof(uint32_t) != 0) {
            return recs_check_error(b, "a seen list is malformed", user, err);
        }

        for (i = 0; i < n; i++) {
            if (seen[i] >= b->view.n_items || (i > 0 && seen[i] <= seen[i - 1]))
            {
                return recs_check_error(b, "a seen list is out of order or "
                                        "range", user, err);
            }
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_check_fold_in(const recs_bundle_t *b, recs_error_t *err)
{
    uint32_t                   f;
    const recs_bundle_view_t  *v;

    v = &b->view;

    if (v->gram == NULL) {
        return RECS_OK;
    }

    if (v->regularization <= 0.0
        || v->regularization_exponent > RECS_FOLD_IN_EXPONENT_MAX)
    {
        return recs_check_error(b, "fold-in parameters out of range", 0, err);
    }

    for (f = 0; f < v->n_factors; f++) {
        if (!isfinite(v->gram[f]) || v->gram[f] < 0.0f) {
            return recs_check_error(b, "the Gram diagonal is negative or "
                                    "not finite", f, err);
        }
    }

    return RECS_OK;
}


recs_status_t
recs_bundle_check(const recs_bundle_t *b, recs_error_t *err)
{
    recs_status_t  rc;

    if ((rc = recs_check_factors(b, RECS_TABLE_ITEM_FACTORS, err)) != RECS_OK
        || (rc = recs_check_factors(b, RECS_TABLE_USER_FACTORS, err))
           != RECS_OK
        || (rc = recs_check_norms(b, err)) != RECS_OK
        || (rc = recs_check_permutation(b, b->view.item_order,
                                        "item_order is not a permutation",
                                        err)) != RECS_OK
        || (rc = recs_check_popularity(b, err)) != RECS_OK
        || (rc = recs_check_fold_in(b, err)) != RECS_OK
        || (rc = recs_check_entities(b, RECS_TABLE_ITEM_RECORDS,
                                     RECS_TABLE_ITEM_SPANS, b->n_item_columns,
                                     b->items_db, b->view.n_items, err))
           != RECS_OK
        || (rc = recs_check_entities(b, RECS_TABLE_USER_RECORDS,
                                     RECS_TABLE_USER_SPANS, b->n_user_columns,
                                     b->users_db, b->view.n_users, err))
           != RECS_OK)
    {
        return rc;
    }

    return recs_check_seen(b, err);
}
