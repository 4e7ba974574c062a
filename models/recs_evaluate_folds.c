#include "recs_evaluate.h"

#include <math.h>
#include <string.h>


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


/* Every fold's share of the candidates; the AUC is the mean of theirs. */

static void
recs_evaluate_fold_chances(const recs_evaluation_t *folds, uint32_t n,
    recs_probability_t *mean)
{
    double                         share, part;
    uint32_t                       i, b;
    uint64_t                       all, in_bin;
    const recs_probability_t      *p;
    const recs_probability_bin_t  *bin;

    for (i = 0, all = 0; i < n; i++) {
        all += folds[i].probability.n;
    }

    memset(mean, 0, sizeof(recs_probability_t));
    mean->n = all < UINT32_MAX ? (uint32_t) all : UINT32_MAX;

    for (i = 0; i < n && all > 0; i++) {
        p = &folds[i].probability;
        share = (double) p->n / (double) all;
        mean->log_loss += share * p->log_loss;
        mean->base += share * p->base;
        mean->brier += share * p->brier;
        mean->accuracy += share * p->accuracy;
        mean->auc += p->auc / n;
        mean->calibration += share * p->calibration;

        for (b = 0; b < RECS_PROBABILITY_BINS; b++) {
            bin = &p->bins[b];
            in_bin = (uint64_t) mean->bins[b].n + bin->n;

            if (bin->n > 0 && in_bin <= UINT32_MAX) {
                part = (double) bin->n / (double) in_bin;
                mean->bins[b].mean += part * (bin->mean - mean->bins[b].mean);
                mean->bins[b].share += part
                                       * (bin->share - mean->bins[b].share);
                mean->bins[b].n = (uint32_t) in_bin;
            }
        }
    }
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

    recs_evaluate_fold_chances(folds, n, &mean->probability);
    memset(&error->probability, 0, sizeof(recs_probability_t));

    for (i = 1; i < n; i++) {
        mean->n_unknown_users += folds[i].n_unknown_users;

        for (part = RECS_PART_ALL; part < RECS_PART_COUNT; part++) {
            mean->parts[part].n_users += folds[i].parts[part].n_users;
            mean->parts[part].n_test += folds[i].parts[part].n_test;
        }
    }
}
