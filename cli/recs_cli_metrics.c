#include "recs_cli_metrics.h"

#include <math.h>
#include <stdio.h>

#include "recs_stats_dist.h"


#define RECS_CLI_METRICS_TAIL  0.025
#define RECS_CLI_METRICS_MAIN  20


static double
recs_cli_figure(const recs_figures_t *figures, uint32_t i)
{
    recs_figures_t  copy;

    copy = *figures;

    return *recs_figures_at(&copy, i);
}


const char *
recs_cli_figure_kind(uint32_t i)
{
    uint32_t  q;

    q = i == 0 ? 0 : (i - 1) % (RECS_QUALITY_COUNT + 2);

    return i == 0 ? "auc"
           : q < RECS_QUALITY_COUNT ? recs_quality_name((recs_quality_t) q)
           : q == RECS_QUALITY_COUNT ? "coverage" : "gini";
}


void
recs_cli_figure_name(char *name, const recs_evaluation_t *evaluation,
    uint32_t i)
{
    uint32_t  a;

    a = i == 0 ? 0 : (i - 1) / (RECS_QUALITY_COUNT + 2);

    if (i == 0) {
        snprintf(name, RECS_CLI_FIGURE_NAME, "%s", recs_cli_figure_kind(i));

    } else {
        snprintf(name, RECS_CLI_FIGURE_NAME, "%s_at_%u",
                 recs_cli_figure_kind(i),
                 evaluation->parts[RECS_PART_ALL].model.at[a].k);
    }
}


uint32_t
recs_cli_main_cutoff(const recs_evaluation_t *evaluation)
{
    uint32_t  a;

    for (a = 0; a < evaluation->n_at; a++) {
        if (evaluation->parts[RECS_PART_ALL].model.at[a].k
            == RECS_CLI_METRICS_MAIN)
        {
            return a;
        }
    }

    return 0;
}


static json_t *
recs_cli_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}


static void
recs_cli_metrics_set(json_t *object, const recs_evaluation_t *evaluation,
    const recs_figures_t *figures)
{
    char      name[RECS_CLI_FIGURE_NAME];
    uint32_t  i;

    for (i = 0; i < recs_figures_n(evaluation->n_at); i++) {
        recs_cli_figure_name(name, evaluation, i);
        json_object_set_new(object, name,
                            recs_cli_number(recs_cli_figure(figures, i)));
    }
}


static json_t *
recs_cli_metrics_parts(const recs_evaluation_t *evaluation)
{
    json_t                        *parts, *part, *model, *popular;
    recs_part_t                    i;
    const recs_evaluation_part_t  *p;

    parts = json_object();

    for (i = RECS_PART_ALL + 1; i < RECS_PART_COUNT; i++) {
        p = &evaluation->parts[i];
        model = json_object();
        popular = json_object();
        recs_cli_metrics_set(model, evaluation, &p->model);
        recs_cli_metrics_set(popular, evaluation, &p->popular);

        part = json_pack("{s:I, s:I, s:o, s:o}",
                         "users", (json_int_t) p->n_users,
                         "test_interactions", (json_int_t) p->n_test,
                         "model", model, "popular", popular);
        json_object_set_new(parts, recs_part_name(i), part);
    }

    return parts;
}


static json_t *
recs_cli_probability(const recs_probability_t *p)
{
    json_t                        *bins;
    uint32_t                       i;
    const recs_probability_bin_t  *bin;

    bins = json_array();

    for (i = 0; i < RECS_PROBABILITY_BINS; i++) {
        bin = &p->bins[i];
        json_array_append_new(bins, json_pack("{s:I, s:f, s:f}",
                                              "n", (json_int_t) bin->n,
                                              "mean", bin->mean,
                                              "share", bin->share));
    }

    return json_pack("{s:I, s:f, s:f, s:f, s:f, s:o, s:f, s:o}",
                     "n", (json_int_t) p->n, "log_loss", p->log_loss,
                     "base", p->base, "brier", p->brier,
                     "accuracy", p->accuracy, "auc", recs_cli_number(p->auc),
                     "calibration", p->calibration, "bins", bins);
}


json_t *
recs_cli_metrics(const recs_evaluation_t *evaluation)
{
    json_t                        *object, *popular;
    const recs_evaluation_part_t  *all;

    all = &evaluation->parts[RECS_PART_ALL];

    object = json_pack("{s:I, s:I, s:I}",
                       "users", (json_int_t) all->n_users,
                       "unknown_users",
                       (json_int_t) evaluation->n_unknown_users,
                       "test_interactions", (json_int_t) all->n_test);

    recs_cli_metrics_set(object, evaluation, &all->model);

    popular = json_object();
    recs_cli_metrics_set(popular, evaluation, &all->popular);
    json_object_set_new(object, "popular", popular);

    json_object_set_new(object, "history_popularity",
                        recs_cli_number(evaluation->history_popularity));
    json_object_set_new(object, "light_to",
                        json_integer(evaluation->light_to));
    json_object_set_new(object, "heavy_from",
                        json_integer(evaluation->heavy_from));
    json_object_set_new(object, "parts", recs_cli_metrics_parts(evaluation));

    if (evaluation->probability.n > 0) {
        json_object_set_new(object, "probability",
                            recs_cli_probability(&evaluation->probability));
    }

    return object;
}


