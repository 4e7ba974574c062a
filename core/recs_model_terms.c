/*
 * What the words of a question mean: the tables `terms`, `term_weights` and
 * `term_factors`.
 */

#include "recs_model_writing.h"

#include <math.h>
#include <string.h>


recs_status_t
recs_model_check_terms(const recs_model_t *m, recs_error_t *err)
{
    double               norm;
    uint32_t             i;
    const recs_terms_t  *t;

    t = m->terms;

    if (t == NULL) {
        return RECS_OK;
    }

    if (m->n_factors == 0 || t->n == 0 || t->n > RECS_TERMS_MAX) {
        return recs_error(err, RECS_INVALID, "%u terms of %u factors: there "
                          "may be %d terms, and they need vectors", t->n,
                          m->n_factors, RECS_TERMS_MAX);
    }

    for (i = 0; i < t->n; i++) {
        norm = recs_row_norm(t->factors + (size_t) i * m->n_factors,
                             m->n_factors);

        if ((i > 0 && t->hashes[i] <= t->hashes[i - 1])
            || !(t->weights[i] > 0.0f)
            || !(t->weights[i] <= RECS_TERM_WEIGHT_MAX)
            || !(norm <= RECS_TERM_NORM_MAX))
        {
            return recs_error(err, RECS_INVALID, "term %u is out of order, or "
                              "its weight %g or length %g out of range", i,
                              (double) t->weights[i], norm);
        }
    }

    return RECS_OK;
}


static void
recs_model_fill_term(void *data, uint64_t row, void *dst)
{
    uint64_t            hash;
    recs_hashed_term_t  term;

    hash = ((recs_writing_t *) data)->model->terms->hashes[row];
    term.high = (uint32_t) (hash >> 32);
    term.low = (uint32_t) hash;

    memcpy(dst, &term, sizeof(recs_hashed_term_t));
}


static void
recs_model_fill_term_weight(void *data, uint64_t row, void *dst)
{
    memcpy(dst, &((recs_writing_t *) data)->model->terms->weights[row],
           sizeof(float));
}


static void
recs_model_fill_term_factors(void *data, uint64_t row, void *dst)
{
    const recs_writing_t  *w;

    w = data;

    memset(dst, 0, w->stride * sizeof(float));
    memcpy(dst, w->model->terms->factors + row * w->model->n_factors,
           w->model->n_factors * sizeof(float));
}


recs_status_t
recs_model_put_terms(recs_writing_t *w, recs_error_t *err)
{
    uint32_t       n;
    recs_status_t  rc;

    if (w->model->terms == NULL) {
        return RECS_OK;
    }

    n = w->model->terms->n;

    if ((rc = recs_bundle_writer_table(w->writer, RECS_TABLE_TERMS, n,
                                       sizeof(recs_hashed_term_t),
                                       recs_model_fill_term, w, err))
        != RECS_OK
        || (rc = recs_bundle_writer_table(w->writer, RECS_TABLE_TERM_WEIGHTS,
                                          n, sizeof(float),
                                          recs_model_fill_term_weight, w,
                                          err)) != RECS_OK)
    {
        return rc;
    }

    return recs_bundle_writer_table(w->writer, RECS_TABLE_TERM_FACTORS, n,
                                    w->stride * (uint32_t) sizeof(float),
                                    recs_model_fill_term_factors, w, err);
}
