/*
 * What a bundle may not hold is refused before a byte is written, by the
 * name of its row.
 */

#include "recs_model_writing.h"

#include <math.h>
#include <string.h>


static recs_status_t
recs_model_check_columns(const recs_entities_t *entities, const char *what,
    recs_error_t *err)
{
    uint32_t  i, j;

    if (entities->n_columns > RECS_COLUMNS_MAX) {
        return recs_error(err, RECS_INVALID, "%u attributes per %s, at most "
                          "%d are possible", entities->n_columns, what,
                          RECS_COLUMNS_MAX);
    }

    for (i = 0; i < entities->n_columns; i++) {
        if (!recs_id_valid(entities->columns[i],
                           strlen(entities->columns[i])))
        {
            return recs_error(err, RECS_INVALID, "the name of %s attribute "
                              "%u is not 1 to %d bytes of UTF-8 without "
                              "control characters", what, i, RECS_ID_MAX);
        }

        for (j = 0; j < i; j++) {
            if (strcmp(entities->columns[i], entities->columns[j]) == 0) {
                return recs_error(err, RECS_INVALID, "two %s attributes are "
                                  "named \"%s\"", what,
                                  entities->columns[i]);
            }
        }
    }

    return RECS_OK;
}


/* Records are built by others: looked at before the bundle promises them. */
static recs_status_t
recs_model_check_records(const recs_entities_t *entities, const char *what,
    recs_error_t *err)
{
    uint32_t    i;
    recs_str_t  record;

    if (entities->n > RECS_ENTITIES_MAX) {
        return recs_error(err, RECS_INVALID, "%u %ss, at most 2^31 are "
                          "possible", entities->n, what);
    }

    for (i = 0; i < entities->n; i++) {
        record = entities->record(entities->data, i);

        if (recs_record_check(record, entities->n_columns) != RECS_OK) {
            return recs_error(err, RECS_INVALID, "%s row %u has no valid "
                              "record: an id is 1 to %d bytes of UTF-8 "
                              "without control characters, an attribute at "
                              "most %d bytes of UTF-8", what, i, RECS_ID_MAX,
                              RECS_ATTRIBUTE_MAX);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_model_check_rows(const float *values, uint32_t n_rows, uint32_t n_cols,
    const char *what, const recs_entities_t *entities, recs_error_t *err)
{
    size_t      i;
    uint32_t    row;
    recs_str_t  id;

    if (values == NULL) {
        return RECS_OK;
    }

    for (i = 0; i < (size_t) n_rows * n_cols; i++) {
        if (!isfinite(values[i])) {
            row = (uint32_t) (i / n_cols);
            id = recs_record_id(entities->record(entities->data, row));

            return recs_error(err, RECS_INVALID,
                              "%s of row %u (\"%.*s\") is not a finite "
                              "number", what, row, (int) id.len, id.data);
        }
    }

    return RECS_OK;
}


/* A product of two such vectors, and the square of one, stay finite floats. */
static recs_status_t
recs_model_check_lengths(const float *vectors, uint32_t n_rows,
    uint32_t n_factors, const char *what, const recs_entities_t *entities,
    recs_error_t *err)
{
    double        sum;
    uint32_t      f, row;
    recs_str_t    id;
    const float  *v;

    if (vectors == NULL) {
        return RECS_OK;
    }

    for (row = 0; row < n_rows; row++) {
        v = vectors + (size_t) row * n_factors;
        sum = 0.0;

        for (f = 0; f < n_factors; f++) {
            sum += (double) v[f] * v[f];
        }

        if (sum > RECS_NORM_MAX * RECS_NORM_MAX) {
            id = recs_record_id(entities->record(entities->data, row));

            return recs_error(err, RECS_INVALID, "the vector of %s row %u "
                              "(\"%.*s\") is too long, %g; scale vectors "
                              "down to at most %g", what, row, (int) id.len,
                              id.data, sqrt(sum), RECS_NORM_MAX);
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_model_check_seen(const recs_model_t *m, recs_error_t *err)
{
    uint32_t    u;
    uint64_t    i;
    recs_str_t  id;

    if (m->seen_offsets == NULL) {
        return RECS_OK;
    }

    for (u = 0; u < m->users.n; u++) {
        id = recs_record_id(m->users.record(m->users.data, u));

        if (m->seen_offsets[u + 1] < m->seen_offsets[u]) {
            return recs_error(err, RECS_INVALID, "the seen items of user row "
                              "%u (\"%.*s\") end before they begin", u,
                              (int) id.len, id.data);
        }

        for (i = m->seen_offsets[u]; i < m->seen_offsets[u + 1]; i++) {
            if (m->seen_items[i] >= m->items.n) {
                return recs_error(err, RECS_INVALID, "user row %u (\"%.*s\") "
                                  "has seen item %u, there are %u items", u,
                                  (int) id.len, id.data, m->seen_items[i],
                                  m->items.n);
            }
        }
    }

    return RECS_OK;
}


static recs_status_t
recs_model_check_fold_in(const recs_model_t *m, recs_error_t *err)
{
    uint32_t                      f;
    const recs_fold_in_params_t  *p;

    p = m->fold_in;

    if (p == NULL) {
        return RECS_OK;
    }

    if (m->n_factors == 0) {
        return recs_error(err, RECS_INVALID, "fold-in needs vectors, the "
                          "model has none");
    }

    if (!isfinite(p->unobserved_weight) || p->unobserved_weight < 0
        || !isfinite(p->regularization) || p->regularization <= 0
        || !isfinite(p->regularization_exponent)
        || p->regularization_exponent < 0
        || p->regularization_exponent > RECS_FOLD_IN_EXPONENT_MAX)
    {
        return recs_error(err, RECS_INVALID, "fold-in parameters out of "
                          "range: unobserved weight %g, regularization %g, "
                          "exponent %g", p->unobserved_weight,
                          p->regularization, p->regularization_exponent);
    }

    for (f = 0; f < m->n_factors; f++) {
        if (!isfinite(p->gram[f]) || p->gram[f] < 0.0f) {
            return recs_error(err, RECS_INVALID, "element %u of the Gram "
                              "diagonal is negative or not finite", f);
        }
    }

    return RECS_OK;
}


recs_status_t
recs_model_check(const recs_model_t *m, recs_error_t *err)
{
    recs_status_t  rc;

    if (m->items.n == 0) {
        return recs_error(err, RECS_INVALID, "a model needs at least one "
                          "item");
    }

    if (m->algorithm == NULL
        || !recs_id_valid(m->algorithm, strlen(m->algorithm)))
    {
        return recs_error(err, RECS_INVALID, "a model needs the name of its "
                          "algorithm");
    }

    if (m->n_factors > RECS_FACTORS_MAX) {
        return recs_error(err, RECS_INVALID, "%u factors, at most %d are "
                          "possible", m->n_factors, RECS_FACTORS_MAX);
    }

    if (m->n_factors > 0 && m->item_factors == NULL) {
        return recs_error(err, RECS_INVALID, "a model of %u factors without "
                          "item vectors", m->n_factors);
    }

    if ((rc = recs_model_check_columns(&m->items, "item", err)) != RECS_OK
        || (rc = recs_model_check_columns(&m->users, "user", err)) != RECS_OK
        || (rc = recs_model_check_records(&m->items, "item", err)) != RECS_OK
        || (rc = recs_model_check_records(&m->users, "user", err)) != RECS_OK
        || (rc = recs_model_check_rows(m->item_factors, m->items.n,
                                       m->n_factors, "an item factor",
                                       &m->items, err)) != RECS_OK
        || (rc = recs_model_check_rows(m->user_factors, m->users.n,
                                       m->n_factors, "a user factor",
                                       &m->users, err)) != RECS_OK
        || (rc = recs_model_check_lengths(m->item_factors, m->items.n,
                                          m->n_factors, "item", &m->items,
                                          err)) != RECS_OK
        || (rc = recs_model_check_lengths(m->user_factors, m->users.n,
                                          m->n_factors, "user", &m->users,
                                          err)) != RECS_OK
        || (rc = recs_model_check_rows(m->popularity, m->items.n, 1,
                                       "the popularity", &m->items, err))
           != RECS_OK
        || (rc = recs_model_check_fold_in(m, err)) != RECS_OK)
    {
        return rc;
    }

    if ((rc = recs_model_check_seen(m, err)) != RECS_OK
        || (rc = recs_model_check_neighbors(m, err)) != RECS_OK
        || (rc = recs_model_check_trees(m, err)) != RECS_OK
        || (rc = recs_model_check_mlp(m, err)) != RECS_OK
        || (rc = recs_model_check_logistic(m, err)) != RECS_OK
        || (rc = recs_model_check_terms(m, err)) != RECS_OK)
    {
        return rc;
    }

    return recs_model_check_segments(m, err);
}
