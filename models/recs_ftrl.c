#include "recs_ftrl.h"

#include <math.h>
#include <stdlib.h>


typedef struct {
    double              z;
    double              n;
} recs_ftrl_state_t;

struct recs_ftrl_s {
    recs_ftrl_params_t  params;
    uint32_t            n_features;
    recs_ftrl_state_t   features[];
};


recs_ftrl_t *
recs_ftrl_create(uint32_t n_features, const recs_ftrl_params_t *params)
{
    recs_ftrl_t  *ftrl;

    ftrl = calloc(1, sizeof(recs_ftrl_t)
                     + n_features * sizeof(recs_ftrl_state_t));
    if (ftrl == NULL) {
        return NULL;
    }

    ftrl->params = *params;
    ftrl->n_features = n_features;

    return ftrl;
}


void
recs_ftrl_destroy(recs_ftrl_t *ftrl)
{
    free(ftrl);
}


static double
recs_ftrl_weight(const recs_ftrl_t *ftrl, uint32_t feature)
{
    double                    l1, l2;
    const recs_ftrl_state_t  *s;

    s = &ftrl->features[feature];
    l1 = feature == 0 ? 0 : ftrl->params.l1;
    l2 = feature == 0 ? 0 : ftrl->params.l2;

    if (fabs(s->z) <= l1) {
        return 0;
    }

    return (copysign(l1, s->z) - s->z)
           / ((ftrl->params.smoothing + sqrt(s->n))
              / ftrl->params.learning_rate + l2);
}


double
recs_ftrl_score(const recs_ftrl_t *ftrl, const recs_ftrl_term_t *terms,
    uint32_t n)
{
    double    score;
    uint32_t  i;

    score = recs_ftrl_weight(ftrl, 0);

    for (i = 0; i < n; i++) {
        score += recs_ftrl_weight(ftrl, terms[i].feature) * terms[i].value;
    }

    return score;
}


static void
recs_ftrl_update(recs_ftrl_t *ftrl, uint32_t feature, double gradient)
{
    double              sum, weight;
    recs_ftrl_state_t  *s;

    if (gradient == 0) {
        return;
    }

    s = &ftrl->features[feature];
    weight = recs_ftrl_weight(ftrl, feature);
    sum = s->n + gradient * gradient;

    s->z += gradient - (sqrt(sum) - sqrt(s->n)) / ftrl->params.learning_rate
                       * weight;
    s->n = sum;
}


double
recs_ftrl_learn(recs_ftrl_t *ftrl, const recs_ftrl_term_t *terms, uint32_t n,
    int label)
{
    double    error, score;
    uint32_t  i;

    score = recs_ftrl_score(ftrl, terms, n);
    error = 1 / (1 + exp(-score)) - label;

    recs_ftrl_update(ftrl, 0, error);

    for (i = 0; i < n; i++) {
        recs_ftrl_update(ftrl, terms[i].feature, error * terms[i].value);
    }

    return score;
}


void
recs_ftrl_weights(const recs_ftrl_t *ftrl, float *weights)
{
    uint32_t  i;

    for (i = 0; i < ftrl->n_features; i++) {
        weights[i] = (float) recs_ftrl_weight(ftrl, i);
    }
}
