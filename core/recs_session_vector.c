#include "recs_session_vector.h"

#include <math.h>


#define RECS_SESSION_MEAN  2        /* items, at most, whose mean is taken */
#define RECS_SESSION_GAIN  9.0f


float
recs_session_weights(uint32_t half_life, uint32_t n, float *weights)
{
    float     sum, step, weight;
    uint32_t  i;

    step = half_life != 0 ? exp2f(-1.0f / (float) half_life) : 1;
    weight = 1;
    sum = 0;

    for (i = 0; i < n; i++) {
        weights[i] = weight;
        sum += weight;
        weight *= step;
    }

    return sum;
}


static void
recs_session_scale(float *vector, uint32_t stride, float factor)
{
    uint32_t  f;

    for (f = 0; f < stride; f++) {
        vector[f] *= factor;
    }
}


/* Moves vector, a session's that weighs as much as so many items, to x. */
static void
recs_session_join(const recs_bundle_view_t *view, const float *x, float sum,
    float *vector, recs_session_parts_t *parts)
{
    float                 prior, norm, of_x, to_x;
    uint32_t              f;
    const recs_kernel_t  *kernel;

    kernel = recs_kernel();
    of_x = sqrtf(kernel->dot(x, x, view->stride));
    norm = sqrtf(kernel->dot(vector, vector, view->stride));
    prior = view->session_prior / (view->session_prior + sum);
    to_x = norm > 0 ? (1 - prior) * of_x / norm : 0;

    for (f = 0; f < view->stride; f++) {
        vector[f] = prior * x[f] + to_x * vector[f];
    }

    parts->of_session *= to_x;
    parts->of_trained = prior;
}


void
recs_session_vector(recs_fold_in_t *f, const recs_session_vector_t *session,
    float *vector, recs_session_parts_t *parts)
{
    float                      sum, weights[RECS_FOLD_IN_ITEMS_MAX];
    uint32_t                   n;
    const float               *w;
    recs_session_parts_t       made;
    const recs_bundle_view_t  *view;

    view = recs_fold_in_view(f);
    n = session->n < RECS_FOLD_IN_ITEMS_MAX ? session->n
                                            : RECS_FOLD_IN_ITEMS_MAX;
    w = NULL;
    sum = (float) n;

    if (session->half_life != 0) {
        sum = recs_session_weights(session->half_life, n, weights);
        w = weights;
    }

    made.folded_in = n > RECS_SESSION_MEAN && view->gram != NULL;
    made.of_session = 1;
    made.of_trained = 0;

    if (!made.folded_in) {
        recs_fold_in_mean(view, session->items, w, n, vector);

    } else {
        recs_fold_in(f, session->items, w, n, vector);

        if (view->neighbor_id_size != 0) {
            made.of_session = 1 + RECS_SESSION_GAIN / (float) (n * n);
            recs_session_scale(vector, view->stride, made.of_session);
        }
    }

    if (session->trained != NULL) {
        recs_session_join(view, session->trained, sum, vector, &made);
    }

    if (parts != NULL) {
        *parts = made;
    }
}
