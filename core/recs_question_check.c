/*
 * What a reader must know of the terms of a sealed bundle before it looks one
 * up.
 */

#include "recs_bundle_private.h"

#include <math.h>


static const char *
recs_term_fault(const recs_bundle_t *b, uint32_t term, uint64_t former)
{
    double                     norm;
    uint32_t                   f;
    const float               *row;
    const recs_bundle_view_t  *v;

    v = &b->view;

    if (term > 0
        && recs_hashed_term_hash(recs_table_row(&v->terms, term)) <= former)
    {
        return "a term's hash is out of order";
    }

    if (!(v->term_weights[term] > 0.0f)
        || !(v->term_weights[term] <= RECS_TERM_WEIGHT_MAX))
    {
        return "a term's weight is out of range";
    }

    row = recs_table_row(&v->term_factors, term);
    norm = recs_row_norm(row, v->n_factors);

    if (!isfinite(norm) || norm > RECS_TERM_NORM_MAX) {
        return "a term's vector is too long or not finite";
    }

    for (f = v->n_factors; f < v->stride; f++) {
        if (row[f] != 0.0f) {
            return "padding is not zero";
        }
    }

    return NULL;
}


recs_status_t
recs_bundle_check_terms(const recs_bundle_t *b, recs_error_t *err)
{
    uint32_t     i;
    uint64_t     former;
    const char  *fault;

    former = 0;

    for (i = 0; i < b->view.terms.n_rows; i++) {
        fault = recs_term_fault(b, i, former);

        if (fault != NULL) {
            return recs_check_error(b, fault, i, err);
        }

        former = recs_hashed_term_hash(recs_table_row(&b->view.terms, i));
    }

    return RECS_OK;
}
