#include "recs_cmd_evaluate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "recs_cli_metrics.h"


static recs_status_t recs_cmd_evaluate_pair(const recs_cmd_evaluate_t *e,
    recs_comparison_t *comparison, recs_error_t *err);


static const recs_quality_t  recs_compared[] = {
#define RECS_COMPARED_QUALITY(name)  RECS_QUALITY_##name,
    RECS_COMPARED_MAP(RECS_COMPARED_QUALITY)
#undef RECS_COMPARED_QUALITY
};


uint32_t
recs_compared_figure(const recs_evaluation_t *evaluation,
    recs_compared_t compared)
{
    return compared == RECS_COMPARED_AUC
           ? 0
           : 1 + recs_cli_main_cutoff(evaluation) * (RECS_QUALITY_COUNT + 2)
             + recs_compared[compared];
}


/* The column of a user's row. */

static uint32_t
recs_compared_column(const recs_cmd_evaluate_t *e, recs_compared_t compared)
{
    const recs_evaluation_t  *evaluation;

    evaluation = &e->contenders[0].evaluation;

    return compared == RECS_COMPARED_AUC
           ? e->n_at * RECS_QUALITY_COUNT
           : recs_cli_main_cutoff(evaluation) * RECS_QUALITY_COUNT
             + recs_compared[compared];
}


int
recs_cmd_evaluate_compare(recs_cmd_evaluate_t *e)
{
    uint32_t            i;
    recs_error_t        err;
    recs_comparison_t  *c;

    if (!e->compares) {
        return RECS_EXIT_OK;
    }

    e->comparisons = calloc(e->n_contenders, sizeof(recs_comparison_t));
    if (e->comparisons == NULL) {
        return recs_no_memory(e->args);
    }

    e->n_comparisons = e->n_contenders;
    e->alpha = RECS_CMD_EVALUATE_ALPHA / e->n_comparisons;

    for (i = 0; i < e->n_comparisons; i++) {
        c = &e->comparisons[i];
        c->model = &e->contenders[i];
        c->against = i > 0 ? &e->contenders[0] : NULL;

        if (recs_cmd_evaluate_pair(e, c, &err) != RECS_OK) {
            return recs_failure(e->args, &err);
        }
    }

    return RECS_EXIT_OK;
}


/* Users that both know, in rising order on both sides. */

static recs_status_t
recs_cmd_evaluate_pair(const recs_cmd_evaluate_t *e, recs_comparison_t *c,
    recs_error_t *err)
{
    double                         *differences, now, before;
    uint32_t                        i, j, n, column;
    recs_status_t                   status;
    recs_compared_t                 m;
    const double                   *rows;
    const recs_evaluation_rows_t   *a, *b;
    recs_stats_bootstrap_params_t   params;

    a = &c->model->rows;
    b = c->against != NULL ? &c->against->rows : a;
    rows = c->against != NULL ? b->model : b->popular;

    differences = malloc(((size_t) a->n_users + 1) * RECS_COMPARED_COUNT
                         * sizeof(double));
    if (differences == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    n = 0;
    j = 0;

    for (i = 0; i < a->n_users; i++) {
        while (j < b->n_users && b->users[j] < a->users[i]) {
            j++;
        }

        if (j == b->n_users || b->users[j] != a->users[i]) {
            continue;
        }

        for (m = RECS_COMPARED_NDCG; m < RECS_COMPARED_COUNT; m++) {
            column = recs_compared_column(e, m);
            now = a->model[(size_t) i * a->width + column];
            before = rows[(size_t) j * b->width + column];
            c->before[m] += before;
            differences[(size_t) n * RECS_COMPARED_COUNT + m] = now - before;
        }

        n++;
    }

    for (m = RECS_COMPARED_NDCG; m < RECS_COMPARED_COUNT; m++) {
        c->before[m] /= n;
    }

    c->n_users = n;
    params.n_resamples = RECS_STATS_RESAMPLES;
    params.seed = e->split.seed;
    params.alpha = e->alpha;

    status = recs_stats_bootstrap(differences, n, RECS_COMPARED_COUNT,
                                  &params, c->differences, err);
    free(differences);

    return status;
}


int
recs_cmd_evaluate_verdict(const recs_comparison_t *comparison)
{
    const recs_stats_bootstrap_t  *d;

    d = &comparison->differences[RECS_COMPARED_NDCG];

    return d->lo > 0 ? 1 : d->hi < 0 ? -1 : 0;
}


void
recs_cmd_evaluate_words(const recs_comparison_t *c, char *text)
{
    int                            n, verdict;
    double                         before;
    uint32_t                       a;
    const char                    *against;
    const recs_stats_bootstrap_t  *d;

    d = &c->differences[RECS_COMPARED_NDCG];
    before = c->before[RECS_COMPARED_NDCG];
    against = c->against != NULL ? c->against->name : "its popular rung";
    verdict = recs_cmd_evaluate_verdict(c);
    a = recs_cli_main_cutoff(&c->model->evaluation);

    if (!isfinite(before)) {
        snprintf(text, RECS_CMD_EVALUATE_WORDS, "%.160s does not know what is "
                 "popular: it is compared with nothing", c->model->name);
        return;
    }

    n = snprintf(text, RECS_CMD_EVALUATE_WORDS,
                 verdict == 0 ? "%.160s is not shown to rank better or worse "
                                "than %.160s: "
                 : verdict > 0 ? "%.160s ranks better than %.160s: "
                 : "%.160s ranks worse than %.160s: ",
                 c->model->name, against);

    n += snprintf(text + n, RECS_CMD_EVALUATE_WORDS - (size_t) n,
                  "NDCG@%u %.4f instead of %.4f, %+.4f (%+.4f to %+.4f)",
                  c->model->evaluation.parts[RECS_PART_ALL].model.at[a].k,
                  before + d->estimate, before, d->estimate, d->lo, d->hi);

    if (before > 0) {
        snprintf(text + n, RECS_CMD_EVALUATE_WORDS - (size_t) n,
                 ", %+.1f %%", 100 * d->estimate / before);
    }
}