json_t *
recs_cli_metrics_interval(const recs_evaluation_t *mean,
    const recs_evaluation_t *error, uint32_t n_folds)
{
    char       name[RECS_CLI_FIGURE_NAME];
    double     value, half;
    json_t    *object;
    uint32_t   i;

    object = json_object();

    for (i = 0; i < recs_figures_n(mean->n_at); i++) {
        value = recs_cli_figure(&mean->parts[RECS_PART_ALL].model, i);
        half = recs_t_critical(RECS_CLI_METRICS_TAIL, n_folds - 1)
               * recs_cli_figure(&error->parts[RECS_PART_ALL].model, i);

        recs_cli_figure_name(name, mean, i);
        json_object_set_new(object, name,
                            json_pack("[o, o]", recs_cli_number(value - half),
                                      recs_cli_number(value + half)));
    }

    return object;
}


static void
recs_cli_put_value(double value)
{
    if (isfinite(value)) {
        printf(" %8.4f", value);

    } else {
        printf(" %8s", "-");
    }
}


/* A line of one metric at all cut-offs: the model's, +-, the popular ones. */

static void
recs_cli_put_metric(const recs_evaluation_t *evaluation,
    const recs_evaluation_t *error, uint32_t n_folds, uint32_t first,
    uint32_t step, uint32_t n)
{
    uint32_t                       a;
    const recs_evaluation_part_t  *all;

    all = &evaluation->parts[RECS_PART_ALL];

    printf("%-10s", recs_cli_figure_kind(first));

    for (a = 0; a < n; a++) {
        recs_cli_put_value(recs_cli_figure(&all->model, first + a * step));
    }

    for (a = n; a < evaluation->n_at; a++) {
        printf(" %8s", "");
    }

    for (a = 0; a < n && error != NULL; a++) {
        recs_cli_put_value(recs_t_critical(RECS_CLI_METRICS_TAIL, n_folds - 1)
                           * recs_cli_figure(
                                 &error->parts[RECS_PART_ALL].model,
                                 first + a * step));
    }

    for (a = n; a < evaluation->n_at && error != NULL; a++) {
        printf(" %8s", "");
    }

    printf(" |");

    for (a = 0; a < n; a++) {
        recs_cli_put_value(recs_cli_figure(&all->popular, first + a * step));
    }

    printf("\n");
}


static void
recs_cli_put_cutoffs(const recs_evaluation_t *evaluation, const char *before)
{
    char      text[16];
    uint32_t  a;

    for (a = 0; a < evaluation->n_at; a++) {
        snprintf(text, sizeof(text), "%s@%u", before,
                 evaluation->parts[RECS_PART_ALL].model.at[a].k);
        printf(" %8s", text);
    }
}


static void
recs_cli_put_probability(const recs_probability_t *p)
{
    if (p->n > 0) {
        printf("\nprobabilities of %u candidates: log loss %.4f (%.4f where "
               "all get the mean), AUC %.4f, accuracy %.4f, calibration error "
               "%.4f\n", p->n, p->log_loss, p->base, p->auc, p->accuracy,
               p->calibration);
    }
}


void
recs_cli_put_metrics(const recs_evaluation_t *evaluation,
    const recs_evaluation_t *error, uint32_t n_folds)
{
    uint32_t  q;

    printf("%-10s", "");
    recs_cli_put_cutoffs(evaluation, "");

    if (error != NULL) {
        recs_cli_put_cutoffs(evaluation, "+-");
    }

    printf(" |");
    recs_cli_put_cutoffs(evaluation, "");
    printf("  popular\n");

    for (q = 0; q < RECS_QUALITY_COUNT + 2; q++) {
        recs_cli_put_metric(evaluation, error, n_folds, 1 + q,
                            RECS_QUALITY_COUNT + 2, evaluation->n_at);
    }

    recs_cli_put_metric(evaluation, error, n_folds, 0, 0, 1);
    recs_cli_put_probability(&evaluation->probability);
}


void
recs_cli_put_parts(const recs_evaluation_t *evaluation)
{
    uint32_t                       a;
    recs_part_t                    i;
    const double                  *model, *popular;
    const recs_evaluation_part_t  *p;

    a = recs_cli_main_cutoff(evaluation);

    printf("\nat %u: light, at most %u training items; heavy, at least "
           "%u; new_items, met by at most %d\n%-10s %8s %8s %8s | %8s %8s  "
           "popular\n",
           evaluation->parts[RECS_PART_ALL].model.at[a].k,
           evaluation->light_to, evaluation->heavy_from,
           RECS_EVALUATE_NEW_ITEM, "", "users", "recall", "ndcg", "recall",
           "ndcg");

    for (i = RECS_PART_ALL; i < RECS_PART_COUNT; i++) {
        p = &evaluation->parts[i];

        if (p->n_users == 0) {
            continue;
        }

        model = p->model.at[a].values;
        popular = p->popular.at[a].values;
        printf("%-10s %8u", recs_part_name(i), p->n_users);
        recs_cli_put_value(model[RECS_QUALITY_RECALL]);
        recs_cli_put_value(model[RECS_QUALITY_NDCG]);
        printf(" |");
        recs_cli_put_value(popular[RECS_QUALITY_RECALL]);
        recs_cli_put_value(popular[RECS_QUALITY_NDCG]);
        printf("\n");
    }
}
