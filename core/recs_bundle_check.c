/*
 * What a valid seal does not prove: that the writer was right.  Everything
 * the scorer will index or add up is looked at once, here.
 */

#include "recs_bundle_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recs_digest.h"
#include "recs_search.h"


recs_status_t
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


/* Row by row, to say which; norms is NULL for users. */
static recs_status_t
recs_check_factors(const recs_bundle_t *b, recs_table_id_t id,
    const float *norms, recs_error_t *err)
{
    double               norm;
    uint32_t             f;
    uint64_t             row;
    const float         *values;
    const recs_table_t  *t;

    t = &b->tables[id].table;

    for (row = 0; row < t->n_rows; row++) {
        values = recs_table_row(t, row);
        norm = recs_row_norm(values, b->view.n_factors);

        if (!isfinite(norm)) {
            return recs_check_error(b, "a factor is not finite", row, err);
        }

        for (f = b->view.n_factors; f < b->view.stride; f++) {
            if (values[f] != 0.0f) {
                return recs_check_error(b, "padding is not zero", row, err);
            }
        }

        if (norms == NULL) {
            continue;
        }

        if (!isfinite(norms[row]) || (double) norms[row] < norm
            || (row > 0 && norms[row] > norms[row - 1]))
        {
            return recs_check_error(b, "a norm is wrong or out of order", row,
                                    err);
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


int
recs_check_span(const recs_bundle_t *b, recs_table_id_t bytes,
    const recs_span_t *span)
{
    const recs_loaded_table_t  *t;

    t = &b->tables[bytes];

    return span->shard < t->n_shards && span->offset % 4 == 0
           && span->offset <= t->sizes[span->shard]
           && span->len <= t->sizes[span->shard] - span->offset;
}


recs_status_t
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


/* *sum is that of recs_digest_pair() over the records. */
static recs_status_t
recs_check_records(const recs_bundle_t *b, recs_table_id_t bytes,
    recs_table_id_t spans, uint32_t n_columns, uint64_t seed, uint64_t *sum,
    recs_error_t *err)
{
    uint32_t             i;
    recs_str_t           record, id;
    const recs_span_t   *span;
    const recs_table_t  *t;

    t = &b->tables[spans].table;
    *sum = 0;

    for (i = 0; i < t->n_rows; i++) {
        span = recs_table_row(t, i);

        if (!recs_check_span(b, bytes, span)) {
            return recs_check_error(b, "a run lies outside its table", i,
                                    err);
        }

        record.data = b->tables[bytes].shards[span->shard] + span->offset;
        record.len = span->len;

        if (recs_record_check(record, n_columns) != RECS_OK) {
            return recs_check_error(b, "a record is malformed", i, err);
        }

        id = recs_record_id(record);
        *sum += recs_digest_pair(id.data, id.len, i, seed);
    }

    return RECS_OK;
}


/*
 * Records, ids, and that they are one to one: that the pairs of id and number
 * in the tree are those of the records.  Their sums are compared, as looking
 * up each would be a miss of the cache; the seed, which depends on all of the
 * file, keeps anyone from aiming at a sum.
 */
static recs_status_t
recs_check_entities(const recs_bundle_t *b, int fd, unsigned tree,
    recs_error_t *err)
{
    int            items;
    uint64_t       seed, ids, records;
    recs_status_t  rc;

    items = tree == RECS_TREE_ITEMS;
    memcpy(&seed, b->seal.hash, sizeof(uint64_t));

    rc = recs_check_records(b, items ? RECS_TABLE_ITEM_RECORDS
                                     : RECS_TABLE_USER_RECORDS,
                            items ? RECS_TABLE_ITEM_SPANS
                                  : RECS_TABLE_USER_SPANS,
                            items ? b->n_item_columns : b->n_user_columns,
                            seed, &records, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_bundle_check_tree(b, fd, tree,
                                items ? b->view.n_items : b->view.n_users,
                                seed, &ids, err);
    if (rc != RECS_OK) {
        return rc;
    }

    return ids == records
           ? RECS_OK
           : recs_error(err, RECS_CORRUPT, "\"%s\": an id leads to another "
                        "row in \"%s\"", b->name,
                        items ? RECS_DB_ITEMS : RECS_DB_USERS);
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


static recs_status_t
recs_check_hashes(const recs_bundle_t *b, recs_error_t *err)
{
    uint64_t                   row, former, hash;
    const recs_table_t        *t;
    const recs_hashed_item_t  *hashed;

    t = &b->view.item_hashes;
    former = 0;

    for (row = 0; row < t->n_rows; row++) {
        hashed = recs_table_row(t, row);
        hash = recs_hashed_item_hash(hashed);

        if (hashed->item >= b->view.n_items || hashed->low > UINT16_MAX
            || (row > 0 && hash <= former))
        {
            return recs_check_error(b, "an item's hash is out of order or "
                                    "range", row, err);
        }

        former = hash;
    }

    return RECS_OK;
}


recs_status_t
recs_bundle_check_rows(const recs_bundle_t *b, recs_error_t *err)
{
    recs_status_t  rc;

    if ((rc = recs_check_factors(b, RECS_TABLE_ITEM_FACTORS,
                                 b->view.item_norms, err)) != RECS_OK
        || (rc = recs_check_factors(b, RECS_TABLE_USER_FACTORS, NULL, err))
           != RECS_OK)
    {
        return rc;
    }

    return recs_error(err, RECS_CORRUPT, "\"%s\" changed while it was read",
                      b->name);
}


/* The pass reads vectors and lists, and codes are settled by block. */
static recs_status_t
recs_check_settled(const recs_bundle_t *b, int fd, recs_error_t *err)
{
    recs_status_t    rc;
    recs_table_id_t  id;

    for (id = 0; id < RECS_TABLE_COUNT; id++) {

        if (id == RECS_TABLE_ITEM_FACTORS || id == RECS_TABLE_USER_FACTORS
            || id == RECS_TABLE_ITEM_CODES || recs_bundle_is_list(id) == 1)
        {
            continue;
        }

        rc = recs_bundle_settle_table(b, fd, id, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


recs_status_t
recs_bundle_check_rest(const recs_bundle_t *b, int fd, recs_error_t *err)
{
    recs_status_t  rc;

    if ((rc = recs_check_settled(b, fd, err)) != RECS_OK
        || (rc = recs_check_permutation(b, b->view.item_order,
                                        "item_order is not a permutation",
                                        err)) != RECS_OK
        || (rc = recs_bundle_check_codes(b, fd, err)) != RECS_OK
        || (rc = recs_check_popularity(b, err)) != RECS_OK
        || (rc = recs_check_fold_in(b, err)) != RECS_OK
        || (rc = recs_check_hashes(b, err)) != RECS_OK
        || (rc = recs_check_entities(b, fd, RECS_TREE_ITEMS, err)) != RECS_OK
        || (rc = recs_check_entities(b, fd, RECS_TREE_USERS, err)) != RECS_OK
        || (rc = recs_bundle_check_filters(b, err)) != RECS_OK
        || (rc = recs_bundle_check_segments(b, err)) != RECS_OK
        || (rc = recs_bundle_check_trees(b, err)) != RECS_OK
        || (rc = recs_bundle_check_mlp(b, err)) != RECS_OK
        || (rc = recs_bundle_check_logistic(b, err)) != RECS_OK
        || (rc = recs_bundle_check_terms(b, err)) != RECS_OK)
    {
        return rc;
    }

    return recs_bundle_check_list_spans(b, err);
}
