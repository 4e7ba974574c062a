#include "recs_evaluate.h"

#include <math.h>


uint32_t
recs_figures_n(uint32_t n_at)
{
    return 1 + n_at * (RECS_QUALITY_COUNT + 2);
}


double *
recs_figures_at(recs_figures_t *figures, uint32_t i)
{
    uint32_t         q;
    recs_metrics_t  *m;

    if (i == 0) {
        return &figures->auc;
    }

    m = &figures->at[(i - 1) / (RECS_QUALITY_COUNT + 2)];
    q = (i - 1) % (RECS_QUALITY_COUNT + 2);

    return q < RECS_QUALITY_COUNT ? &m->values[q]
           : q == RECS_QUALITY_COUNT ? &m->coverage : &m->gini;
}


/* One figure of one part, over the folds. */

static void
recs_evaluate_fold(recs_evaluation_t *folds, uint32_t n, recs_part_t part,
    int popular, uint32_t figure, recs_evaluation_t *mean,
    recs_evaluation_t *error)
{
    double                   sum, squares, x;
    uint32_t                 i;
    recs_evaluation_part_t  *p;

    sum = 0;
    squares = 0;

    for (i = 0; i < n; i++) {
        p = &folds[i].parts[part];
        sum += *recs_figures_at(popular ? &p->popular : &p->model, figure);
    }

    for (i = 0; i < n; i++) {
        p = &folds[i].parts[part];
        x = *recs_figures_at(popular ? &p->popular : &p->model, figure);
        squares += (x - sum / n) * (x - sum / n);
    }

    p = &mean->parts[part];
    *recs_figures_at(popular ? &p->popular : &p->model, figure) = sum / n;

    p = &error->parts[part];
    *recs_figures_at(popular ? &p->popular : &p->model, figure) =
        sqrt(squares / (n - 1.0) / n);
}


void
recs_evaluate_folds(recs_evaluation_t *folds, uint32_t n,
    recs_evaluation_t *mean, recs_evaluation_t *error)
{
    uint32_t     i, figure;
    recs_part_t  part;

    *mean = folds[0];
    *error = folds[0];

    for (part = RECS_PART_ALL; part < RECS_PART_COUNT; part++) {
        for (figure = 0; figure < recs_figures_n(mean->n_at); figure++) {
            recs_evaluate_fold(folds, n, part, 0, figure, mean, error);
            recs_evaluate_fold(folds, n, part, 1, figure, mean, error);
        }
    }

    for (i = 1; i < n; i++) {
        mean->n_unknown_users += folds[i].n_unknown_users;

        for (part = RECS_PART_ALL; part < RECS_PART_COUNT; part++) {
            mean->parts[part].n_users += folds[i].parts[part].n_users;
            mean->parts[part].n_test += folds[i].parts[part].n_test;
        }
    }
}
