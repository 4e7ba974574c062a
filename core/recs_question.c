#include "recs_question.h"

#include <stdlib.h>
#include <string.h>

#include "recs_bundle_format.h"
#include "recs_model.h"
#include "recs_text.h"


struct recs_question_s {
    const recs_bundle_view_t  *view;
    recs_text_t               *text;
    uint32_t                   word;      /* whose terms are known */
    uint32_t                   n_known;
    uint32_t                   known[RECS_LANGUAGE_COUNT];
};


recs_status_t
recs_question_require(const recs_bundle_view_t *view, recs_error_t *err)
{
    return view->terms.n_rows > 0
           ? RECS_OK
           : recs_error(err, RECS_NOT_FOUND, "the model knows no words, it "
                        "cannot answer questions: train \"content\"");
}


recs_status_t
recs_question_create(recs_question_t **question,
    const recs_bundle_view_t *view, recs_error_t *err)
{
    recs_status_t     status;
    recs_question_t  *q;

    if (view->terms.n_rows == 0) {
        *question = NULL;
        return RECS_OK;
    }

    q = calloc(1, sizeof(recs_question_t));
    if (q == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for questions");
    }

    q->view = view;

    status = recs_text_create(&q->text, RECS_QUESTION_BYTES_MAX,
                              view->languages, err);
    if (status != RECS_OK) {
        free(q);
        return status;
    }

    *question = q;

    return RECS_OK;
}


void
recs_question_destroy(recs_question_t *question)
{
    if (question != NULL) {
        recs_text_destroy(question->text);
        free(question);
    }
}


static uint32_t
recs_question_find(const recs_bundle_view_t *view, uint64_t hash)
{
    uint32_t                   low, high, middle;
    uint64_t                   found;
    const recs_hashed_term_t  *row;

    low = 0;
    high = (uint32_t) view->terms.n_rows;

    while (low < high) {
        middle = low + (high - low) / 2;
        row = recs_table_row(&view->terms, middle);
        found = recs_hashed_term_hash(row);

        if (found == hash) {
            return middle;
        }

        if (found < hash) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return RECS_TERM_NO;
}


/* The known terms of one word, which count as one. */
static void
recs_question_add(recs_question_t *q, float *vector)
{
    float                      weight;
    uint32_t                   i, f, term;
    const float               *row;
    const recs_bundle_view_t  *view;

    view = q->view;

    for (i = 0; i < q->n_known; i++) {
        term = q->known[i];
        row = recs_table_row(&view->term_factors, term);
        weight = view->term_weights[term] / (float) q->n_known;

        for (f = 0; f < view->stride; f++) {
            vector[f] += weight * row[f];
        }
    }

    q->n_known = 0;
}


static int
recs_question_normalise(const recs_bundle_view_t *view, float *vector)
{
    double    norm;
    uint32_t  f;

    norm = recs_row_norm(vector, view->n_factors);

    /* Shorter ones are what rounding leaves. */
    if (!(norm > 1e-12) || !(norm < RECS_NORM_MAX)) {
        memset(vector, 0, view->stride * sizeof(float));
        return 0;
    }

    for (f = 0; f < view->n_factors; f++) {
        vector[f] = (float) (vector[f] / norm);
    }

    return 1;
}


int
recs_question_vector(recs_question_t *q, recs_str_t text, float *vector)
{
    uint32_t     found;
    recs_term_t  term;

    memset(vector, 0, q->view->stride * sizeof(float));
    q->n_known = 0;
    q->word = 0;

    recs_text_start(q->text, text, q->view->languages);

    while (recs_text_next(q->text, &term)) {

        if (term.word != q->word) {
            recs_question_add(q, vector);
            q->word = term.word;
        }

        found = recs_question_find(q->view, term.hash);

        if (found != RECS_TERM_NO) {
            q->known[q->n_known++] = found;
        }
    }

    recs_question_add(q, vector);

    return recs_question_normalise(q->view, vector);
}


double
recs_question_share(const recs_bundle_view_t *view, float weight,
    const float *profile, double *of_profile)
{
    double  norm;

    norm = profile != NULL ? recs_row_norm(profile, view->n_factors) : 0;

    if (!(norm > 1e-12)) {
        *of_profile = 0;
        return 1;
    }

    *of_profile = (1.0 - weight) / norm;

    return weight;
}


void
recs_question_blend(const recs_bundle_view_t *view, float weight,
    const float *profile, float *vector)
{
    double    share, of_profile;
    uint32_t  f;

    share = recs_question_share(view, weight, profile, &of_profile);

    for (f = 0; f < view->n_factors && of_profile > 0; f++) {
        vector[f] = (float) (share * vector[f] + of_profile * profile[f]);
    }
}
