#include "recs_rank_mlp.h"

#include <math.h>

#include "recs_kernel.h"
#include "recs_model.h"


/* Rows are fetched that many candidates ahead. */
#define RECS_MLP_AHEAD  8


const char *
recs_mlp_check(const recs_mlp_output_t *o)
{
    uint32_t  h;

    if (o->n_hidden == 0 || o->n_hidden > RECS_MLP_HIDDEN_MAX
        || o->n_hidden % RECS_MLP_LANES != 0)
    {
        return "a number of hidden units that cannot be";
    }

    for (h = 0; h < o->n_hidden; h++) {
        if (!(fabsf(o->weights[h]) <= RECS_MLP_WEIGHT_MAX)) {
            return "a weight is not finite";
        }
    }

    if (!(fabsf(o->retrieved_weight) <= RECS_MLP_WEIGHT_MAX)
        || !(fabsf(o->bias) <= RECS_MLP_WEIGHT_MAX))
    {
        return "a weight is not finite";
    }

    return NULL;
}


/* So many at once that the compiler makes vectors of them. */
static inline void
recs_mlp_add(int32_t *restrict sums, const int16_t *restrict row)
{
    uint32_t  h;

    for (h = 0; h < RECS_MLP_LANES; h++) {
        sums[h] += row[h];
    }
}


void
recs_mlp_past(const recs_bundle_view_t *view,
    const recs_rank_visitor_t *visitor, float *past)
{
    float           prior, weight;
    int32_t         sums[RECS_MLP_HIDDEN_MAX];
    uint32_t        i, h, n, n_hidden;
    const int16_t  *row, *user;

    n_hidden = view->mlp.n_hidden;

    for (h = 0; h < n_hidden; h++) {
        sums[h] = 0;
    }

    for (i = 0, n = 0; i < visitor->n_recent && n < RECS_HISTORY_MAX; i++) {
        if (visitor->recent[i] >= view->n_items) {
            continue;
        }

        row = recs_table_row(&view->mlp_pasts, visitor->recent[i]);
        n++;

        for (h = 0; h < n_hidden; h += RECS_MLP_LANES) {
            recs_mlp_add(sums + h, row + h);
        }
    }

    user = visitor->user < view->n_users
           ? recs_table_row(&view->mlp_users, visitor->user) : NULL;
    prior = user != NULL ? view->session_prior : 0.0f;
    weight = prior + (float) n;
    weight = weight > 0.0f ? weight : 1.0f;

    for (h = 0; h < n_hidden; h++) {
        past[h] = (user != NULL ? prior * (float) user[h] : 0.0f)
                  + (float) sums[h];
        past[h] /= weight;
    }
}


static void
recs_mlp_fetch(const recs_bundle_view_t *view, uint32_t item)
{
    uint32_t     byte;
    const char  *row;

    row = recs_table_row(&view->mlp_candidates, item);

    for (byte = 0; byte < view->mlp_candidates.row_size; byte += 64) {
        __builtin_prefetch(row + byte);
    }
}


void
recs_mlp_score(const recs_bundle_view_t *view, const float *past,
    const uint32_t *items, const float *retrieved, uint32_t n, float *scores)
{
    float                     score;
    uint32_t                  i;
    const recs_kernel_t      *kernel;
    const recs_mlp_output_t  *output;

    kernel = recs_kernel();
    output = &view->mlp;

    for (i = 0; i < n && i < RECS_MLP_AHEAD; i++) {
        recs_mlp_fetch(view, items[i]);
    }

    for (i = 0; i < n; i++) {
        if (i + RECS_MLP_AHEAD < n) {
            recs_mlp_fetch(view, items[i + RECS_MLP_AHEAD]);
        }

        score = output->bias + output->retrieved_weight * retrieved[i];
        scores[i] = score
                    + kernel->rectified(past,
                                        recs_table_row(&view->mlp_candidates,
                                                       items[i]),
                                        output->weights, output->n_hidden);
    }
}
