#include "recs_cmd_evaluate.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "recs_cli_metrics.h"


static json_t *
recs_cmd_evaluate_one_json(const recs_cmd_evaluate_t *e,
    const recs_contender_t *c)
{
    json_t  *object;

    object = recs_cli_metrics(&c->evaluation);

    if (e->n_folds > 0) {
        json_object_set_new(object, "folds", json_integer(e->n_folds));
        json_object_set_new(object, "interval",
                            recs_cli_metrics_interval(&c->evaluation,
                                                      &c->error,
                                                      e->n_folds));
    }

    if (e->hidden > 0) {
        json_object_set_new(object, "trained", recs_cli_metrics(&c->trained));
    }

    return object;
}


static void
recs_cmd_evaluate_one_text(const recs_cmd_evaluate_t *e)
{
    const recs_contender_t        *c;
    const recs_evaluation_part_t  *all;

    c = &e->contenders[0];
    all = &c->evaluation.parts[RECS_PART_ALL];

    printf("%u %susers, %llu test interactions", all->n_users,
           e->hidden > 0 ? "hidden " : "", (unsigned long long) all->n_test);

    if (c->evaluation.n_unknown_users > 0) {
        printf(", %u users unknown to the model left out",
               c->evaluation.n_unknown_users);
    }

    if (e->n_folds > 0) {
        printf(", mean of %u folds", e->n_folds);
    }

    printf("\n");
    recs_cli_put_metrics(&c->evaluation, e->n_folds > 0 ? &c->error : NULL,
                         e->n_folds);
    recs_cli_put_parts(&c->evaluation);

    if (e->hidden > 0) {
        printf("%u of them when trained\n",
               c->trained.parts[RECS_PART_ALL].n_users);
        recs_cli_put_metrics(&c->trained, NULL, 0);
    }
}


static json_t *
recs_cmd_evaluate_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}


static json_t *
recs_cmd_evaluate_comparison_json(const recs_comparison_t *c)
{
    char                           name[RECS_CLI_FIGURE_NAME];
    json_t                        *object;
    recs_compared_t                i;
    const recs_stats_bootstrap_t  *d;

    static const char *const  verdicts[] = { "worse", "open", "better" };

    object = json_pack("{s:s, s:s, s:I, s:s}", "model", c->model->name,
                       "against", c->against != NULL ? c->against->name
                                                     : "popular",
                       "users", (json_int_t) c->n_users, "verdict",
                       verdicts[recs_cmd_evaluate_verdict(c) + 1]);

    for (i = RECS_COMPARED_NDCG; i < RECS_COMPARED_COUNT; i++) {
        d = &c->differences[i];
        recs_cli_figure_name(name, &c->model->evaluation,
                             recs_compared_figure(&c->model->evaluation, i));
        json_object_set_new(object, name,
                            json_pack("{s:o, s:o, s:o}", "difference",
                                      recs_cmd_evaluate_number(d->estimate),
                                      "lo", recs_cmd_evaluate_number(d->lo),
                                      "hi", recs_cmd_evaluate_number(d->hi)));
    }

    return object;
}


void
recs_cmd_evaluate_json(const recs_cmd_evaluate_t *e)
{
    json_t    *object, *model, *models, *comparisons;
    uint32_t   i;

    if (e->n_contenders == 1) {
        object = recs_cmd_evaluate_one_json(e, &e->contenders[0]);

    } else {
        models = json_array();
        comparisons = json_array();

        for (i = 0; i < e->n_contenders; i++) {
            model = recs_cmd_evaluate_one_json(e, &e->contenders[i]);
            json_object_set_new(model, "model",
                                json_string(e->contenders[i].name));
            json_array_append_new(models, model);
        }

        for (i = 0; i < e->n_comparisons; i++) {
            json_array_append_new(comparisons,
                                  recs_cmd_evaluate_comparison_json(
                                      &e->comparisons[i]));
        }

        object = json_pack("{s:f, s:i, s:I, s:o, s:o}", "alpha", e->alpha,
                           "resamples", RECS_STATS_RESAMPLES, "seed",
                           (json_int_t) e->split.seed, "models", models,
                           "comparisons", comparisons);
    }

    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(object);
}


static void
recs_cmd_evaluate_row(const char *name, uint32_t users,
    const recs_figures_t *figures, uint32_t a)
{
    uint32_t               i;
    const recs_metrics_t  *m;

    m = &figures->at[a];

    const double  values[] = {
        m->values[RECS_QUALITY_RECALL], m->values[RECS_QUALITY_NDCG],
        m->values[RECS_QUALITY_MAP], m->values[RECS_QUALITY_MRR],
        m->values[RECS_QUALITY_HIT_RATE], figures->auc, m->coverage,
        m->values[RECS_QUALITY_NOVELTY], m->values[RECS_QUALITY_POPULARITY],
        m->gini
    };

    printf("%-24s %7u", name, users);

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (isfinite(values[i])) {
            printf(" %8.4f", values[i]);

        } else {
            printf(" %8s", "-");
        }
    }

    printf("\n");
}


void
recs_cmd_evaluate_text(const recs_cmd_evaluate_t *e)
{
    char                           words[RECS_CMD_EVALUATE_WORDS];
    uint32_t                       i, a;
    const recs_evaluation_part_t  *all;

    if (e->n_contenders == 1) {
        recs_cmd_evaluate_one_text(e);
        return;
    }

    a = recs_cli_main_cutoff(&e->contenders[0].evaluation);
    all = &e->contenders[0].evaluation.parts[RECS_PART_ALL];

    printf("at %-21u %7s %8s %8s %8s %8s %8s %8s %8s %8s %8s %8s\n",
           all->model.at[a].k, "users", "recall", "ndcg", "map", "mrr",
           "hit_rate", "auc", "coverage", "novelty", "popular.", "gini");

    recs_cmd_evaluate_row("popular rung of the 1st", all->n_users,
                          &all->popular, a);

    for (i = 0; i < e->n_contenders; i++) {
        all = &e->contenders[i].evaluation.parts[RECS_PART_ALL];
        recs_cmd_evaluate_row(e->contenders[i].name, all->n_users,
                              &all->model, a);
    }

    printf("\n");

    for (i = 0; i < e->n_comparisons; i++) {
        recs_cmd_evaluate_words(&e->comparisons[i], words);
        printf("%s\n", words);
    }

    printf("Intervals of %.4g %% each, %g %% together: paired bootstrap over "
           "users, %d resamples, BCa.\n", 100 * (1 - e->alpha),
           100 * (1 - RECS_CMD_EVALUATE_ALPHA), RECS_STATS_RESAMPLES);
}
