#include "recs_cli_metrics.h"

#include <stdio.h>


static void
recs_cli_metrics_set(json_t *object, const char *name, uint32_t k,
    double value)
{
    char  key[64];

    snprintf(key, sizeof(key), "%s_at_%u", name, k);
    json_object_set_new(object, key, json_real(value));
}


json_t *
recs_cli_metrics(const recs_evaluation_t *evaluation)
{
    json_t                *object;
    uint32_t               i;
    const recs_metrics_t  *m;

    object = json_pack("{s:I, s:I, s:I}",
                       "users", (json_int_t) evaluation->n_users,
                       "unknown_users",
                       (json_int_t) evaluation->n_unknown_users,
                       "test_interactions", (json_int_t) evaluation->n_test);

    for (i = 0; i < evaluation->n_at; i++) {
        m = &evaluation->at[i];
        recs_cli_metrics_set(object, "recall", m->k, m->recall);
        recs_cli_metrics_set(object, "ndcg", m->k, m->ndcg);
        recs_cli_metrics_set(object, "precision", m->k, m->precision);
        recs_cli_metrics_set(object, "f1", m->k, m->f1);
        recs_cli_metrics_set(object, "recall_min", m->k, m->recall_min);
        recs_cli_metrics_set(object, "hit_rate", m->k, m->hit_rate);
        recs_cli_metrics_set(object, "coverage", m->k, m->coverage);
    }

    return object;
}


void
recs_cli_put_metrics(const recs_evaluation_t *evaluation)
{
    uint32_t               i;
    const recs_metrics_t  *m;

    printf("%5s %8s %8s %9s %8s %10s %8s %8s\n", "k", "recall", "ndcg",
           "precision", "f1", "recall_min", "hit_rate", "coverage");

    for (i = 0; i < evaluation->n_at; i++) {
        m = &evaluation->at[i];
        printf("%5u %8.4f %8.4f %9.4f %8.4f %10.4f %8.4f %8.4f\n", m->k,
               m->recall, m->ndcg, m->precision, m->f1, m->recall_min,
               m->hit_rate, m->coverage);
    }
}
