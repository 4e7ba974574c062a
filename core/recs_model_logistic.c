/*
 * Logistic regression: the tables `logistic_numeric`, `logistic_weights` and
 * `logistic_items`.
 */

#include "recs_model_writing.h"

#include <string.h>


recs_status_t
recs_model_check_logistic(const recs_model_t *m, recs_error_t *err)
{
    const char  *wrong;

    wrong = m->logistic != NULL ? recs_logistic_check(m->logistic, m->items.n)
                                : NULL;

    return wrong == NULL ? RECS_OK
           : recs_error(err, RECS_INVALID, "the logistic regression: %s",
                        wrong);
}


static void
recs_model_fill_logistic_numeric(void *data, uint64_t row, void *dst)
{
    const recs_writing_t  *w;

    w = data;
    memcpy(dst, &w->model->logistic->numeric[row],
           sizeof(recs_logistic_numeric_t));
}


static void
recs_model_fill_logistic_weight(void *data, uint64_t row, void *dst)
{
    const recs_writing_t  *w;

    w = data;
    memcpy(dst, &w->model->logistic->weights[row], sizeof(float));
}


static void
recs_model_fill_logistic_item(void *data, uint64_t row, void *dst)
{
    const recs_writing_t  *w;

    w = data;
    memcpy(dst, &w->model->logistic->items[w->items[row].index],
           sizeof(float));
}


uint64_t
recs_model_logistic_size(const recs_model_t *m)
{
    return m->logistic == NULL ? 0
           : m->logistic->n_features * sizeof(recs_logistic_numeric_t)
             + (((uint64_t) 1 << m->logistic->bits) + m->items.n)
               * sizeof(float);
}


recs_status_t
recs_model_put_logistic(recs_writing_t *w, recs_error_t *err)
{
    recs_status_t           rc;
    const recs_logistic_t  *l;

    l = w->model->logistic;

    if (l == NULL) {
        return RECS_OK;
    }

    if ((rc = recs_bundle_writer_table(w->writer, RECS_TABLE_LOGISTIC_NUMERIC,
                                       l->n_features,
                                       sizeof(recs_logistic_numeric_t),
                                       recs_model_fill_logistic_numeric, w,
                                       err))
        != RECS_OK
        || (rc = recs_bundle_writer_table(w->writer,
                                          RECS_TABLE_LOGISTIC_WEIGHTS,
                                          (uint64_t) 1 << l->bits,
                                          sizeof(float),
                                          recs_model_fill_logistic_weight, w,
                                          err))
           != RECS_OK)
    {
        return rc;
    }

    return recs_bundle_writer_table(w->writer, RECS_TABLE_LOGISTIC_ITEMS,
                                    w->model->items.n, sizeof(float),
                                    recs_model_fill_logistic_item, w, err);
}
